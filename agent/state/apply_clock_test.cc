// SPDX-License-Identifier: Apache-2.0
// The cluster's clock, which every command moves.
#include <cstdint>

#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/stamp.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;

TEST(ClusterClockTest, TheClusterClockNeverGoesBack) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2", kTestTime + 50));
  EXPECT_EQ(state.cluster().clock_seconds(), 50);
  // The next leader is behind.
  MustApply(state, CreateTokenCommand("node3", kTestTime));
  EXPECT_EQ(state.cluster().clock_seconds(), 50);
  EXPECT_EQ(state.tokens.Find(TestId("token-node3"))->expire_clock_seconds(),
            50 + 10800);
  // A refused command moves the clock, too.
  Command refused = ConfirmCommand("nobody");
  refused.set_clock_seconds(60);
  EXPECT_EQ(Apply(state, refused).reason(), "MEMBER_NOT_FOUND");
  EXPECT_EQ(state.cluster().clock_seconds(), 60);
}

TEST(ClusterClockTest, OneCommandMovesTheClockByABoundedStep) {
  const struct {
    int64_t stamped;
    int64_t clock;
  } cases[] = {
      {0, 100},
      {100, 100},
      {101, 101},
      {100 + kMaxClockStep, 100 + kMaxClockStep},
      {101 + kMaxClockStep, 100 + kMaxClockStep},
      {kMaxSeconds, 100 + kMaxClockStep},
  };
  ClusterState begin = TestCluster({"node1"});
  Command command = ConfirmCommand("node1");
  command.set_clock_seconds(100);
  MustApply(begin, command);
  for (const auto& c : cases) {
    ClusterState state = begin;
    command.set_clock_seconds(c.stamped);
    MustApply(state, command);
    EXPECT_EQ(state.cluster().clock_seconds(), c.clock) << c.stamped;
  }
}

// A wall clock that is wrong is shown, and decides nothing.
TEST(ClusterClockTest, OneWrongWallClockClosesNothing) {
  for (const int64_t wrong : {kTestTime + int64_t{10} * 365 * 86400, INT64_MAX,
                              INT64_MIN, int64_t{0}}) {
    ClusterState state = TestCluster({"node1", "node2", "node3"});
    MustApply(state, CreateTokenCommand("node4"));
    Command ahead = ReportCommand(state, "node2", /*joined=*/true);
    ahead.set_time_seconds(wrong);
    MustApply(state, ahead);
    MustApply(state, CreateTokenCommand("node5", kTestTime + 200));
    MustApply(state, AdmitCommand("node4", kTestTime + 200));
    EXPECT_EQ(state.cluster().time_seconds(), kTestTime + 200);
  }
}

}  // namespace
}  // namespace microovn::agent
