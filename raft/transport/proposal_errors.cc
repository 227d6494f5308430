// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/proposal_errors.h"

#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::raft {

absl::Status NoLeaderError(absl::string_view detail) {
  return MakeError(absl::StatusCode::kUnavailable,
                   absl::StrCat("the cluster has no leader: ", detail),
                   {kNoLeaderReason,
                    "check that a majority of the voters is running and "
                    "reachable, then try again",
                    {}});
}

absl::Status NotLeaderError() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "this member does not lead the cluster",
                   {kNotLeaderReason, "try again", {}});
}

absl::Status OverloadedError() {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   "too many changes are waiting to be committed",
                   {kOverloadedReason, "try again in a moment", {}});
}

absl::Status DiskSpaceLowError() {
  return MakeError(absl::StatusCode::kResourceExhausted,
                   "the leader's disk is nearly full, and no other voter can "
                   "take the lead",
                   {kDiskSpaceLowReason,
                    "free space on the voters; changes are taken again by "
                    "themselves",
                    {}});
}

absl::Status TooLargeError() {
  return MakeError(absl::StatusCode::kInvalidArgument,
                   "the change is too large to be replicated",
                   {kTooLargeReason, "", {}});
}

// Unavailable and not Cancelled: for gRPC's callers that is the code of "ask
// elsewhere".
absl::Status StoppedError() {
  return MakeError(absl::StatusCode::kUnavailable, "this member is stopping",
                   {kStoppedReason, "ask another member", {}});
}

absl::Status MembershipMovedError() {
  return MakeError(absl::StatusCode::kAborted,
                   "the membership has changed meanwhile",
                   {kMembershipMovedReason, "read it again and retry", {}});
}

absl::Status MembershipRefusedError(absl::string_view detail) {
  return MakeError(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat("the change of membership is refused: ", detail),
      {kMembershipRefusedReason, "", {}});
}

absl::Status TransferFailedError(absl::string_view detail) {
  return MakeError(absl::StatusCode::kUnavailable,
                   absl::StrCat("leadership was not handed over: ", detail),
                   {kTransferFailedReason,
                    "check that the other voters are up to date",
                    {}});
}

// Its remedy is for people. A program that gave its request an id may simply
// send it again.
absl::Status OutcomeUnknownError(absl::string_view detail) {
  return MakeError(
      absl::StatusCode::kUnknown,
      absl::StrCat("the change may or may not take effect: ", detail),
      {kOutcomeUnknownReason,
       "look at the present state before you retry",
       {}});
}

}  // namespace microovn::raft
