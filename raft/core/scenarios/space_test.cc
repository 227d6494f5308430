// SPDX-License-Identifier: Apache-2.0
// A member whose disk fills up: raft.md 5a.14.
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

Propose Command() { return Propose{{{RequestId(7), Payload("x")}}}; }

TEST(SpaceTest, ALeaderHandsOverToAVoterWithSpace) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Step(2, SpaceChanged{true});
  harness.Advance(2 * kDefaults.heartbeat_interval);
  harness.Step(1, SpaceChanged{true});
  // Definite, and the next leader takes it.
  const Output refused = harness.Step(1, Command());
  ASSERT_EQ(refused.refused.size(), 1u);
  EXPECT_EQ(refused.refused[0].reason, RefusedReason::kTransferring);
  harness.Settle();
  EXPECT_EQ(harness.core(3).role(), Role::kLeader);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  harness.Propose(3, "y");
  harness.Settle();
  EXPECT_EQ(harness.core(3).commit(), harness.core(3).log().last_index());
}

TEST(SpaceTest, WithoutSpaceAnywhereTheLeaderStaysAndRefuses) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Step(2, SpaceChanged{true});
  harness.Step(3, SpaceChanged{true});
  harness.Advance(2 * kDefaults.heartbeat_interval);
  harness.Step(1, SpaceChanged{true});
  harness.Advance(10 * kDefaults.election_timeout);
  ASSERT_EQ(harness.core(1).role(), Role::kLeader);
  const Output refused = harness.Step(1, Command());
  ASSERT_EQ(refused.refused.size(), 1u);
  EXPECT_EQ(refused.refused[0].reason, RefusedReason::kDiskSpaceLow);
  // Reads and changes of the membership go on: a full member can be removed.
  harness.Step(1, ReadRequest{RequestId(8)});
  harness.Settle();
  EXPECT_EQ(harness.Take(1).reads.size(), 1u);
  ProposeConfiguration remove;
  remove.expected = harness.core(1).configurations().InForce().index;
  remove.target.voters = Ids({1, 2});
  EXPECT_EQ(harness.Step(1, remove).accepted.size(), 1u);

  harness.Step(1, SpaceChanged{false});
  EXPECT_EQ(harness.Step(1, Command()).accepted.size(), 1u);
}

// One that is elected while it is full, because only its log is long enough.
TEST(SpaceTest, ANewLeaderWithoutSpaceHandsOver) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Step(1, SpaceChanged{true});
  harness.Elect(1);
  harness.Advance(4 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
}

// Nobody asked for that hand-over, so nobody is told that it failed.
TEST(SpaceTest, AHandOverThatFailsIsTriedAgain) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Advance(2 * kDefaults.heartbeat_interval);
  harness.set_drop([](const Message& message) {
    return std::holds_alternative<TimeoutNow>(message.body);
  });
  harness.Take(1);
  harness.Step(1, SpaceChanged{true});
  harness.Advance(2 * kDefaults.transfer_timeout);
  EXPECT_TRUE(harness.Take(1).refused.empty());
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
  harness.Heal();
  harness.Advance(2 * kDefaults.transfer_timeout);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
}

}  // namespace
}  // namespace microovn::raft
