#include "agent/errors/service_errors.h"

#include "absl/strings/str_cat.h"
#include "agent/errors/shown.h"
#include "base/error.h"

namespace microovn::agent {

using absl::StatusCode;
using absl::StrCat;

absl::Status ServiceAlreadyEnabled() {
  return MakeError(StatusCode::kAlreadyExists,
                   "this service is already enabled",
                   {"SERVICE_ALREADY_ENABLED", "", {}});
}

absl::Status ServiceNotEnabled() {
  return MakeError(StatusCode::kFailedPrecondition,
                   "this service is not enabled",
                   {"SERVICE_NOT_ENABLED", "", {}});
}

absl::Status LastCentralNotConfirmed() {
  return MakeError(
      StatusCode::kFailedPrecondition,
      "cannot disable last central node without explicit confirmation",
      {"LAST_CENTRAL",
       "enable central on another member first, or end the OVN databases "
       "with --allow-disable-last-central",
       {}});
}

absl::Status OtherCentralsNotJoined(absl::string_view member) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat("only \"", member, "\" has the OVN databases so far"),
      {"CENTRAL_NOT_JOINED",
       "wait until another member has joined them (see \"microovn status\"), "
       "or accept that they end as for the last central",
       {}});
}

absl::Status TargetMemberNotFound(absl::string_view name) {
  return MakeError(
      StatusCode::kNotFound,
      StrCat("Failed to get cluster member for request target name \"",
             Shown(name), "\": CoreClusterMember not found"),
      {"MEMBER_NOT_FOUND",
       "choose one of the names of \"microovn cluster list\"",
       {}});
}

absl::Status ServiceNotSettled(absl::string_view service,
                               absl::string_view member,
                               absl::string_view why) {
  return MakeError(
      StatusCode::kDeadlineExceeded,
      StrCat("the change of ", service, " on \"", member,
             "\" is recorded but not in place yet: ", why),
      {"SERVICE_NOT_SETTLED",
       "the member goes on by itself; see \"microovn status\" and its logs",
       {}});
}

absl::Status ServiceChangeSuperseded(absl::string_view service,
                                     absl::string_view member) {
  return MakeError(
      StatusCode::kAborted,
      StrCat("a later request changed ", service, " on \"", member, "\" again"),
      {"SERVICE_CHANGE_SUPERSEDED", "", {}});
}

}  // namespace microovn::agent
