// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/quorum.h"

#include <map>
#include <vector>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

MemberId M(uint64_t n) { return MemberId(0, n); }

std::vector<MemberId> Ids(const std::vector<uint64_t>& numbers) {
  std::vector<MemberId> ids;
  for (const uint64_t n : numbers) ids.push_back(M(n));
  return ids;
}

Configuration Make(const std::vector<uint64_t>& voters,
                   const std::vector<uint64_t>& outgoing = {}) {
  Configuration configuration;
  configuration.voters = Ids(voters);
  configuration.outgoing = Ids(outgoing);
  return configuration;
}

TEST(QuorumTest, CommitIndexIsWhatAMajorityOfEachSideReached) {
  struct Case {
    std::vector<uint64_t> voters;
    std::vector<uint64_t> outgoing;
    std::map<uint64_t, uint64_t> reached;
    uint64_t want;
  };
  const std::vector<Case> cases = {
      {{1}, {}, {{1, 7}}, 7},
      {{1, 2}, {}, {{1, 7}, {2, 3}}, 3},
      {{1, 2, 3}, {}, {{1, 7}, {2, 3}, {3, 5}}, 5},
      {{1, 2, 3}, {}, {{1, 7}}, 0},
      {{1, 2, 3, 4}, {}, {{1, 7}, {2, 6}, {3, 5}, {4, 4}}, 5},
      {{1, 2, 3, 4, 5}, {}, {{1, 7}, {2, 7}, {3, 5}}, 5},
      {{}, {}, {{1, 7}}, 0},
      // A learner does not count.
      {{1, 2, 3}, {}, {{1, 7}, {9, 9}, {8, 9}}, 0},
      // Joint: the smaller of both.
      {{1, 2, 3}, {1, 4, 5}, {{1, 9}, {2, 9}, {4, 2}}, 2},
      {{4, 5, 6}, {1, 2, 3}, {{4, 9}, {5, 9}, {6, 9}}, 0},
      {{1}, {1, 2, 3}, {{1, 9}, {2, 4}}, 4},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    EXPECT_EQ(QuorumValue(Make(c.voters, c.outgoing),
                          [&c](MemberId id) {
                            const auto at = c.reached.find(id.low());
                            return at == c.reached.end() ? 0 : at->second;
                          }),
              c.want)
        << i;
  }
}

TEST(QuorumTest, Tally) {
  struct Case {
    std::vector<uint64_t> voters;
    std::vector<uint64_t> outgoing;
    std::vector<uint64_t> granted;
    std::vector<uint64_t> refused;
    VoteResult want;
  };
  const std::vector<Case> cases = {
      {{1}, {}, {}, {}, VoteResult::kPending},
      {{1}, {}, {1}, {}, VoteResult::kWon},
      {{1, 2, 3}, {}, {1}, {}, VoteResult::kPending},
      {{1, 2, 3}, {}, {1, 2}, {}, VoteResult::kWon},
      {{1, 2, 3}, {}, {1}, {2}, VoteResult::kPending},
      {{1, 2, 3}, {}, {1}, {2, 3}, VoteResult::kLost},
      {{1, 2, 3, 4}, {}, {1, 2}, {}, VoteResult::kPending},
      {{1, 2, 3, 4}, {}, {1, 2}, {3, 4}, VoteResult::kLost},
      // An id twice is one vote (raft.md 5b.2).
      {{1, 2, 3}, {}, {1, 1}, {}, VoteResult::kPending},
      // Those who do not vote do not count.
      {{1, 2, 3}, {}, {1, 8, 9}, {}, VoteResult::kPending},
      {{1, 2, 3}, {}, {1}, {8, 9}, VoteResult::kPending},
      {{}, {}, {1, 2, 3}, {}, VoteResult::kLost},
      // Joint: both sides.
      {{1, 2, 3}, {4, 5, 6}, {1, 2, 3}, {}, VoteResult::kPending},
      {{1, 2, 3}, {4, 5, 6}, {1, 2, 4, 5}, {}, VoteResult::kWon},
      {{1, 2, 3}, {4, 5, 6}, {1, 2, 3}, {4, 5}, VoteResult::kLost},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    EXPECT_EQ(Tally(Make(c.voters, c.outgoing), Ids(c.granted), Ids(c.refused)),
              c.want)
        << i;
  }
}

// Any two quorums of a joint configuration and of either of its ends meet.
TEST(QuorumTest, QuorumsOfNeighboursIntersect) {
  const Configuration before = Make({1, 2, 3});
  const Configuration joint = Make({3, 4, 5}, {1, 2, 3});
  const Configuration after = Make({3, 4, 5});
  const auto has = [](const Configuration& configuration, uint64_t set) {
    return HasQuorum(configuration,
                     [set](MemberId id) { return (set >> id.low() & 1) != 0; });
  };
  for (uint64_t a = 0; a < 64; ++a) {
    for (uint64_t b = 0; b < 64; ++b) {
      if ((a & b) != 0) continue;
      EXPECT_FALSE(has(before, a) && has(joint, b)) << a << " " << b;
      EXPECT_FALSE(has(joint, a) && has(after, b)) << a << " " << b;
      EXPECT_FALSE(has(joint, a) && has(joint, b)) << a << " " << b;
    }
  }
}

}  // namespace
}  // namespace microovn::raft
