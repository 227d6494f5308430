// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/wording.h"

#include <string>

#include "base/status/error.h"

namespace microovn::agent {
namespace {

using absl::StatusCode;

struct Row {
  absl::string_view reason;
  StatusCode code;
  absl::string_view sentence;
  absl::string_view remedy;
  // Only when there is an argument of this name; empty: always.
  absl::string_view needs = "";
};

// Of the rows with a reason the first that fits counts. The messages about
// services are MicroOVN's, which its users' scripts compare.
constexpr Row kRows[] = {
    {"NOT_BOOTSTRAPPED", StatusCode::kFailedPrecondition,
     "this node is not a member of a cluster",
     "run \"microovn cluster bootstrap\", or \"microovn cluster join TOKEN\" "
     "with a token from a member"},
    {"ALREADY_BOOTSTRAPPED", StatusCode::kFailedPrecondition,
     "this node is already a member of a cluster",
     "remove it from its cluster first"},
    {"SERVICES_NOT_RUNNING", StatusCode::kDeadlineExceeded,
     "\"{member}\" is a member now, but does not run yet: {missing}",
     "the agent goes on by itself; see \"microovn status\""},
    {"JOIN_OUTCOME_UNKNOWN", StatusCode::kUnavailable,
     "{why}; no member has said whether this node's join stands",
     "wait: this node goes on asking; see \"microovn status\""},
    {"COMMAND_MALFORMED", StatusCode::kInvalidArgument,
     "the command was refused: {why} ({field})", "", "field"},
    {"COMMAND_MALFORMED", StatusCode::kInvalidArgument,
     "the command was refused: {why}", ""},
    {"REQUEST_ID_REUSED", StatusCode::kInvalidArgument,
     "request id \"{request_id}\" was used for another request",
     "choose a new random id for each request"},
    {"TOO_MANY_REQUESTS", StatusCode::kResourceExhausted,
     "too many requests were made in the last minutes",
     "try again in a few minutes"},
    {"AUTHORITY_CHANGED", StatusCode::kAborted,
     "the certificate authority has changed in the meantime", "try again"},
    {"ROTATION_UNDER_WAY", StatusCode::kFailedPrecondition,
     "another rotation of the {authority} CA is under way: operations/"
     "{operation}",
     "wait for its end with \"microovn operation wait operations/{operation}\""
     ", or end it with \"microovn operation cancel\"",
     "operation"},
    {"ROTATION_UNDER_WAY", StatusCode::kFailedPrecondition,
     "a rotation of the {authority} CA was cancelled and is being undone",
     "wait until every member is back at the CA before it"},
    {"ROTATION_NOT_SUPPORTED", StatusCode::kFailedPrecondition,
     "the agents of these members cannot rotate a CA: {members}",
     "install the cluster's newest version of microovnd there"},
    {"CA_NOT_REQUESTED", StatusCode::kFailedPrecondition,
     "no key waits for the certificate of a CA",
     "make one with \"microovn certificates ca-csr\", or give the CA's key, "
     "too"},
    {"CA_NOT_AVAILABLE", StatusCode::kFailedPrecondition,
     "no voter has a sealing key that the key of a CA could be sealed for",
     "restore what keeps a voter's sealing key, or make it another one with "
     "\"microovnd --recover --new-sealing-key\""},
    {"CA_IN_USE", StatusCode::kAlreadyExists,
     "this is the {authority} CA that is in use", ""},
    {"MEMBER_NOT_FOUND", StatusCode::kNotFound,
     "Failed to get cluster member for request target name \"{target}\": "
     "CoreClusterMember not found",
     "choose one of the names of \"microovn cluster list\"", "target"},
    {"MEMBER_NOT_FOUND", StatusCode::kNotFound,
     "there is no member \"{member}\"",
     "choose one of the names of \"microovn cluster list\""},
    {"MEMBER_NAME_TAKEN", StatusCode::kAlreadyExists,
     "name \"{member}\" is taken",
     "choose another name, or remove the member that has it"},
    {"MEMBER_ADDRESS_TAKEN", StatusCode::kAlreadyExists,
     "address {address} is the one of member \"{member}\"",
     "choose another address"},
    {"MEMBER_REMOVED", StatusCode::kFailedPrecondition,
     "member {member_id} was removed and cannot return",
     "join again as a new member with a new token"},
    {"MEMBER_KEY_TAKEN", StatusCode::kAlreadyExists,
     "the member's key is, or was, another member's", "join with a new key"},
    {"TOO_MANY_MEMBERS", StatusCode::kResourceExhausted,
     "the cluster has {limit} members, which is its limit",
     "remove a member first"},
    {"FEATURE_NOT_SUPPORTED", StatusCode::kFailedPrecondition,
     "the agents of these members do not know '{key}': {members}",
     "install the cluster's newest version of microovnd there", "members"},
    {"FEATURE_NOT_SUPPORTED", StatusCode::kFailedPrecondition,
     "nobody can join before the upgrade of the cluster is finalized; it waits "
     "for: {lacking}",
     "install the cluster's newest version of microovnd on all members, then "
     "run: microovn upgrade finalize",
     "lacking"},
    {"FEATURE_NOT_SUPPORTED", StatusCode::kFailedPrecondition,
     "'{key}' cannot be set before the upgrade is finalized",
     "run: microovn upgrade finalize", "key"},
    {"FEATURE_NOT_SUPPORTED", StatusCode::kFailedPrecondition,
     "{who} does not support what the cluster uses: {feature} at level {level}",
     "install the cluster's version of microovnd"},
    {"MEMBER_JOINING", StatusCode::kFailedPrecondition,
     "member \"{member}\" has not finished joining",
     "wait for its join to end"},
    {"MEMBER_LEAVING", StatusCode::kFailedPrecondition,
     "member \"{member}\" is being removed", "wait for its removal to end"},
    {"MEMBER_NOT_LEAVING", StatusCode::kFailedPrecondition,
     "member \"{member}\" is not being removed", ""},
    {"MEMBER_NOT_JOINING", StatusCode::kFailedPrecondition,
     "the join of member \"{member}\" has ended", ""},
    {"NOT_ADMINISTERED_HERE", StatusCode::kPermissionDenied,
     "\"{member}\" is a worker, on which nobody administers the cluster",
     "run the command on one of these members: {where}", "worker"},
    {"NOT_ADMINISTERED_HERE", StatusCode::kPermissionDenied,
     "the cluster is administered on its voters only (cluster.administration), "
     "and \"{member}\" does not vote",
     "run the command on one of these members: {where}"},
    {"WOULD_SHUT_OUT_ASKER", StatusCode::kFailedPrecondition,
     "\"{member}\" does not vote: nobody could take this back there",
     "set it on one of these members: {where}"},
    {"WORKER_SERVICE", StatusCode::kFailedPrecondition,
     "\"{member}\" is a worker, which runs chassis and switch only",
     "choose another member, or remove this one and add it anew without "
     "--worker"},
    {"ONLY_WORKERS_LEFT", StatusCode::kFailedPrecondition,
     "without \"{member}\" nobody but workers would be left, and they never "
     "vote",
     "add a member without --worker first"},
    {"ONLY_MEMBER", StatusCode::kFailedPrecondition,
     "\"{member}\" is the only member and cannot be removed",
     "add another member first"},
    {"LAST_CENTRAL", StatusCode::kFailedPrecondition,
     "removing \"{member}\" would end the OVN databases: no other member has "
     "central",
     "enable central on another member first, or accept the risk "
     "\"last-central\"",
     "member"},
    {"LAST_CENTRAL", StatusCode::kFailedPrecondition,
     "cannot disable last central node without explicit confirmation",
     "enable central on another member first, or end the OVN databases with "
     "--allow-disable-last-central"},
    {"MEMBER_UNREACHABLE", StatusCode::kUnavailable,
     "member \"{member}\" does not answer and cannot leave cleanly",
     "start its agent, or remove it without its help with --force"},
    {"QUORUM_WOULD_BE_LOST", StatusCode::kFailedPrecondition,
     "removing \"{member}\" now would leave {online} of {voters} voters "
     "online, and the cluster could not change again",
     "bring the other members back first, or accept the risk \"quorum-loss\""},
    {"OPERATION_NOT_FOUND", StatusCode::kNotFound,
     "there is no operation \"{operation}\"",
     "operations are forgotten some time after they have ended"},
    {"OPERATION_ENDED", StatusCode::kFailedPrecondition,
     "operation {operation} has ended", ""},
    {"OPERATION_NOT_CANCELLABLE", StatusCode::kFailedPrecondition,
     "the operation cannot be cancelled any more: {why}",
     "wait for its end, then undo it with the opposite command"},
    {"TOO_MANY_OPERATIONS", StatusCode::kResourceExhausted,
     "{limit} operations are running, which is the limit",
     "wait for some of them to end"},
    {"EVENTS_EXPIRED", StatusCode::kOutOfRange,
     "events up to revision {oldest} are no longer kept",
     "start again from revision 0"},
    {"TOKEN_UNKNOWN", StatusCode::kPermissionDenied,
     "the cluster does not know this join token",
     "make a new token on a member: \"microovn cluster add NAME\""},
    {"TOKEN_USED", StatusCode::kPermissionDenied,
     "the join token for \"{member}\" has been used",
     "make a new token on a member: \"microovn cluster add {member}\""},
    {"TOKEN_LOCKED", StatusCode::kPermissionDenied,
     "the join token for \"{member}\" is locked after too many wrong attempts",
     "make a new token on a member: \"microovn cluster add {member}\""},
    {"TOKEN_EXPIRED", StatusCode::kPermissionDenied,
     "the join token for \"{member}\" expired at {at}",
     "make a new token on a member: \"microovn cluster add {member}\""},
    {"TOKEN_NAME_MISMATCH", StatusCode::kPermissionDenied,
     "the join token is for \"{token}\", not for \"{member}\"",
     "make a new token on a member: \"microovn cluster add {member}\""},
    {"TOKEN_LIFETIME_INVALID", StatusCode::kInvalidArgument,
     "a join token is valid from one second to {limit}",
     "choose a time within these bounds"},
    {"TOO_MANY_TOKENS", StatusCode::kResourceExhausted,
     "there are {limit} join tokens, which is the limit",
     "use, revoke or let expire some of them"},
    {"SERVICE_ALREADY_ENABLED", StatusCode::kAlreadyExists,
     "this service is already enabled", ""},
    {"SERVICE_NOT_ENABLED", StatusCode::kFailedPrecondition,
     "this service is not enabled", ""},
    {"CENTRAL_NOT_JOINED", StatusCode::kFailedPrecondition,
     "only \"{member}\" has the OVN databases so far",
     "wait until another member has joined them (see \"microovn status\"), or "
     "accept that they end as for the last central"},
    {"SERVICE_NOT_SETTLED", StatusCode::kDeadlineExceeded,
     "the change of {service} on \"{member}\" is recorded but not in place "
     "yet: {why}",
     "the member goes on by itself; see \"microovn status\" and its logs"},
    {"SERVICE_CHANGE_SUPERSEDED", StatusCode::kAborted,
     "a later request changed {service} on \"{member}\" again", ""},
    {"CONFIG_KEY_UNKNOWN", StatusCode::kInvalidArgument,
     "there is no config option '{key}'", "choose one of: {known}"},
    {"CONFIG_VALUE_INVALID", StatusCode::kInvalidArgument,
     "'{value}' is not a value of '{key}'", "give {allowed}"},
    {"CONFIG_CHANGED", StatusCode::kAborted,
     "config option '{key}' has changed in the meantime",
     "read it again and repeat"},
};

const Row* FindRow(absl::string_view reason, const Arguments& arguments) {
  for (const Row& row : kRows) {
    if (row.reason != reason) continue;
    if (row.needs.empty() || HasArgument(arguments, row.needs)) return &row;
  }
  return nullptr;
}

absl::Status WithDetail(StatusCode code, absl::string_view reason,
                        const std::string& message, const std::string& remedy,
                        const Arguments& arguments) {
  ErrorDetail detail;
  detail.reason = std::string(reason);
  detail.remedy = remedy;
  for (const auto& [name, value] : arguments) detail.metadata[name] = value;
  return MakeError(code, message, detail);
}

}  // namespace

absl::Status Worded(absl::string_view reason, const Arguments& arguments,
                    const Arguments& beside) {
  const Row* row = FindRow(reason, arguments);
  if (row == nullptr) {
    return Reworded(StatusCode::kInternal, reason, arguments);
  }
  Arguments all = arguments;
  all.insert(all.end(), beside.begin(), beside.end());
  return WithDetail(row->code, reason, Fill(row->sentence, all),
                    Fill(row->remedy, all), arguments);
}

absl::Status Reworded(StatusCode code, absl::string_view reason,
                      const Arguments& arguments) {
  const Row* row = FindRow(reason, arguments);
  return row == nullptr
             ? WithDetail(code, reason, Plain(reason, arguments), "", arguments)
             : WithDetail(code, reason, Fill(row->sentence, arguments),
                          Fill(row->remedy, arguments), arguments);
}

}  // namespace microovn::agent
