// SPDX-License-Identifier: Apache-2.0
#include "agent/watchdog/watchdog.h"

#include <string>
#include <vector>

#include "agent/watchdog/proof_of_life.h"
#include "base/testing/fake_clock.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kInterval = absl::Seconds(30);

class WatchdogTest : public ::testing::Test {
 protected:
  Watchdog::Manager Manager() {
    Watchdog::Manager manager;
    manager.interval = kInterval;
    manager.starting = [this](absl::Duration) { heard_.push_back("starting"); };
    manager.beat = [this] { heard_.push_back("beat"); };
    manager.status = [this](const std::string& line) {
      heard_.push_back(line);
    };
    return manager;
  }
  Watchdog::Subject Subject() {
    return {[this] { return signs_; },
            [this] {
              ++described_;
              return description_;
            }};
  }
  std::vector<std::string> Round() {
    heard_.clear();
    watchdog_.RunOnce();
    return heard_;
  }

  FakeClock clock_;
  std::vector<std::string> heard_;
  std::optional<LifeSigns> signs_;
  std::string description_ = "no member";
  int described_ = 0;
  Watchdog watchdog_{Manager(), &clock_};
};

TEST_F(WatchdogTest, AsksForPatienceUntilTheAgentServes) {
  EXPECT_THAT(Round(), ElementsAre("starting"));
  clock_.Advance(kLongestStart - absl::Seconds(1));
  EXPECT_THAT(Round(), ElementsAre("starting"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Round(), IsEmpty());
}

TEST_F(WatchdogTest, BeatsForANodeThatIsNoMember) {
  watchdog_.Watch(Subject());
  EXPECT_THAT(Round(), ElementsAre("beat", "no member"));
  EXPECT_THAT(Round(), ElementsAre("beat"));
  description_ = "member node1";
  EXPECT_THAT(Round(), ElementsAre("beat", "member node1"));
}

TEST_F(WatchdogTest, IsSilentWhileAThreadIsStuck) {
  watchdog_.Watch(Subject());
  signs_ = LifeSigns();
  signs_->log_turn = clock_.Monotonic();
  EXPECT_THAT(Round(), ElementsAre("beat", "no member"));
  clock_.Advance(kLongestLogTurn + absl::Seconds(1));
  EXPECT_THAT(Round(), IsEmpty());
  EXPECT_EQ(described_, 1) << "whoever is stuck is not asked";
  signs_->log_turn = clock_.Monotonic();
  EXPECT_THAT(Round(), ElementsAre("beat"));
}

TEST_F(WatchdogTest, BeatsTwiceInAnIntervalAndLooksAgainSoonAtTheStuck) {
  watchdog_.Watch(Subject());
  EXPECT_EQ(watchdog_.RunOnce(), kInterval / 2);
  clock_.Advance(absl::Hours(1));
  signs_ = LifeSigns();
  signs_->log_turn = absl::ZeroDuration();
  EXPECT_EQ(watchdog_.RunOnce(), kInterval / 10);
}

TEST(WatchdogThreadTest, BeatsUntilItIsDestroyed) {
  Mutex mu;
  CondVar changed;
  int beats = 0;
  Watchdog::Manager manager;
  manager.interval = absl::Milliseconds(2);
  manager.starting = [](absl::Duration) {};
  manager.beat = [&] {
    MutexLock lock(&mu);
    ++beats;
    changed.SignalAll();
  };
  manager.status = [](const std::string&) {};
  Watchdog watchdog(manager, &Clock::Real());
  watchdog.Start();
  watchdog.Watch({[] { return std::optional<LifeSigns>(); },
                  [] { return std::string(); }});
  MutexLock lock(&mu);
  while (beats < 3) changed.Wait(&mu);
}

}  // namespace
}  // namespace microovn::agent
