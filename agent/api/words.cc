#include "agent/api/words.h"

#include <cstddef>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/state/cluster_state.h"

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
    {"MEMBER_REMOVED", "{member} was removed"},
    {"MEMBER_TAKEN_BACK", "the join of {member} was taken back: {why}"},
    {"OPERATION_DONE", "{operation} is done"},
    {"OPERATION_FAILED", "{operation} failed: {error}"},
    {"OPERATION_FORCED", "{operation} does not wait any longer"},
    {"OPERATION_STARTED", "{operation} has begun"},
    {"SERVICE_DISABLED", "{service} was disabled on {member}"},
    {"SERVICE_ENABLED", "{service} was enabled on {member}"},
    {"TOKEN_CREATED", "a join token for {member}"},
    {"TOKEN_LOCKED",
     "the join token for {member} is locked after {attempts} wrong attempts"},
    {"TOKEN_REPLACED",
     "an earlier join token for {member} is not valid any more"},
    {"TOKEN_REVOKED", "the join token for {member} was revoked"},
};

constexpr Row kSteps[] = {
    {"delete-chassis", "delete the chassis of {member}"},
    {"forget-member", "remove {member} and refuse its certificate"},
    {"leave-databases", "take {member} out of the OVN databases"},
    {"leave-log", "take {member} out of the log"},
    {"start-services", "start {service} on {member}", "service"},
    {"stop-services", "stop {service} on {member}", "service"},
    {"stop-services", "stop the services of {member}"},
    {"update-members", "tell the other members where central is"},
};

constexpr Row kOperations[] = {
    {"disable-service", "disabling {service} on {member}"},
    {"enable-service", "enabling {service} on {member}"},
    {"remove-member", "the removal of {member}"},
};

std::vector<absl::string_view> Values(const ArgumentList& arguments,
                                      absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const internal::state::v1::Argument& argument : arguments) {
    if (argument.name() == name) values.push_back(argument.value());
  }
  return values;
}

std::string Joined(const ArgumentList& arguments, absl::string_view name) {
  if (name == "database") {
    return DatabaseTitle(absl::StrJoin(Values(arguments, name), ", "));
  }
  if (name == "operation") {
    return OperationPhrase(absl::StrJoin(Values(arguments, "kind"), ", "),
                           arguments);
  }
  return absl::StrJoin(Values(arguments, name), ", ");
}

std::string Fill(absl::string_view sentence, const ArgumentList& arguments) {
  std::string filled;
  while (!sentence.empty()) {
    const size_t open = sentence.find('{');
    absl::StrAppend(&filled, sentence.substr(0, open));
    if (open == absl::string_view::npos) break;
    const size_t close = sentence.find('}', open);
    absl::StrAppend(
        &filled,
        Joined(arguments, sentence.substr(open + 1, close - open - 1)));
    sentence.remove_prefix(close + 1);
  }
  return filled;
}

std::string Plain(absl::string_view name, const ArgumentList& arguments) {
  std::vector<std::string> words = {std::string(name)};
  for (const internal::state::v1::Argument& argument : arguments) {
    words.push_back(absl::StrCat(argument.name(), "=", argument.value()));
  }
  return absl::StrJoin(words, " ");
}

template <size_t kCount>
std::string Sentence(const Row (&rows)[kCount], absl::string_view name,
                     const ArgumentList& arguments) {
  for (const Row& row : rows) {
    if (row.name != name) continue;
    if (row.needs.empty() || !Values(arguments, row.needs).empty()) {
      return Fill(row.sentence, arguments);
    }
  }
  return Plain(name, arguments);
}

}  // namespace

std::string EventSentence(absl::string_view type,
                          const ArgumentList& arguments) {
  return Sentence(kEvents, type, arguments);
}

std::string StepSentence(absl::string_view id, const ArgumentList& arguments) {
  return Sentence(kSteps, id, arguments);
}

std::string OperationPhrase(absl::string_view kind,
                            const ArgumentList& arguments) {
  return Sentence(kOperations, kind, arguments);
}

}  // namespace microovn::agent
