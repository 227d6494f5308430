// SPDX-License-Identifier: Apache-2.0
// Who is in the cluster: the members that vote, the members that only get the
// log, and during a change of voters both the old and the new voters (joint
// consensus, Raft section 6, thesis 4.3). A configuration is in force from the
// moment its entry is appended, committed or not.
//
// Immutable values; pure functions.
#ifndef MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_H_
#define MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_H_

#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Bounds on what a configuration entry may hold.
inline constexpr size_t kMaxVoters = 9;
inline constexpr size_t kMaxLearners = 4096;
// Who was removed before the last so many is no longer refused here. The agent
// refuses it before a message comes so far: its certificate names no member of
// the state (agent/member/raft_caller.h), whose tombstones are kept ten times
// as long. And ids do not come back: they are 128 bits that a leader draws.
inline constexpr size_t kMaxRemoved = 1024;

struct KnownIncarnation {
  MemberId member;
  Incarnation incarnation;

  friend bool operator==(const KnownIncarnation& a, const KnownIncarnation& b) {
    return a.member == b.member && a.incarnation == b.incarnation;
  }
};

// All lists but `removed` are sorted by id and free of duplicates.
struct Configuration {
  std::vector<MemberId> voters;
  // The voters before the change; not empty means joint: every decision needs
  // a majority of `voters` and a majority of `outgoing`.
  std::vector<MemberId> outgoing;
  // Get the log, do not count. May overlap `outgoing` (a voter being demoted).
  std::vector<MemberId> learners;
  // The data directory with which each member joined. Messages of a listed
  // member with another incarnation are refused. A member that is not listed
  // is not checked.
  std::vector<KnownIncarnation> incarnations;
  // Ids that left, oldest first, at most kMaxRemoved. They may never return,
  // and once this configuration is committed their messages are refused.
  std::vector<MemberId> removed;

  bool is_joint() const { return !outgoing.empty(); }
  // In either majority.
  bool IsVoter(MemberId member) const;
  bool Contains(MemberId member) const;
  bool IsRemoved(MemberId member) const;
  std::optional<Incarnation> IncarnationOf(MemberId member) const;
  // Everyone who gets the log, sorted.
  std::vector<MemberId> Members() const;

  friend bool operator==(const Configuration& a, const Configuration& b) {
    return std::tie(a.voters, a.outgoing, a.learners, a.incarnations,
                    a.removed) == std::tie(b.voters, b.outgoing, b.learners,
                                           b.incarnations, b.removed);
  }
  friend bool operator!=(const Configuration& a, const Configuration& b) {
    return !(a == b);
  }
};

// The wanted end of a change, as the role policy states it.
struct ConfigurationTarget {
  std::vector<MemberId> voters;
  std::vector<MemberId> learners;
  std::vector<KnownIncarnation> incarnations;  // for members to be added

  friend bool operator==(const ConfigurationTarget& a,
                         const ConfigurationTarget& b) {
    return std::tie(a.voters, a.learners, a.incarnations) ==
           std::tie(b.voters, b.learners, b.incarnations);
  }
};

enum class ConfigurationError {
  kNoVoters,
  kTooManyMembers,
  kDuplicateMember,
  kReturnOfRemovedMember,
  kAlreadyChanging,  // `from` is joint
  kNoChange,
};

// The first entry of the way from `from` to `target`: a joint configuration
// when the voters differ, the final one when only learners do.
struct Transition {
  std::optional<Configuration> next;
  std::optional<ConfigurationError> error;  // set if and only if no `next`
};
Transition BeginChange(const Configuration& from,
                       const ConfigurationTarget& target);

// The end of a joint configuration: outgoing voters that are not learners are
// gone.
Configuration LeaveJoint(const Configuration& joint);

// For tests: whether `next` may follow `current` in a log, by one of the two
// steps above.
bool IsLegalTransition(const Configuration& current, const Configuration& next);

// Versioned bytes for an entry's payload. Decode returns nothing unless the
// bytes are exactly what Encode produces for a valid configuration.
std::string EncodeConfiguration(const Configuration& configuration);
std::optional<Configuration> DecodeConfiguration(absl::string_view bytes);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_CONFIGURATION_H_
