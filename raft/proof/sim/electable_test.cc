// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/electable.h"

#include <string>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

MemberId M(uint64_t n) { return MemberId(0, n); }

Configuration Make(const std::vector<uint64_t>& voters,
                   const std::vector<uint64_t>& outgoing = {},
                   const std::vector<uint64_t>& learners = {}) {
  Configuration configuration;
  for (const uint64_t n : voters) configuration.voters.push_back(M(n));
  for (const uint64_t n : outgoing) configuration.outgoing.push_back(M(n));
  for (const uint64_t n : learners) configuration.learners.push_back(M(n));
  return configuration;
}

LogEnd End(uint64_t member, uint64_t term, uint64_t index,
           const Configuration& configuration) {
  return {M(member), {LogIndex(index), Term(term)}, configuration};
}

TEST(ElectableTest, TheLongestLogOfAMajorityWins) {
  const Configuration three = Make({1, 2, 3});
  EXPECT_TRUE(SomebodyCanWin({End(1, 2, 9, three), End(2, 3, 5, three)}));
  EXPECT_FALSE(SomebodyCanWin({End(1, 2, 9, three)}));
  EXPECT_FALSE(SomebodyCanWin({}));
}

TEST(ElectableTest, ALearnerDoesNotLead) {
  const Configuration three = Make({1, 2, 3}, {}, {4});
  EXPECT_FALSE(SomebodyCanWin({End(1, 2, 9, three), End(4, 2, 9, three)}));
}

// Seed 1000191218 of the simulation: 5 led in term 4, wrote to the learner 7
// only, and is away.
TEST(ElectableTest, AVoterThatNeedsALearnerWithMoreWaits) {
  const Configuration committed = Make({3, 5, 6}, {}, {7});
  const Configuration joint = Make({3, 5, 7}, {3, 5, 6}, {6});
  const LogEnd third = End(3, 3, 419, committed);
  const LogEnd sixth = End(6, 3, 461, joint);
  const LogEnd learner = End(7, 4, 443, committed);
  EXPECT_FALSE(SomebodyCanWin({third, sixth, learner}));
  EXPECT_TRUE(
      SomebodyCanWin({third, sixth, learner, End(5, 4, 443, committed)}));
  // Had it not got them, it would vote.
  EXPECT_TRUE(SomebodyCanWin({third, sixth, End(7, 3, 419, committed)}));
}

}  // namespace
}  // namespace microovn::raft
