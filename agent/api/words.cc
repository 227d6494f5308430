#include "agent/api/words.h"

#include <cstddef>

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

template <size_t kCount>
std::string Sentence(const Row (&rows)[kCount], absl::string_view name,
                     const Arguments& arguments) {
  for (const Row& row : rows) {
    if (row.name != name) continue;
    if (row.needs.empty() || HasArgument(arguments, row.needs)) {
      return Fill(row.sentence, arguments);
    }
  }
  return Plain(name, arguments);
}

}  // namespace

std::string EventSentence(absl::string_view type, const Arguments& arguments) {
  return Sentence(kEvents, type, Completed(arguments));
}

std::string StepSentence(absl::string_view id, const Arguments& arguments) {
  return Sentence(kSteps, id, arguments);
}

std::string OperationPhrase(absl::string_view kind,
                            const Arguments& arguments) {
  return Sentence(kOperations, kind, arguments);
}

}  // namespace microovn::agent
