// SPDX-License-Identifier: Apache-2.0
// The wording of what can go wrong with members and the cluster as a whole:
// one constructor for each reason, so that codes, reasons and remedies agree.
//
// Used by Apply, the plans and the services. Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_CLUSTER_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_CLUSTER_ERRORS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

// The life of the cluster.
absl::Status NotBootstrapped();
absl::Status AlreadyBootstrapped();
// After a bootstrap or a join: it stands, but not all of its services run.
absl::Status ServicesNotRunning(absl::string_view member,
                                absl::string_view missing);
absl::Status JoinOutcomeUnknown(absl::string_view why);

// A command that no agent of this version would propose. `why` is a stable
// word such as "too-long", of `field` if it is about one: both are replicated
// with kept answers, and are no prose.
absl::Status CommandMalformed(absl::string_view why,
                              absl::string_view field = "");
absl::Status RequestIdReused(absl::string_view request_id);
// More requests than whose answers can be kept for long enough.
absl::Status TooManyRequests();
// The authority is not what the proposer has read.
absl::Status AuthorityChanged();

// Members.
absl::Status MemberNotFound(absl::string_view name);
absl::Status MemberNameTaken(absl::string_view name);
// A mask that names something else than may change.
absl::Status MemberFieldFixed(absl::string_view field);
absl::Status AddressNotOnMember(absl::string_view address,
                                absl::string_view member);
absl::Status EncapAddressTaken(absl::string_view address,
                               absl::string_view owner);
absl::Status EncapAddressUnfit(absl::string_view address,
                               absl::string_view other,
                               absl::string_view owner);
absl::Status MemberAddressTaken(absl::string_view address,
                                absl::string_view owner);
absl::Status MemberIdRetired(absl::string_view member_id);
absl::Status MemberKeyTaken();
absl::Status TooManyMembers(size_t limit);
// `who` has an agent older than the cluster.
absl::Status FeatureNotSupported(absl::string_view who,
                                 absl::string_view feature, uint32_t level);
absl::Status MemberIsJoining(absl::string_view name);
absl::Status MemberIsLeaving(absl::string_view name);
// A record can only be dropped, or a join taken back, in the right state.
absl::Status MemberNotLeaving(absl::string_view name);
absl::Status MemberNotJoining(absl::string_view name);

// Workers, and where the cluster is administered: `where` names the members.
absl::Status NotAdministeredHere(absl::string_view name, bool worker,
                                 absl::string_view where);
absl::Status WouldShutOutAsker(absl::string_view name, absl::string_view where);
absl::Status WorkerService(absl::string_view name);
absl::Status OnlyWorkersLeft(absl::string_view name);

// Removal.
absl::Status OnlyMember(absl::string_view name);
absl::Status OnlyCentral(absl::string_view name);
absl::Status MemberUnreachable(absl::string_view name);
// `online` of the `voters` that would be left answer.
absl::Status QuorumWouldBeLost(absl::string_view name, size_t voters,
                               size_t online);

// Operations.
absl::Status OperationNotFound(absl::string_view operation_id);
absl::Status OperationEnded(absl::string_view operation_id);
absl::Status OperationNotCancellable(absl::string_view why);
absl::Status TooManyOperations(size_t limit);

// Events up to `oldest` are no longer kept.
absl::Status EventsExpired(uint64_t oldest);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_CLUSTER_ERRORS_H_
