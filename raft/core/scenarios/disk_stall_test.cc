// SPDX-License-Identifier: Apache-2.0
// What a member does whose disk does not answer (disk_stall.cc, raft.md
// 5a.14).
#include <string>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

RoleReason FirstReason(const Output& output) {
  EXPECT_FALSE(output.role_changes.empty());
  return output.role_changes.empty() ? RoleReason::kElectionTimeout
                                     : output.role_changes[0].reason;
}

TEST(DiskStallTest, ALeaderHandsOver) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Stall(1);
  const LogIndex index = harness.Propose(1, "x");
  harness.Settle();
  EXPECT_EQ(harness.core(1).commit(), index) << "by the others";
  EXPECT_LT(harness.core(1).applied(), index);
  harness.Take(1);
  harness.Advance(kDefaults.election_timeout / 2 - 20'000);
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
  harness.Advance(100'000);
  EXPECT_NE(harness.core(1).role(), Role::kLeader);
  EXPECT_EQ(FirstReason(harness.Take(1)), RoleReason::kHigherTerm);
  EXPECT_TRUE(harness.core(2).role() == Role::kLeader ||
              harness.core(3).role() == Role::kLeader);
  EXPECT_TRUE(harness.Take(1).refused.empty()) << "nobody asked for it";
}

TEST(DiskStallTest, ALeaderThatCannotHandOverStepsDown) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.set_drop([](const Message& message) {
    return std::holds_alternative<TimeoutNow>(message.body);
  });
  harness.Stall(1);
  harness.Propose(1, "x");
  harness.Take(1);
  harness.Advance(kDefaults.election_timeout + 50'000);
  EXPECT_EQ(FirstReason(harness.Take(1)), RoleReason::kDiskStalled);
  harness.Advance(3 * kDefaults.election_timeout);
  EXPECT_TRUE(harness.core(2).role() == Role::kLeader ||
              harness.core(3).role() == Role::kLeader);
}

TEST(DiskStallTest, TheOnlyVoterStays) {
  CoreHarness harness = CoreHarness::Cluster(1);
  harness.Elect(1);
  harness.Stall(1);
  const LogIndex index = harness.Propose(1, "x");
  harness.Advance(5 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
  EXPECT_LT(harness.core(1).commit(), index);
  harness.Unstall(1);
  EXPECT_EQ(harness.core(1).commit(), index);
}

TEST(DiskStallTest, AMemberWithAStalledDiskDoesNotCampaign) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Stall(2);
  harness.Propose(1, "x");
  harness.Settle();
  harness.Isolate(1);
  harness.Advance(kDefaults.election_timeout / 2 + 20'000);
  harness.Take(2);
  // The other one could win, but does not ask.
  harness.Isolate(2);
  harness.Advance(4 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(2).role(), Role::kFollower);
  EXPECT_EQ(FirstReason(harness.Take(2)), RoleReason::kDiskStalled);
  harness.Receive(2, 1, 2, TimeoutNow{});
  EXPECT_EQ(harness.core(2).role(), Role::kFollower);
  harness.Unstall(2);
  harness.Advance(3 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(2).role(), Role::kPreCandidate);
}

TEST(DiskStallTest, ASlowDiskIsNoStall) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  for (int i = 0; i < 10; ++i) {
    harness.Stall(1);
    harness.Propose(1, "x");
    harness.Advance(kDefaults.election_timeout / 3);
    harness.Unstall(1);
    harness.Settle();
  }
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
}

// After a pause of the whole process the disk's answer comes with the rest.
TEST(DiskStallTest, APauseIsNoStall) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Stall(1);
  harness.Propose(1, "x");
  harness.Settle();
  RaftCore& core = harness.core(1);
  core.Step(core.NextWakeup() + kDefaults.election_timeout * 55 / 100, Tick{});
  ASSERT_EQ(core.role(), Role::kLeader);
  EXPECT_FALSE(core.leader_state()->hand_over.has_value());
}

TEST(DiskStallTest, ReadsAreConfirmedMeanwhile) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Stall(1);
  harness.Propose(1, "x");
  harness.Advance(kDefaults.election_timeout / 3);
  harness.Take(1);
  harness.Step(1, ReadRequest{RequestId(1)});
  harness.Settle();
  EXPECT_EQ(harness.Take(1).reads.size(), 1u);
}

}  // namespace
}  // namespace microovn::raft
