// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/cluster_clock.h"

#include "agent/state/values/cluster_state.h"
#include "base/testing/fake_clock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

ClusterState StateAt(int64_t clock_seconds) {
  ClusterState state;
  statepb::Cluster cluster;
  cluster.set_clock_seconds(clock_seconds);
  state.cluster_record.Put(kClusterKey, cluster);
  return state;
}

TEST(ClusterClockTest, CountsFromWhatTheLogSays) {
  FakeClock machine;
  ClusterClock clock(&machine);
  EXPECT_EQ(clock.Seconds(ClusterState()), 0);
  EXPECT_EQ(clock.Seconds(StateAt(100)), 100);
  machine.Advance(absl::Seconds(7));
  EXPECT_EQ(clock.Seconds(StateAt(100)), 107);
  // The command of before comes back from the log.
  machine.Advance(absl::Milliseconds(500));
  EXPECT_EQ(clock.Seconds(StateAt(107)), 107);
  machine.Advance(absl::Milliseconds(500));
  EXPECT_EQ(clock.Seconds(StateAt(107)), 108);
}

TEST(ClusterClockTest, FollowsAMemberThatIsAheadAndNeverGoesBack) {
  FakeClock machine;
  ClusterClock clock(&machine);
  EXPECT_EQ(clock.Seconds(StateAt(100)), 100);
  EXPECT_EQ(clock.Seconds(StateAt(160)), 160);
  machine.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Seconds(StateAt(100)), 165);
}

TEST(ClusterClockTest, NoWallClockMovesIt) {
  FakeClock machine;
  ClusterClock clock(&machine);
  EXPECT_EQ(clock.Seconds(StateAt(100)), 100);
  machine.Jump(absl::Hours(24 * 365));
  EXPECT_EQ(clock.Seconds(StateAt(100)), 100);
  machine.Jump(-absl::Hours(2 * 24 * 365));
  machine.Advance(absl::Seconds(1));
  EXPECT_EQ(clock.Seconds(StateAt(100)), 101);
}

// A restart forgets what has passed since the last command, no more.
TEST(ClusterClockTest, ARestartGoesOnFromTheLog) {
  FakeClock machine;
  machine.Advance(absl::Hours(5));
  ClusterClock clock(&machine);
  EXPECT_EQ(clock.Seconds(StateAt(100)), 100);
}

}  // namespace
}  // namespace microovn::agent
