// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/cluster_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/errors/wording.h"
#include "base/text/text.h"

namespace microovn::agent {

using absl::StrCat;

namespace {

absl::Status OfMember(absl::string_view reason, absl::string_view member) {
  return Worded(reason, {{"member", std::string(member)}});
}

}  // namespace

absl::Status NotBootstrapped() { return Worded("NOT_BOOTSTRAPPED"); }

absl::Status ServicesNotRunning(absl::string_view member,
                                absl::string_view missing) {
  return Worded("SERVICES_NOT_RUNNING", {{"member", std::string(member)},
                                         {"missing", std::string(missing)}});
}

absl::Status JoinOutcomeUnknown(absl::string_view why) {
  return Worded("JOIN_OUTCOME_UNKNOWN", {{"why", std::string(why)}});
}

absl::Status AlreadyBootstrapped() { return Worded("ALREADY_BOOTSTRAPPED"); }

absl::Status CommandMalformed(absl::string_view why, absl::string_view field) {
  Arguments arguments = {{"why", std::string(why)}};
  if (!field.empty()) arguments.emplace_back("field", std::string(field));
  return Worded("COMMAND_MALFORMED", arguments);
}

absl::Status RequestIdReused(absl::string_view request_id) {
  return Worded("REQUEST_ID_REUSED", {{"request_id", Shown(request_id, 80)}});
}

absl::Status TooManyRequests() { return Worded("TOO_MANY_REQUESTS"); }

absl::Status AuthorityChanged() { return Worded("AUTHORITY_CHANGED"); }

absl::Status MemberNotFound(absl::string_view name) {
  return OfMember("MEMBER_NOT_FOUND", Shown(name, 80));
}

absl::Status MemberFieldFixed(absl::string_view field) {
  return Worded("MEMBER_FIELD_FIXED", {{"field", Shown(field, 80)}});
}

absl::Status AddressNotOnMember(absl::string_view address,
                                absl::string_view member) {
  return Worded("ADDRESS_NOT_ON_MEMBER", {{"address", std::string(address)},
                                          {"member", std::string(member)}});
}

absl::Status MemberNameTaken(absl::string_view name) {
  return OfMember("MEMBER_NAME_TAKEN", name);
}

absl::Status EncapAddressTaken(absl::string_view address,
                               absl::string_view owner) {
  return Worded("ENCAP_ADDRESS_TAKEN", {{"address", std::string(address)},
                                        {"member", std::string(owner)}});
}

absl::Status EncapAddressUnfit(absl::string_view address,
                               absl::string_view other,
                               absl::string_view owner) {
  return Worded("ENCAP_ADDRESS_UNFIT", {{"address", std::string(address)},
                                        {"other", std::string(other)},
                                        {"member", std::string(owner)}});
}

absl::Status MemberAddressTaken(absl::string_view address,
                                absl::string_view owner) {
  return Worded("MEMBER_ADDRESS_TAKEN", {{"address", std::string(address)},
                                         {"member", std::string(owner)}});
}

absl::Status MemberIdRetired(absl::string_view member_id) {
  return Worded("MEMBER_REMOVED", {{"member_id", std::string(member_id)}});
}

absl::Status MemberKeyTaken() { return Worded("MEMBER_KEY_TAKEN"); }

absl::Status TooManyMembers(size_t limit) {
  return Worded("TOO_MANY_MEMBERS", {{"limit", StrCat(limit)}});
}

absl::Status FeatureNotSupported(absl::string_view who,
                                 absl::string_view feature, uint32_t level) {
  return Worded("FEATURE_NOT_SUPPORTED", {{"who", std::string(who)},
                                          {"feature", Shown(feature, 80)},
                                          {"level", StrCat(level)}});
}

absl::Status MemberIsJoining(absl::string_view name) {
  return OfMember("MEMBER_JOINING", name);
}

absl::Status MemberIsLeaving(absl::string_view name) {
  return OfMember("MEMBER_LEAVING", name);
}

absl::Status MemberNotLeaving(absl::string_view name) {
  return OfMember("MEMBER_NOT_LEAVING", name);
}

absl::Status MemberNotJoining(absl::string_view name) {
  return OfMember("MEMBER_NOT_JOINING", name);
}

absl::Status NotAdministeredHere(absl::string_view name, bool worker,
                                 absl::string_view where) {
  Arguments arguments = {{"member", std::string(name)},
                         {"where", std::string(where)}};
  if (worker) arguments.emplace_back("worker", "yes");
  return Worded("NOT_ADMINISTERED_HERE", arguments);
}

absl::Status WouldShutOutAsker(absl::string_view name,
                               absl::string_view where) {
  return Worded("WOULD_SHUT_OUT_ASKER",
                {{"member", std::string(name)}, {"where", std::string(where)}});
}

absl::Status WorkerService(absl::string_view name) {
  return OfMember("WORKER_SERVICE", name);
}

absl::Status OnlyWorkersLeft(absl::string_view name) {
  return OfMember("ONLY_WORKERS_LEFT", name);
}

absl::Status OnlyMember(absl::string_view name) {
  return OfMember("ONLY_MEMBER", name);
}

absl::Status OnlyCentral(absl::string_view name) {
  return OfMember("LAST_CENTRAL", name);
}

absl::Status MemberUnreachable(absl::string_view name) {
  return OfMember("MEMBER_UNREACHABLE", name);
}

absl::Status QuorumWouldBeLost(absl::string_view name, size_t voters,
                               size_t online) {
  return Worded("QUORUM_WOULD_BE_LOST", {{"member", std::string(name)},
                                         {"online", StrCat(online)},
                                         {"voters", StrCat(voters)}});
}

absl::Status OperationNotFound(absl::string_view operation_id) {
  return Worded("OPERATION_NOT_FOUND",
                {{"operation", Shown(operation_id, 80)}});
}

absl::Status OperationEnded(absl::string_view operation_id) {
  return Worded("OPERATION_ENDED", {{"operation", Shown(operation_id, 80)}});
}

absl::Status OperationNotCancellable(absl::string_view why) {
  return Worded("OPERATION_NOT_CANCELLABLE", {{"why", std::string(why)}});
}

absl::Status TooManyOperations(size_t limit) {
  return Worded("TOO_MANY_OPERATIONS", {{"limit", StrCat(limit)}});
}

absl::Status EventsExpired(uint64_t oldest) {
  return Worded("EVENTS_EXPIRED", {{"oldest", StrCat(oldest)}});
}

}  // namespace microovn::agent
