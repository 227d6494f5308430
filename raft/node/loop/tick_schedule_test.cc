// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/tick_schedule.h"

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

constexpr Micros kMillisecond = 1000;

Options Timing(Micros election_timeout) {
  Options options;
  options.election_timeout = election_timeout;
  return options;
}

Time At(Micros milliseconds) {
  return Time(static_cast<uint64_t>(milliseconds * kMillisecond));
}

TEST(TickScheduleTest, SleepsUntilTheCoresDeadline) {
  const TickSchedule schedule(Timing(1000 * kMillisecond));
  EXPECT_EQ(schedule.NextWake(At(1100), At(1000), false), At(1100));
  EXPECT_EQ(schedule.NextWake(At(900), At(1000), false), At(900));
}

// The core would take it for a process that was stopped.
TEST(TickScheduleTest, NeverSleepsForHalfAnElectionTimeout) {
  for (const Micros timeout : {100u, 300u, 1000u, 5000u}) {
    const TickSchedule schedule(Timing(timeout * kMillisecond));
    EXPECT_EQ(schedule.NextWake(At(1'000'000), At(1000), false),
              At(1000 + timeout / 4));
  }
}

TEST(TickScheduleTest, LooksOftenWhereSomebodyWaits) {
  const TickSchedule schedule(Timing(1000 * kMillisecond));
  EXPECT_EQ(schedule.NextWake(At(5000), At(1000), true), At(1050));
  EXPECT_EQ(schedule.NextWake(At(1020), At(1000), true), At(1020));
}

TEST(TickScheduleTest, ATickIsDueAtTheDeadline) {
  EXPECT_FALSE(TickSchedule::IsDue(At(1010), At(1011), At(1000)));
  EXPECT_TRUE(TickSchedule::IsDue(At(1011), At(1011), At(1000)));
}

// A follower that hears a heartbeat is awake and is told of time for nothing,
// so that it need not be woken for it.
TEST(TickScheduleTest, WhoIsAwakeAnywayTellsOfTime) {
  EXPECT_FALSE(TickSchedule::IsDue(At(1049), At(9000), At(1000)));
  EXPECT_TRUE(TickSchedule::IsDue(At(1050), At(9000), At(1000)));
}

}  // namespace
}  // namespace microovn::raft
