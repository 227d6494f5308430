// What can become of a proposal or a read besides success: named errors with
// the stable reasons that callers act on.
#ifndef MICROOVN_RAFT_TRANSPORT_PROPOSAL_ERRORS_H_
#define MICROOVN_RAFT_TRANSPORT_PROPOSAL_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::raft {

// Definite: nothing happened, asking again is safe.
inline constexpr char kNoLeaderReason[] = "NO_LEADER";
inline constexpr char kOverloadedReason[] = "RAFT_OVERLOADED";
inline constexpr char kDiskSpaceLowReason[] = "DISK_SPACE_LOW";
inline constexpr char kTooLargeReason[] = "PROPOSAL_TOO_LARGE";
inline constexpr char kStoppedReason[] = "RAFT_STOPPED";
inline constexpr char kMembershipMovedReason[] = "MEMBERSHIP_MOVED";
inline constexpr char kMembershipRefusedReason[] = "MEMBERSHIP_REFUSED";
inline constexpr char kTransferFailedReason[] = "TRANSFER_FAILED";
// The command may or may not take effect.
inline constexpr char kOutcomeUnknownReason[] = "PROPOSAL_OUTCOME_UNKNOWN";

absl::Status NoLeaderError(absl::string_view detail);
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
