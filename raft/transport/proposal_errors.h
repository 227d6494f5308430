// SPDX-License-Identifier: Apache-2.0
// What can become of a proposal or a read besides success: named errors with
// the stable reasons that callers act on.
#ifndef MICROOVN_RAFT_TRANSPORT_PROPOSAL_ERRORS_H_
#define MICROOVN_RAFT_TRANSPORT_PROPOSAL_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::raft {

// Definite: nothing happened, asking again is safe.
// No leader, or not the one that was asked. The node tries again by itself
// until its caller's time is over.
inline constexpr char kNoLeaderReason[] = "NO_LEADER";
// Only the leader may propose this, and this member does not lead (any more).
// Who leads may do it; the node does not ask, for it would be refused.
inline constexpr char kNotLeaderReason[] = "NOT_LEADER";
// Too much waits, here or at the leader. Not tried again by the node: that
// would make it worse.
inline constexpr char kOverloadedReason[] = "RAFT_OVERLOADED";
inline constexpr char kDiskSpaceLowReason[] = "DISK_SPACE_LOW";
// For ever so: above Options::max_payload_bytes.
inline constexpr char kTooLargeReason[] = "PROPOSAL_TOO_LARGE";
// The member that was asked is going down; another one may do it.
inline constexpr char kStoppedReason[] = "RAFT_STOPPED";
// The compare-and-swap of ChangeMembership failed: decide anew.
inline constexpr char kMembershipMovedReason[] = "MEMBERSHIP_MOVED";
// A rule forbids the change, or another one is under way.
inline constexpr char kMembershipRefusedReason[] = "MEMBERSHIP_REFUSED";
// Not handed over in time. Nothing was changed by it, but the member that was
// bid may still come to lead.
inline constexpr char kTransferFailedReason[] = "TRANSFER_FAILED";
// The command may or may not take effect.
inline constexpr char kOutcomeUnknownReason[] = "PROPOSAL_OUTCOME_UNKNOWN";

// `detail` is for people; what programs act on is the reason alone.
absl::Status NoLeaderError(absl::string_view detail);
absl::Status NotLeaderError();
absl::Status OverloadedError();
absl::Status DiskSpaceLowError();
absl::Status TooLargeError();
absl::Status StoppedError();
absl::Status MembershipMovedError();
absl::Status MembershipRefusedError(absl::string_view detail);
absl::Status TransferFailedError(absl::string_view detail);
absl::Status OutcomeUnknownError(absl::string_view detail);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_PROPOSAL_ERRORS_H_
