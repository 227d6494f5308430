// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/stamp.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_clock.h"
#include "base/testing/fake_clock.h"
#include "gtest/gtest.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {
namespace {

using statepb::Command;

Command Parsed(const std::string& bytes) {
  Command command;
  EXPECT_TRUE(command.ParseFromString(bytes));
  return command;
}

TEST(StampTest, WhatAProposerWroteIsGone) {
  Command forged = SetConfigCommand("cluster.voters", "3");
  forged.set_clock_seconds(INT64_MAX);
  forged.set_time_seconds(INT64_MIN);
  const Command stamped =
      Parsed(StampCommand(forged.SerializeAsString(), {7, 1000}));
  EXPECT_EQ(stamped.clock_seconds(), 7);
  EXPECT_EQ(stamped.time_seconds(), 1000);
  EXPECT_EQ(stamped.set_config().value(), "3");
  // Said twice, or behind what the leader says.
  const Command twice = Parsed(StampCommand(
      stamped.SerializeAsString() + forged.SerializeAsString(), {8, 1001}));
  EXPECT_EQ(twice.clock_seconds(), 8);
}

// No member speaks for another, and the leader's own are its own.
TEST(StampTest, WhoPassedItOnIsTheLeadersWord) {
  Command forged = SetConfigCommand("cluster.voters", "3");
  forged.set_passed_by(TestId("node1"));
  forged.mutable_asker()->set_user("alice");
  const Command passed = Parsed(
      StampCommand(forged.SerializeAsString(), {7, 1000, TestId("node3")}));
  EXPECT_EQ(passed.passed_by(), TestId("node3"));
  EXPECT_EQ(passed.asker().user(), "alice");
  const Command own =
      Parsed(StampCommand(forged.SerializeAsString(), {7, 1000}));
  EXPECT_EQ(own.passed_by(), "");
}

// Bytes that would swallow what is written behind them are no command.
TEST(StampTest, WhatIsNoCommandStaysNone) {
  Command forged = SetConfigCommand("cluster.voters", "3");
  forged.set_clock_seconds(1 << 30);
  // A request id of 20 bytes that are not there.
  const std::string open = forged.SerializeAsString() + "\x1a\x14";
  const std::string stamped = StampCommand(open, {7, 1000});
  EXPECT_EQ(stamped, open);
  EXPECT_FALSE(Command().ParseFromString(stamped));
}

TEST(StampTest, ALabelOutOfRangeIsBounded) {
  const Command low =
      Parsed(StampCommand(CommandAt(1).SerializeAsString(), {-5, INT64_MIN}));
  EXPECT_EQ(low.clock_seconds(), 0);
  EXPECT_EQ(low.time_seconds(), 0);
  const Command high = Parsed(
      StampCommand(CommandAt(1).SerializeAsString(), {INT64_MAX, INT64_MAX}));
  EXPECT_EQ(high.clock_seconds(), kMaxSeconds);
  EXPECT_EQ(high.time_seconds(), kMaxSeconds);
}

TEST(StampTest, TheClockStopsAtItsEnd) {
  EXPECT_EQ(AdvanceClock(kMaxSeconds - 1, kMaxSeconds), kMaxSeconds);
  EXPECT_EQ(AdvanceClock(kMaxSeconds, kMaxSeconds), kMaxSeconds);
  EXPECT_EQ(AdvanceClock(5, 4), 5);
}

// Whatever is proposed, by members with whatever clocks, to leaders in turn:
// the cluster's clock has not gone further than the time that has passed.
TEST(StampTest, NoSequenceMovesTheClockBeyondTheLeaders) {
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    FakeClock machines[3];
    ClusterClock clocks[] = {ClusterClock(&machines[0]),
                             ClusterClock(&machines[1]),
                             ClusterClock(&machines[2])};
    ClusterState state = TestCluster({"node1", "node2", "node3"});
    int64_t passed = 0;
    for (int step = 0; step < 200; ++step) {
      if (random() % 4 == 0) {
        const auto seconds = static_cast<int64_t>(random() % 100);
        for (FakeClock& machine : machines) {
          machine.Advance(absl::Seconds(seconds));
        }
        passed += seconds;
      }
      if (random() % 8 == 0) {
        machines[random() % 3].Jump(
            absl::Seconds(static_cast<int32_t>(random())));
      }
      const std::string name = "node" + std::to_string(random() % 5 + 1);
      std::vector<Command> some = {ReportCommand(state, name, false),
                                   ConfirmCommand(name),
                                   CreateTokenCommand(name), AdmitCommand(name),
                                   SetConfigCommand("cluster.voters", "3")};
      Command command = some[random() % some.size()];
      command.set_clock_seconds(static_cast<int64_t>(random()));
      command.set_time_seconds(static_cast<int64_t>(random()));
      // Each hears of what is applied.
      for (ClusterClock& clock : clocks) clock.Seconds(state);
      const size_t leader = random() % 3;
      const int64_t before = state.cluster().clock_seconds();
      Apply(state, Parsed(StampCommand(
                       command.SerializeAsString(),
                       {clocks[leader].Seconds(state),
                        absl::ToUnixSeconds(machines[leader].Now())})));
      ASSERT_LE(state.cluster().clock_seconds(), passed) << "seed " << seed;
      ASSERT_GE(state.cluster().clock_seconds(), before) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace microovn::agent
