// SPDX-License-Identifier: Apache-2.0
#include "agent/api/words.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/v1/reason.pb.h"

namespace microovn::agent {
namespace {

struct Row {
  absl::string_view name;
  absl::string_view sentence;
  // Only when there is an argument of this name; empty: always.
  absl::string_view needs = "";
};

// The first row that fits counts.
constexpr Row kEvents[] = {
    {"AGENT_STARTED", "the agent of {member} was started"},
    {"AUTHORITY_CHANGED",
     "the {authority} CA or what is trusted beside it has changed"},
    {"AUTHORITY_RESEALED",
     "the key of the {authority} CA was sealed for the voters ({count})"},
    {"CA_DISTRIBUTED",
     "the successor of the {authority} CA is trusted beside it"},
    {"CA_RENEWAL_DUE",
     "the {authority} CA nears its end and is rotated by itself"},
    {"CA_REPLACED", "the new {authority} CA issues from now on"},
    {"CA_REQUESTED",
     "a key was made for a CA of yours to sign; the {authority} CA stays until "
     "its certificate comes"},
    {"CA_FORGOTTEN",
     "the last member that was set aside has followed the {authority} CA"},
    {"CA_RETIRED", "the old {authority} CA is trusted no more"},
    {"CA_ROTATION_DUE",
     "the {authority} CA is to be rotated, for the removed member {member} may "
     "know its key or hold its certificates"},
    {"CA_ROTATION_UNDONE", "the {authority} CA before the rotation issues"},

    {"CERTIFICATES_ISSUED", "{member} got new certificates for {service}"},
    {"CLUSTER_CREATED", "created on {member}"},
    {"CONFIG_DELETED", "{key} is back at its default"},
    {"CONFIG_SET", "{key} = {value}"},
    {"DAEMON_ENDED", "{unit} on {member} ended by itself"},
    {"DAEMON_RESTARTED", "{unit} on {member} was started again"},
    {"DATABASES_ENDED", "the OVN databases ended with their last central"},
    {"DATABASE_CREATED", "{member} has made the {database} database"},
    {"DATABASE_JOINED", "{member} has joined the {database} database"},
    {"DATABASE_LEFT", "{member} has left the {database} database"},
    {"DATABASE_RECOVERING",
     "the {database} database is made anew from the copy of {member}"},
    {"FEATURE_ACTIVATED", "every member supports {feature} at level {level}"},
    {"FINDING_CLEARED", "gone on {member}: {reason} ({summary})", "member"},
    {"FINDING_CLEARED", "gone: {reason} ({summary})"},
    {"FINDING_RAISED", "on {member}: {reason} ({summary})", "member"},
    {"FINDING_RAISED", "{reason} ({summary})"},
    {"LEADER_CHANGED", "{member} leads after {before} (term {term})", "before"},
    {"LEADER_CHANGED", "{member} leads (term {term})"},
    {"MEMBER_ADDED", "{member} ({address}) was admitted as a worker", "worker"},
    {"MEMBER_ADDED", "{member} ({address}) was admitted"},
    {"MEMBER_BACK", "{member} is heard again"},
    {"MEMBER_CERTIFICATE_RENEWED", "{member} has a new certificate"},
    {"MEMBER_DEMOTED", "{member} no longer votes and stands by"},
    {"MEMBER_ENCAP_IP_CHANGED",
     "the tunnels of {member} end at {address} instead of {before}"},
    {"MEMBER_JOINED", "{member} has joined"},
    {"MEMBER_LEAVING", "{member} is being removed"},
    {"MEMBER_LOST", "{member} is not heard any more"},
    {"MEMBER_PROMOTED", "{member} votes"},
    {"MEMBER_PUT_OUT",
     "{member} is out of the OVN databases, and what it left in them is "
     "removed"},
    {"MEMBER_REMOVED", "{member} was removed"},
    {"MEMBER_STANDS_BY", "{member} gets the log and does not vote"},
    {"MEMBER_TAKEN_BACK", "the join of {member} was taken back: {why}"},
    {"OPERATION_CANCELLED", "{operation} was cancelled"},
    {"OPERATION_DONE", "{operation} is done"},
    {"OPERATION_FAILED", "{operation} failed: {error}"},
    {"OPERATION_FORCED", "{operation} no longer waits"},
    {"OPERATION_STARTED", "{operation} has begun"},
    {"RECOVERED",
     "{by} made {member} the only voter, with the log up to entry {end}; what "
     "only others had is lost ({action}): {statement}",
     "end"},
    {"RECOVERED",
     "{by} let {member} vote again without entries {first} to {last}, which "
     "may be lost ({action}): {statement}",
     "first"},
    {"RECOVERED",
     "{by} let {member} vote again; no entry may be lost ({action}): "
     "{statement}"},
    {"SEALING_KEY_CHANGED",
     "{member} has a new sealing key; the keys of the CAs are sealed to it "
     "when it votes"},
    {"SERVICE_DISABLED", "{service} was disabled on {member}"},
    {"SERVICE_ENABLED", "{service} was enabled on {member}"},
    {"TOKEN_CREATED", "a join token for {member}, as a worker", "worker"},
    {"TOKEN_CREATED", "a join token for {member}"},
    {"TOKEN_LOCKED",
     "the join token for {member} is locked after {attempts} wrong attempts"},
    {"TOKEN_REPLACED", "an earlier join token for {member} is no longer valid"},
    {"TOKEN_REVOKED", "the join token for {member} was revoked"},
    {"USER_ADDED", "{user} got a certificate as {role}"},
    {"USER_REVOKED", "the certificate of {user} ({role}) was revoked"},
};

// As `microovn explain` begins; empty for what this version does not know.
std::string SummaryOf(const std::string& reason) {
  const auto* value =
      v1::Reason_descriptor()->FindValueByName(absl::StrCat("REASON_", reason));
  return value == nullptr ? ""
                          : value->options().GetExtension(v1::detail).summary();
}

// What sentences say of arguments beside their values.
Arguments Completed(Arguments arguments) {
  for (auto& [name, value] : arguments) {
    if (name == "database") value = DatabaseTitle(value);
  }
  const std::string kind = ArgumentOf(arguments, "kind");
  if (!kind.empty()) {
    arguments.emplace_back("operation", OperationPhrase(kind, arguments));
  }
  const std::string reason = ArgumentOf(arguments, "reason");
  if (!reason.empty()) {
    const std::string summary = SummaryOf(reason);
    arguments.emplace_back("summary", summary.empty() ? "unknown" : summary);
  }
  return arguments;
}

// The words of a step: those that need one of its arguments come first.
const StepWords* WordsOf(absl::string_view id, const Arguments& arguments) {
  const StepWords* found = nullptr;
  for (const OperationKind* kind : Operations().rows()) {
    for (const StepWords& words : kind->words) {
      if (words.id != id) continue;
      if (words.needs.empty()) {
        if (found == nullptr) found = &words;
      } else if (HasArgument(arguments, words.needs)) {
        return &words;
      }
    }
  }
  return found;
}

}  // namespace

std::vector<std::string> EventTypes() {
  std::set<std::string> types;
  for (const Row& row : kEvents) types.emplace(row.name);
  return {types.begin(), types.end()};
}

bool IsEventType(absl::string_view type) {
  return std::any_of(std::begin(kEvents), std::end(kEvents),
                     [type](const Row& row) { return row.name == type; });
}

std::string EventSentence(absl::string_view type, const Arguments& arguments) {
  for (const Row& row : kEvents) {
    if (row.name != type) continue;
    if (!row.needs.empty() && !HasArgument(arguments, row.needs)) continue;
    return Fill(row.sentence, Completed(arguments));
  }
  return Plain(type, Completed(arguments));
}

std::string StepSentence(absl::string_view id, const Arguments& arguments) {
  const StepWords* words = WordsOf(id, arguments);
  return words == nullptr ? Plain(id, arguments)
                          : Fill(words->sentence, arguments);
}

std::string OperationPhrase(absl::string_view kind,
                            const Arguments& arguments) {
  const OperationKind* known = Operations().FindByName(kind);
  return known == nullptr ? Plain(kind, arguments)
                          : Fill(known->phrase, arguments);
}

}  // namespace microovn::agent
