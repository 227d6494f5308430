// SPDX-License-Identifier: Apache-2.0
#include "raft/node/flight/node_words.h"

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "raft/core/values/configuration.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

absl::Status StatusOfConfiguration(ConfigurationError error) {
  switch (error) {
    case ConfigurationError::kNoVoters:
      return MembershipRefusedError("nobody would vote");
    case ConfigurationError::kTooManyMembers:
      return MembershipRefusedError("too many members");
    case ConfigurationError::kDuplicateMember:
      return MembershipRefusedError("a member is named twice");
    case ConfigurationError::kReturnOfRemovedMember:
      return MembershipRefusedError("a removed member cannot return");
    case ConfigurationError::kAlreadyChanging:
      return MembershipRefusedError("another change is under way");
    case ConfigurationError::kNoChange:
      // The caller has what it wanted, and it is committed: the core compares
      // only with a configuration that is.
      return absl::OkStatus();
  }
  LOG(FATAL) << "not a ConfigurationError";
}

}  // namespace

const char* NameOf(Role role) {
  switch (role) {
    case Role::kFollower:
      return "follower";
    case Role::kPreCandidate:
      return "pre-candidate";
    case Role::kCandidate:
      return "candidate";
    case Role::kLeader:
      return "leader";
  }
  LOG(FATAL) << "not a Role";
}

const char* NameOf(RoleReason reason) {
  switch (reason) {
    case RoleReason::kElectionTimeout:
      return "no word from a leader";
    case RoleReason::kConnectionLost:
      return "the connection to the leader broke";
    case RoleReason::kTransferRequested:
      return "the leader hands over";
    case RoleReason::kPreVoteWon:
      return "pre-vote won";
    case RoleReason::kElectionWon:
      return "election won";
    case RoleReason::kElectionLost:
      return "election lost";
    case RoleReason::kHigherTerm:
      return "a later term";
    case RoleReason::kLeaderKnown:
      return "heard from the leader";
    case RoleReason::kQuorumLost:
      return "no word from a majority";
    case RoleReason::kDiskStalled:
      return "the disk does not answer";
    case RoleReason::kRemoved:
      return "removed from the voters";
  }
  LOG(FATAL) << "not a RoleReason";
}

const char* NameOf(RejectedReason reason) {
  switch (reason) {
    case RejectedReason::kOtherCluster:
      return "it is of another cluster";
    case RejectedReason::kNotForThisMember:
      return "they are for another member";
    case RejectedReason::kRemovedMember:
      return "it was removed";
    case RejectedReason::kOtherIncarnation:
      return "its data directory is not the one it joined with";
    case RejectedReason::kTermOutOfRange:
      return "their terms or indices are out of range";
    case RejectedReason::kMalformedMessage:
      return "they do not hold together";
    case RejectedReason::kNoVoter:
      return "they are a voter's, and it is none by what is known here";
  }
  LOG(FATAL) << "not a RejectedReason";
}

const char* NameOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kSecondLeaderInTerm:
      return "two leaders in one term";
    case FaultKind::kLogDivergence:
      return "logs that must be equal differ";
    case FaultKind::kCommittedTruncation:
      return "a committed entry would be removed";
    case FaultKind::kCorruptEntry:
      return "a corrupt log entry";
    case FaultKind::kContractViolation:
      return "an impossible input";
    case FaultKind::kStateDivergence:
      return "the state differs from the other members'";
  }
  LOG(FATAL) << "not a FaultKind";
}

std::string WordsOf(const Quarantine& quarantine) {
  return absl::StrCat(
      "the disk lost writes that were acknowledged, up to index ",
      quarantine.last.index.value(), " in term ", quarantine.term.value(),
      "; this member does not vote and is not counted until a leader has "
      "brought it past them");
}

absl::Status StatusOf(const Refused& refused) {
  switch (refused.reason) {
    case RefusedReason::kNotLeader:
      return NoLeaderError("this member does not lead");
    case RefusedReason::kNoLeader:
      return NoLeaderError("none is known");
    // Of reads only, which leave nothing behind.
    case RefusedReason::kLeadershipLost:
      return NoLeaderError("the leader did not answer");
    // Definite, and soon over: as if there were no leader for a moment, so that
    // the node tries again.
    case RefusedReason::kTransferring:
      return NoLeaderError("leadership is being handed over");
    case RefusedReason::kOverloaded:
      return OverloadedError();
    case RefusedReason::kDiskSpaceLow:
      return DiskSpaceLowError();
    case RefusedReason::kTooLarge:
      return TooLargeError();
    case RefusedReason::kConfigurationMoved:
      return MembershipMovedError();
    case RefusedReason::kChangeInProgress:
      return MembershipRefusedError("another change is under way");
    case RefusedReason::kTermNotCommitted:
      return MembershipRefusedError("the leader has only just been elected");
    case RefusedReason::kIllegalConfiguration:
      CHECK(refused.configuration_error.has_value());
      return StatusOfConfiguration(*refused.configuration_error);
    case RefusedReason::kNotAVoter:
      return TransferFailedError("no other voter can take over");
    case RefusedReason::kTransferFailed:
      return TransferFailedError("it was not finished in time");
  }
  LOG(FATAL) << "not a RefusedReason";
}

}  // namespace microovn::raft
