// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/value_words.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace microovn::raft {
namespace {

// A longer run of one letter is given by its length.
constexpr size_t kLongPayload = 16;

void AppendList(absl::string_view name, const std::vector<MemberId>& members,
                std::string& out) {
  if (members.empty()) return;
  absl::StrAppend(&out, out.empty() ? "" : " ", name, "=", Words(members));
}

}  // namespace

std::string Words(MemberId member) {
  return member.is_none() ? "none" : absl::StrCat(member.low());
}

std::string Words(const std::vector<MemberId>& members) {
  return absl::StrJoin(members, ",", [](std::string* out, MemberId member) {
    out->append(Words(member));
  });
}

std::string Words(LogPosition position) {
  return absl::StrCat(position.index.value(), "/", position.term.value());
}

std::string Words(const HardState& state) {
  std::string words = absl::StrCat("term=", state.term.value());
  if (!state.vote.is_none()) {
    absl::StrAppend(&words, " vote=", Words(state.vote));
  }
  return words;
}

std::string Words(const Payload& payload) {
  if (payload.size() <= kLongPayload) {
    return absl::StrCat("\"", payload.bytes(), "\"");
  }
  return absl::StrCat("(", payload.size(), " bytes)");
}

std::string Words(const Entry& entry) {
  std::string words =
      absl::StrCat(Words(LogPosition{entry.index, entry.term}), " ");
  switch (entry.kind) {
    case EntryKind::kNoop:
      return absl::StrCat(words, "noop");
    case EntryKind::kCommand:
      return absl::StrCat(words, Words(entry.payload));
    case EntryKind::kConfiguration:
      break;
  }
  const auto configuration = DecodeConfiguration(entry.payload.bytes());
  return absl::StrCat(words, "{",
                      configuration.has_value() ? Words(*configuration)
                                                : "broken configuration",
                      "}");
}

std::string Words(const std::vector<Entry>& entries) {
  return absl::StrJoin(entries, ", ", [](std::string* out, const Entry& entry) {
    out->append(Words(entry));
  });
}

std::string Words(const Configuration& configuration) {
  std::string words;
  AppendList("voters", configuration.voters, words);
  AppendList("outgoing", configuration.outgoing, words);
  AppendList("learners", configuration.learners, words);
  AppendList("removed", configuration.removed, words);
  if (configuration.incarnations.empty()) return words;
  absl::StrAppend(&words, " incarnations=",
                  absl::StrJoin(configuration.incarnations, ",",
                                [](std::string* out, KnownIncarnation known) {
                                  absl::StrAppend(out, Words(known.member), ":",
                                                  known.incarnation.value());
                                }));
  return words;
}

std::string Words(const SnapshotMetadata& snapshot) {
  return absl::StrCat(Words(LogPosition{snapshot.index, snapshot.term}), " {",
                      Words(snapshot.configuration), "}@",
                      snapshot.configuration_index.value());
}

absl::string_view Words(Role role) {
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
  return "?";
}

absl::string_view Words(RoleReason reason) {
  switch (reason) {
    case RoleReason::kElectionTimeout:
      return "election-timeout";
    case RoleReason::kConnectionLost:
      return "connection-lost";
    case RoleReason::kTransferRequested:
      return "transfer-requested";
    case RoleReason::kPreVoteWon:
      return "pre-vote-won";
    case RoleReason::kElectionWon:
      return "election-won";
    case RoleReason::kElectionLost:
      return "election-lost";
    case RoleReason::kHigherTerm:
      return "higher-term";
    case RoleReason::kLeaderKnown:
      return "leader-known";
    case RoleReason::kQuorumLost:
      return "quorum-lost";
    case RoleReason::kDiskStalled:
      return "disk-stalled";
    case RoleReason::kRemoved:
      return "removed";
  }
  return "?";
}

absl::string_view Words(RefusedReason reason) {
  switch (reason) {
    case RefusedReason::kNotLeader:
      return "not-leader";
    case RefusedReason::kNoLeader:
      return "no-leader";
    case RefusedReason::kLeadershipLost:
      return "leadership-lost";
    case RefusedReason::kTransferring:
      return "transferring";
    case RefusedReason::kOverloaded:
      return "overloaded";
    case RefusedReason::kTooLarge:
      return "too-large";
    case RefusedReason::kDiskSpaceLow:
      return "disk-space-low";
    case RefusedReason::kConfigurationMoved:
      return "configuration-moved";
    case RefusedReason::kChangeInProgress:
      return "change-in-progress";
    case RefusedReason::kTermNotCommitted:
      return "term-not-committed";
    case RefusedReason::kIllegalConfiguration:
      return "illegal-configuration";
    case RefusedReason::kNotAVoter:
      return "not-a-voter";
    case RefusedReason::kTransferFailed:
      return "transfer-failed";
  }
  return "?";
}

absl::string_view Words(RejectedReason reason) {
  switch (reason) {
    case RejectedReason::kOtherCluster:
      return "other-cluster";
    case RejectedReason::kNotForThisMember:
      return "not-for-this-member";
    case RejectedReason::kRemovedMember:
      return "removed-member";
    case RejectedReason::kOtherIncarnation:
      return "other-incarnation";
    case RejectedReason::kTermOutOfRange:
      return "term-out-of-range";
    case RejectedReason::kMalformedMessage:
      return "malformed-message";
    case RejectedReason::kNoVoter:
      return "no-voter";
  }
  return "?";
}

absl::string_view Words(ConfigurationError error) {
  switch (error) {
    case ConfigurationError::kNoVoters:
      return "no-voters";
    case ConfigurationError::kTooManyMembers:
      return "too-many-members";
    case ConfigurationError::kDuplicateMember:
      return "duplicate-member";
    case ConfigurationError::kReturnOfRemovedMember:
      return "return-of-removed-member";
    case ConfigurationError::kAlreadyChanging:
      return "already-changing";
    case ConfigurationError::kNoChange:
      return "no-change";
  }
  return "?";
}

absl::string_view Words(FaultKind kind) {
  switch (kind) {
    case FaultKind::kSecondLeaderInTerm:
      return "second-leader-in-term";
    case FaultKind::kLogDivergence:
      return "log-divergence";
    case FaultKind::kCommittedTruncation:
      return "committed-truncation";
    case FaultKind::kCorruptEntry:
      return "corrupt-entry";
    case FaultKind::kContractViolation:
      return "contract-violation";
    case FaultKind::kStateDivergence:
      return "state-divergence";
  }
  return "?";
}

std::string ShortIds(std::string text) {
  for (uint64_t n = 1; n <= 9; ++n) {
    absl::StrReplaceAll({{MemberId(0, n).ToHex(), absl::StrCat(n)}}, &text);
  }
  return text;
}

}  // namespace microovn::raft
