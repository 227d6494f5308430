// SPDX-License-Identifier: Apache-2.0
#include "agent/probe/pulse.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

PulseSight Answering(pid_t pid = 7) {
  PulseSight sight;
  sight.pid = pid;
  sight.ready = true;
  sight.answered = true;
  sight.activity.ticks = 100;
  return sight;
}

PulseSight Silent() {
  PulseSight sight = Answering();
  sight.answered = false;
  return sight;
}

class PulseTest : public testing::Test {
 protected:
  void See(const PulseSight& sight, int second) {
    now_ = absl::Seconds(second);
    pulse_.See(sight, now_ - absl::Milliseconds(500), now_);
  }
  peerpb::DaemonPulse Told() const {
    peerpb::DaemonPulse told;
    pulse_.Tell(now_, told);
    return told;
  }

  Pulse pulse_;
  absl::Duration now_;
};

TEST_F(PulseTest, ADaemonThatAnswersIsWell) {
  See(Answering(), 10);
  See(Answering(), 15);
  const peerpb::DaemonPulse told = Told();
  EXPECT_EQ(told.silent_millis(), 0);
  EXPECT_EQ(told.ready_millis(), 5000);
  EXPECT_FALSE(told.stopped() || told.busy() || told.paused());
  EXPECT_EQ(told.recent_ends(), 0u);
  EXPECT_TRUE(pulse_.MayAnswer(now_));
  EXPECT_TRUE(pulse_.HasNews());
}

TEST_F(PulseTest, SilenceCountsFromTheFirstQuestion) {
  See(Answering(), 10);
  See(Silent(), 15);
  EXPECT_EQ(Told().silent_millis(), 500);
  EXPECT_TRUE(pulse_.MayAnswer(now_)) << "it may be slow";
  See(Silent(), 18);
  EXPECT_EQ(Told().silent_millis(), 3500);
  EXPECT_FALSE(pulse_.MayAnswer(now_));
  See(Answering(), 20);
  EXPECT_EQ(Told().silent_millis(), 0);
  See(Silent(), 25);
  EXPECT_EQ(Told().silent_millis(), 500);
}

TEST_F(PulseTest, AStoppedProcessIsKnownAtOnce) {
  PulseSight sight = Silent();
  sight.activity.stopped = true;
  See(sight, 10);
  EXPECT_TRUE(Told().stopped());
  EXPECT_FALSE(pulse_.MayAnswer(now_));
}

TEST_F(PulseTest, ADaemonThatWorksIsBusyUntilItAnswers) {
  See(Silent(), 10);
  EXPECT_FALSE(Told().busy());
  PulseSight working = Silent();
  working.activity.ticks = 101;
  See(working, 12);
  EXPECT_TRUE(Told().busy());
  See(Answering(), 14);
  EXPECT_FALSE(Told().busy());
  PulseSight waiting = Silent();
  waiting.activity.runnable = true;
  See(waiting, 16);
  EXPECT_TRUE(Told().busy()) << "it waits for the processor";
}

TEST_F(PulseTest, OneThatDoesNotListenIsNotWaitedFor) {
  See(Silent(), 10);
  PulseSight deaf = Silent();
  deaf.activity.ticks = 150;
  deaf.deaf = true;
  See(deaf, 14);
  EXPECT_FALSE(Told().busy());
  EXPECT_EQ(Told().silent_millis(), 4500);
}

TEST_F(PulseTest, OneThatComesBackBeginsAnew) {
  See(Answering(), 10);
  See(Silent(), 20);
  See(Answering(), 21);
  EXPECT_EQ(Told().ready_millis(), 11'000) << "it was slow";
  See(Silent(), 25);
  See(Silent(), 30);
  See(Answering(), 31);
  EXPECT_EQ(Told().ready_millis(), 0);
  See(Answering(), 35);
  EXPECT_EQ(Told().ready_millis(), 4000);
}

TEST_F(PulseTest, AnotherProcessBeginsAnew) {
  See(Answering(), 10);
  See(Silent(), 15);
  PulseSight next = Silent();
  next.pid = 8;
  next.restarts = 1;
  See(next, 20);
  EXPECT_EQ(Told().silent_millis(), 500);
  EXPECT_EQ(Told().ready_millis(), 0);
}

TEST_F(PulseTest, OneThatIsNotReadyIsNotSilent) {
  PulseSight starting = Silent();
  starting.ready = false;
  See(starting, 10);
  See(starting, 20);
  EXPECT_EQ(Told().silent_millis(), 0);
  EXPECT_EQ(Told().ready_millis(), 0);
  EXPECT_FALSE(pulse_.MayAnswer(now_));
}

TEST_F(PulseTest, EndsAreToldUntilItLivesLongerThanBefore) {
  See(Answering(7), 10);
  for (int i = 1; i <= 3; ++i) {
    PulseSight next = Answering(7 + i);
    next.restarts = i;
    See(next, 10 + i);
  }
  EXPECT_EQ(Told().recent_ends(), 3u);
  PulseSight last = Answering(10);
  last.restarts = 3;
  See(last, 17);
  EXPECT_EQ(Told().recent_ends(), 3u);
  See(last, 18);
  EXPECT_EQ(Told().recent_ends(), 0u) << "five seconds are longer";
}

TEST_F(PulseTest, WhoWasWellBeginsAnotherRow) {
  See(Answering(7), 10);
  for (int i = 1; i <= 3; ++i) {
    PulseSight next = Answering(7 + i);
    next.restarts = i;
    See(next, 10 + i);
  }
  PulseSight killed = Answering(11);
  killed.restarts = 4;
  See(killed, 80);
  EXPECT_EQ(Told().recent_ends(), 1u) << "67 seconds lie between";
  killed.pid = 12;
  killed.restarts = 5;
  See(killed, 150);
  killed.pid = 13;
  killed.restarts = 6;
  See(killed, 220);
  EXPECT_EQ(Told().recent_ends(), 3u) << "every 70 seconds is again and again";
}

TEST_F(PulseTest, ALongLifeTakesALongerOneToForget) {
  See(Answering(7), 10);
  PulseSight next = Answering(8);
  next.restarts = 2;
  See(next, 30);
  EXPECT_EQ(Told().recent_ends(), 2u) << "it ended twice between two looks";
  See(next, 69);
  EXPECT_EQ(Told().recent_ends(), 2u);
  See(next, 70);
  EXPECT_EQ(Told().recent_ends(), 0u);
}

TEST_F(PulseTest, EndsOfLongAgoDoNotCount) {
  See(Answering(7), 10);
  PulseSight next = Answering(8);
  next.restarts = 1;
  See(next, 4000);
  EXPECT_EQ(Told().recent_ends(), 1u);
  next.pid = 9;
  next.restarts = 2;
  See(next, 4301);
  EXPECT_EQ(Told().recent_ends(), 1u);
}

TEST_F(PulseTest, CountsFromWhenAConnectionWasLost) {
  PulseSight sight = Answering();
  sight.disconnected_from = {"sb"};
  See(sight, 10);
  See(sight, 14);
  EXPECT_EQ(Told().disconnected_millis(), 4000);
  ASSERT_EQ(Told().disconnected_from_size(), 1);
  See(Answering(), 15);
  EXPECT_EQ(Told().disconnected_millis(), 0);
  EXPECT_EQ(Told().disconnected_from_size(), 0);
}

TEST_F(PulseTest, APausedDaemonSaysSo) {
  PulseSight sight = Answering();
  sight.paused = true;
  See(sight, 10);
  EXPECT_TRUE(Told().paused());
  sight.answered = false;
  See(sight, 11);
  EXPECT_FALSE(Told().paused()) << "it says nothing any more";
}

}  // namespace
}  // namespace microovn::agent
