#include "agent/api/words.h"

#include "agent/state/operation/operation_table.h"
#include "agent/state/values/cluster_state.h"

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
    {"AUTHORITY_CHANGED",
     "the {authority} CA or what is trusted beside it has changed"},
    {"AUTHORITY_RESEALED",
     "the key of the {authority} CA was sealed for {count} members"},
    {"CLUSTER_CREATED", "created on {member}"},
    {"CONFIG_DELETED", "{key} is at its default"},
    {"CONFIG_SET", "{key} = {value}"},
    {"DATABASES_ENDED", "the OVN databases ended with their last central"},
    {"DATABASE_CREATED", "{member} has made the {database} database"},
    {"DATABASE_JOINED", "{member} has joined the {database} database"},
    {"DATABASE_LEFT", "{member} has left the {database} database"},
    {"FEATURE_ACTIVATED", "every member supports {feature} at level {level}"},
    {"MEMBER_ADDED", "{member} ({address}) was admitted"},
    {"MEMBER_CERTIFICATE_RENEWED", "{member} has a new certificate"},
    {"MEMBER_JOINED", "{member} has joined"},
    {"MEMBER_LEAVING", "{member} is being removed"},
    {"MEMBER_PUT_OUT",
     "{member} is no part of the OVN databases any more; what it left in them "
     "is removed"},
    {"MEMBER_REMOVED", "{member} was removed"},
    {"MEMBER_TAKEN_BACK", "the join of {member} was taken back: {why}"},
    {"OPERATION_DONE", "{operation} is done"},
    {"OPERATION_FAILED", "{operation} failed: {error}"},
    {"OPERATION_FORCED", "{operation} does not wait any longer"},
    {"OPERATION_STARTED", "{operation} has begun"},
    {"RECOVERED",
     "{by} let {member} vote again without entries {first} to {last}, which "
     "may be lost ({action}): {statement}",
     "first"},
    {"RECOVERED",
     "{by} let {member} vote again; no entry may be lost ({action}): "
     "{statement}"},
    {"SERVICE_DISABLED", "{service} was disabled on {member}"},
    {"SERVICE_ENABLED", "{service} was enabled on {member}"},
    {"TOKEN_CREATED", "a join token for {member}"},
    {"TOKEN_LOCKED",
     "the join token for {member} is locked after {attempts} wrong attempts"},
    {"TOKEN_REPLACED",
     "an earlier join token for {member} is not valid any more"},
    {"TOKEN_REVOKED", "the join token for {member} was revoked"},
};

// What sentences say of arguments beside their values.
Arguments Completed(Arguments arguments) {
  for (auto& [name, value] : arguments) {
    if (name == "database") value = DatabaseTitle(value);
  }
  const std::string kind = ArgumentOf(arguments, "kind");
  if (!kind.empty()) {
    arguments.emplace_back("operation", OperationPhrase(kind, arguments));
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
