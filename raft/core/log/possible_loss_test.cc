// SPDX-License-Identifier: Apache-2.0
#include "raft/core/log/possible_loss.h"

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

Recovered Log(const std::vector<uint64_t>& terms, uint64_t applied) {
  Recovered recovered = LogOf(ConfigurationOf({1, 2, 3}), terms);
  recovered.applied = LogIndex(applied);
  return recovered;
}

Quarantine Lost(uint64_t term, uint64_t index, uint64_t last_term) {
  return {Term(term), {LogIndex(index), Term(last_term)}};
}

PossibleLoss Range(uint64_t first, uint64_t last) {
  return {LogIndex(first), LogIndex(last)};
}

TEST(PossibleLossTest, IsWhatIsMissingAtTheEnd) {
  const struct {
    const char* name;
    std::vector<uint64_t> terms;  // behind entry 1 of term 1
    uint64_t applied;
    Quarantine lost;
    PossibleLoss loss;
  } cases[] = {
      {"entries of the same term", {1, 2}, 2, Lost(2, 9, 2), Range(4, 9)},
      {"only a vote", {1, 2}, 2, Lost(5, 3, 2), Range(4, 3)},
      {"a later term, whose leader may have replaced what is not applied",
       {1, 2},
       2,
       Lost(5, 9, 4),
       Range(3, 9)},
      {"a truncation, to a shorter log of a later term",
       {1, 2, 2, 2},
       2,
       Lost(5, 3, 4),
       Range(3, 3)},
      {"a leader of a later term has been here since",
       {1, 2, 6},
       2,
       Lost(5, 9, 4),
       Range(5, 4)},
      {"all but the beginning", {}, 0, Lost(1, 7, 1), Range(2, 7)},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.name);
    EXPECT_EQ(LossOf(Log(one.terms, one.applied), one.lost), one.loss);
  }
  EXPECT_TRUE(Range(4, 3).none());
  EXPECT_FALSE(Range(3, 3).none());
}

TEST(PossibleLossTest, TheTermOfAForgottenVoteIsLeftBehind) {
  const HardState voted{Term(3), M(2)};
  EXPECT_EQ(HardStateWithout(voted, Lost(3, 1, 1)),
            (HardState{Term(4), MemberId()}));
  EXPECT_EQ(HardStateWithout(voted, Lost(5, 1, 1)),
            (HardState{Term(6), MemberId()}));
  // Its vote of term 3 was given to a known leader, and is not forgotten.
  EXPECT_EQ(HardStateWithout(voted, Lost(2, 1, 1)), voted);
}

// What a stopped member is made of when its quarantine has been ended.
Recovered Decided(Recovered recovered, const Quarantine& lost) {
  recovered.hard_state = HardStateWithout(recovered.hard_state, lost);
  return recovered;
}

Recovered InQuarantine(Recovered recovered, const Quarantine& lost) {
  recovered.quarantine = lost;
  return recovered;
}

constexpr Micros kLong = 360'000'000;

TEST(PossibleLossTest, TheOnlyVoterLeadsAgain) {
  const Recovered disk = LogOf(ConfigurationOf({1}));
  const Quarantine lost = Lost(4, 7, 1);
  CoreHarness harness;
  harness.Add(1, InQuarantine(disk, lost));
  harness.Advance(kLong);
  ASSERT_EQ(harness.core(1).role(), Role::kFollower);
  harness.Crash(1, Decided(disk, lost));
  harness.Advance(5'000'000);
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
  EXPECT_GT(harness.core(1).hard_state().term, lost.term);
}

// One that is recovered is enough, and what the sound one has survives: it has
// the longer log, so it is the one that is elected.
TEST(PossibleLossTest, AMajorityComesBackByOneAndLosesNothingThatASoundOneHas) {
  const Configuration three = ConfigurationOf({1, 2, 3});
  const Quarantine lost = Lost(1, 4, 1);
  CoreHarness harness;
  harness.Add(1, InQuarantine(LogOf(three, {1}), lost));
  harness.Add(2, InQuarantine(LogOf(three, {1}), lost));
  harness.Add(3, LogOf(three, {1, 1, 1}));
  harness.Advance(kLong);
  for (const uint64_t n : {1u, 2u, 3u}) {
    ASSERT_NE(harness.core(n).role(), Role::kLeader);
  }
  harness.Crash(1, Decided(LogOf(three, {1}), lost));
  harness.Advance(10'000'000);
  ASSERT_EQ(harness.core(3).role(), Role::kLeader);
  for (const uint64_t n : {1u, 2u, 3u}) {
    EXPECT_EQ(harness.core(n).log().ChainAt(LogIndex(4)),
              EntriesOf(three, {1, 1, 1}).back().chain);
    EXPECT_EQ(harness.core(n).quarantine(), std::nullopt) << n;
  }
}

}  // namespace
}  // namespace microovn::raft
