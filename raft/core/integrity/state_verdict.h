// SPDX-License-Identifier: Apache-2.0
// Which of the members' states is the right one. A pure function.
#ifndef MICROOVN_RAFT_CORE_INTEGRITY_STATE_VERDICT_H_
#define MICROOVN_RAFT_CORE_INTEGRITY_STATE_VERDICT_H_

#include <optional>
#include <string>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// What a member says that its state is, at an index that all votes are about.
struct StateVote {
  MemberId member;
  std::string hash;  // empty: it has none for that index, and no say

  friend bool operator==(const StateVote& a, const StateVote& b) {
    return a.member == b.member && a.hash == b.hash;
  }
};

// The hash that at least half of the voters have: at most a minority is taken
// to be wrong, so half of them cannot be. When it is half against half (two
// voters that differ), or when all have spoken and nobody has a half, it is the
// leader's: somebody must stop, nobody can tell who, and the leader's state is
// the one that others get as a snapshot. Otherwise nothing can be said yet.
// Learners have no say, and only the first vote of a member counts.
std::optional<std::string> RightHash(const Configuration& configuration,
                                     MemberId leader,
                                     const std::vector<StateVote>& votes);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_INTEGRITY_STATE_VERDICT_H_
