#include "agent/errors/cluster_errors.h"

#include "absl/strings/str_cat.h"
#include "agent/errors/shown.h"
#include "base/error.h"

namespace microovn::agent {

using absl::StatusCode;
using absl::StrCat;

absl::Status NotBootstrapped() {
  return MakeError(StatusCode::kFailedPrecondition,
                   "this node is not a member of a cluster",
                   {"NOT_BOOTSTRAPPED",
                    "run \"microovn cluster bootstrap\", or \"microovn cluster "
                    "join TOKEN\" with a token from a member",
                    {}});
}

absl::Status AlreadyBootstrapped() {
  return MakeError(
      StatusCode::kFailedPrecondition,
      "this node is already a member of a cluster",
      {"ALREADY_BOOTSTRAPPED", "remove it from its cluster first", {}});
}

absl::Status CommandMalformed(absl::string_view why) {
  return MakeError(StatusCode::kInvalidArgument,
                   StrCat("the command was refused: ", why),
                   {"COMMAND_MALFORMED", "", {}});
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return MakeError(
      StatusCode::kInvalidArgument,
      StrCat("request id \"", Shown(request_id),
             "\" was used for another request"),
      {"REQUEST_ID_REUSED", "choose a new random id for each request", {}});
}

absl::Status TooManyRequests() {
  return MakeError(StatusCode::kResourceExhausted,
                   "too many requests were made in the last minutes",
                   {"TOO_MANY_REQUESTS", "try again in a few minutes", {}});
}

absl::Status AuthorityChanged() {
  return MakeError(StatusCode::kAborted,
                   "the certificate authority has changed meanwhile",
                   {"AUTHORITY_CHANGED", "try again", {}});
}

absl::Status MemberNotFound(absl::string_view name) {
  return MakeError(StatusCode::kNotFound,
                   StrCat("there is no member \"", Shown(name), "\""),
                   {"MEMBER_NOT_FOUND",
                    "choose one of the names of \"microovn cluster list\"",
                    {}});
}

absl::Status MemberNameTaken(absl::string_view name) {
  return MakeError(StatusCode::kAlreadyExists,
                   StrCat("name \"", name, "\" is taken"),
                   {"MEMBER_NAME_TAKEN",
                    "choose another name, or remove the member that has it",
                    {}});
}

absl::Status MemberAddressTaken(absl::string_view address,
                                absl::string_view owner) {
  return MakeError(
      StatusCode::kAlreadyExists,
      StrCat("address ", address, " is the one of member \"", owner, "\""),
      {"MEMBER_ADDRESS_TAKEN", "choose another address", {}});
}

absl::Status MemberIdRetired(absl::string_view member_id) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat("member ", member_id, " was removed and cannot return"),
      {"MEMBER_REMOVED", "join again as a new member with a new token", {}});
}

absl::Status MemberKeyTaken() {
  return MakeError(StatusCode::kAlreadyExists,
                   "the member's key is, or was, another member's",
                   {"MEMBER_KEY_TAKEN", "join with a new key", {}});
}

absl::Status TooManyMembers(size_t limit) {
  return MakeError(
      StatusCode::kResourceExhausted,
      StrCat("the cluster has ", limit, " members, which is its limit"),
      {"TOO_MANY_MEMBERS", "remove a member first", {}});
}

absl::Status FeatureNotSupported(absl::string_view who,
                                 absl::string_view feature, uint32_t level) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat(who, " does not support what the cluster uses: ",
                          Shown(feature), " at level ", level),
                   {"FEATURE_NOT_SUPPORTED",
                    "install the cluster's version of microovnd",
                    {}});
}

absl::Status MemberIsJoining(absl::string_view name) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat("member \"", name, "\" has not finished to join"),
                   {"MEMBER_JOINING", "wait for its join to end", {}});
}

absl::Status MemberIsLeaving(absl::string_view name) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat("member \"", name, "\" is being removed"),
                   {"MEMBER_LEAVING", "wait for its removal to end", {}});
}

absl::Status MemberNotLeaving(absl::string_view name) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat("member \"", name, "\" is not being removed"),
                   {"MEMBER_NOT_LEAVING", "", {}});
}

absl::Status MemberNotJoining(absl::string_view name) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat("the join of member \"", name, "\" has ended"),
                   {"MEMBER_NOT_JOINING", "", {}});
}

absl::Status OnlyMember(absl::string_view name) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat("\"", name, "\" is the only member and cannot be removed"),
      {"ONLY_MEMBER", "add another member first", {}});
}

absl::Status OnlyCentral(absl::string_view name) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat("removing \"", name,
             "\" would end the OVN databases: no other member has central"),
      {"LAST_CENTRAL",
       "enable central on another member first, or accept the risk "
       "\"last-central\"",
       {}});
}

absl::Status MemberUnreachable(absl::string_view name) {
  return MakeError(
      StatusCode::kUnavailable,
      StrCat("member \"", name, "\" does not answer and cannot leave cleanly"),
      {"MEMBER_UNREACHABLE",
       "start its agent, or remove it without its help with --force",
       {}});
}

absl::Status QuorumWouldBeLost(absl::string_view name, size_t voters,
                               size_t online) {
  return MakeError(
      StatusCode::kFailedPrecondition,
      StrCat("removing \"", name, "\" now would leave ", online, " of ", voters,
             " voters online, and the cluster could not change again"),
      {"QUORUM_WOULD_BE_LOST",
       "bring the other members back first, or accept the risk "
       "\"quorum-loss\"",
       {}});
}

absl::Status OperationNotFound(absl::string_view operation_id) {
  return MakeError(
      StatusCode::kNotFound,
      StrCat("there is no operation \"", Shown(operation_id), "\""),
      {"OPERATION_NOT_FOUND",
       "ended operations are kept for a while only",
       {}});
}

absl::Status OperationEnded(absl::string_view operation_id) {
  return MakeError(StatusCode::kFailedPrecondition,
                   StrCat("operation ", operation_id, " has ended"),
                   {"OPERATION_ENDED", "", {}});
}

absl::Status TooManyOperations(size_t limit) {
  return MakeError(StatusCode::kResourceExhausted,
                   StrCat(limit, " operations are running, which is the limit"),
                   {"TOO_MANY_OPERATIONS", "wait for some of them to end", {}});
}

absl::Status EventsExpired(uint64_t oldest) {
  return MakeError(
      StatusCode::kOutOfRange,
      StrCat("events up to revision ", oldest, " are no longer kept"),
      {"EVENTS_EXPIRED", "start again from revision 0", {}});
}

}  // namespace microovn::agent
