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
    {"ENCAP_ADDRESS_TAKEN", StatusCode::kAlreadyExists,
     "the tunnel address {address} is the one of member \"{member}\"",
     "give an address of the node's own"},
    {"ENCAP_ADDRESS_UNFIT", StatusCode::kFailedPrecondition,
     "no tunnel is possible between {address} and {other} of member "
     "\"{member}\": one is IPv4 and one IPv6",
     "give an address of the same family"},
    {"MEMBER_FIELD_FIXED", StatusCode::kInvalidArgument,
     "of a member only encap_ip can be changed, not {field}",
     "name encap_ip in update_mask, and nothing else"},
    {"ADDRESS_NOT_ON_MEMBER", StatusCode::kFailedPrecondition,
     "no interface of {member} that is up has the address {address}",
     "give the address to an interface of {member} first, or say --force when "
     "it comes later"},
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
    {"USER_EXISTS", StatusCode::kAlreadyExists,
     "\"{user}\" has a valid certificate",
     "revoke it first with \"microovn cluster user revoke {user}\", or choose "
     "another name"},
    {"USER_UNKNOWN", StatusCode::kNotFound, "there is no user \"{user}\"",
     "choose one of the names of \"microovn cluster user list\""},
    {"USER_REVOKED", StatusCode::kUnauthenticated,
     "the certificate of \"{user}\" was revoked",
     "ask an administrator for a new one: microovn cluster user add {user}"},
    {"USER_LIFETIME_INVALID", StatusCode::kInvalidArgument,
     "a user's certificate is valid for {least} to {most}",
     "choose a lifetime in these bounds"},
    {"TOO_MANY_USERS", StatusCode::kResourceExhausted,
     "the cluster has {limit} users, which is its limit",
     "revoke users that are not needed any more"},
    {"USER_KEY_TAKEN", StatusCode::kAlreadyExists,
     "the key of the request is, or was, somebody else's",
     "make a new key and a new request"},
    {"NO_ADMIN_CERTIFICATE", StatusCode::kFailedPrecondition,
     "nobody has a valid certificate as administrator",
     "give somebody one first: microovn cluster user add NAME --role admin "
     "--output DIR"},
    {"ADMINISTERED_BY_CERTIFICATE", StatusCode::kPermissionDenied,
     "the cluster is administered by people with certificates only "
     "(cluster.administration)",
     "use a certificate: microovn --endpoint HOST --cert FILE; root on a voter "
     "takes it back with: microovn config set cluster.administration voters"},
    {"USER_INVALID", StatusCode::kInvalidArgument, "{why}",
     "a name is like a host name, 64 characters at most; a role is viewer, "
     "operator or admin"},
    {"USER_REQUEST_INVALID", StatusCode::kInvalidArgument,
     "the request for a user's certificate cannot be used: {why}",
     "make one in PEM for a key of P-256, P-384 or P-521"},
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
    {"DATABASE_HAS_QUORUM", StatusCode::kFailedPrecondition,
     "the {database} database has its quorum, or is electing a leader",
     "see \"microovn status\"; to make it anew all the same, accept the risk "
     "\"healthy-database\""},
    {"RISK_NOT_ACCEPTED", StatusCode::kFailedPrecondition,
     "nobody has accepted the risk \"{risk}\" of making the {database} "
     "database "
     "anew",
     "read the plan with --dry-run, then add --accept-risk={risk}"},
    {"NO_DATABASE_COPY", StatusCode::kFailedPrecondition,
     "{member} has no copy that the {database} database can be made from",
     "start the server there, or leave out the member's name", "member"},
    {"NO_DATABASE_COPY", StatusCode::kFailedPrecondition,
     "no member that answers has a copy that the {database} database can be "
     "made from",
     "start the members that have central, and the servers on them"},
    {"DATABASE_NOT_RECOVERED", StatusCode::kDeadlineExceeded,
     "the {database} database is to be made anew from the copy of "
     "\"{member}\", "
     "and is not yet: {why}",
     "the member goes on by itself; if it does not come back, run \"microovn "
     "ovn recover\" again with --node NAME for another one"},
    {"DATABASE_RECOVERY_SUPERSEDED", StatusCode::kAborted,
     "a later request makes the {database} database anew", ""},
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
