// SPDX-License-Identifier: Apache-2.0
// What every ServiceDriver must do, as tests. A driver's test file includes
// this header, makes a DriverBench and instantiates ServiceDriverContract.
// A driver that needs an exception here breaks what the supervisor counts on.
#ifndef MICROOVN_SUPERVISOR_TESTING_SERVICE_DRIVER_CONTRACT_H_
#define MICROOVN_SUPERVISOR_TESTING_SERVICE_DRIVER_CONTRACT_H_

#include <atomic>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "base/testing/status_matchers.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

// A node with a driver on it. Its services become ready by themselves.
class DriverBench {
 public:
  virtual ~DriverBench() = default;
  virtual ServiceDriver& driver() = 0;
  // The agent ends and starts again.
  virtual void ReopenDriver() = 0;
  // The agent and all daemons end; the node starts again.
  virtual void Reboot() = 0;
  // Ends the daemon as kill -9 does.
  virtual void KillDaemon(Service service) = 0;
  // Lets a little time pass.
  // Real time or not: the contract asks that things come about, not how fast.
  virtual void Pass() = 0;
};

class ServiceDriverContract
    : public testing::TestWithParam<
          std::function<std::unique_ptr<DriverBench>()>> {
 protected:
  ServiceDriverContract() : bench_(GetParam()()) {}

  ServiceDriver& driver() { return bench_->driver(); }

  Observation See(Service service) {
    const absl::StatusOr<Observation> seen = driver().Observe(service);
    EXPECT_OK(seen);
    return seen.value_or(Observation());
  }

  // The first observation that fulfils the condition, or the last one.
  Observation Await(Service service,
                    const std::function<bool(const Observation&)>& condition) {
    const absl::Duration deadline =
        Clock::Real().Monotonic() + absl::Seconds(30);
    Observation seen = See(service);
    while (!condition(seen) && Clock::Real().Monotonic() < deadline) {
      bench_->Pass();
      seen = See(service);
    }
    EXPECT_TRUE(condition(seen)) << service << " is still " << seen.phase;
    return seen;
  }

  void AwaitTrue(const std::function<bool()>& condition) {
    const absl::Duration deadline =
        Clock::Real().Monotonic() + absl::Seconds(30);
    while (!condition() && Clock::Real().Monotonic() < deadline) {
      bench_->Pass();
    }
    EXPECT_TRUE(condition());
  }

  Observation AwaitPhase(Service service, Phase phase) {
    return Await(service, [phase](const Observation& seen) {
      return seen.phase == phase;
    });
  }

  std::unique_ptr<DriverBench> bench_;
};

// Counts what a driver tells while it lives.
class Listener {
 public:
  explicit Listener(ServiceDriver* driver) : driver_(*driver) {
    driver_.Watch([this] { ++told_; });
  }
  ~Listener() { driver_.Watch(nullptr); }

  int told() const { return told_; }

 private:
  ServiceDriver& driver_;
  std::atomic<int> told_{0};
};

TEST_P(ServiceDriverContract, AFreshNodeRunsNothing) {
  for (const Service service : kAllServices) {
    const Observation seen = See(service);
    EXPECT_EQ(seen.phase, Phase::kStopped);
    EXPECT_FALSE(seen.enabled);
    EXPECT_EQ(seen.pid, 0);
  }
}

TEST_P(ServiceDriverContract, StartRunsOneDaemonHoweverOften) {
  ASSERT_OK(driver().Start(Service::kSwitch));
  const Observation first = AwaitPhase(Service::kSwitch, Phase::kReady);
  EXPECT_GT(first.pid, 0);
  EXPECT_FALSE(first.enabled);
  ASSERT_OK(driver().Start(Service::kSwitch));
  bench_->Pass();
  EXPECT_EQ(AwaitPhase(Service::kSwitch, Phase::kReady).pid, first.pid);
  EXPECT_EQ(See(Service::kChassis).phase, Phase::kStopped);
}

TEST_P(ServiceDriverContract, StopEndsIt) {
  ASSERT_OK(driver().Stop(Service::kSwitch));
  ASSERT_OK(driver().Start(Service::kSwitch));
  AwaitPhase(Service::kSwitch, Phase::kReady);
  ASSERT_OK(driver().Stop(Service::kSwitch));
  EXPECT_NE(See(Service::kSwitch).phase, Phase::kReady);
  EXPECT_EQ(AwaitPhase(Service::kSwitch, Phase::kStopped).pid, 0);
}

TEST_P(ServiceDriverContract, RestartIsAnotherDaemon) {
  ASSERT_OK(driver().Start(Service::kNorthd));
  const pid_t before = AwaitPhase(Service::kNorthd, Phase::kReady).pid;
  ASSERT_OK(driver().Restart(Service::kNorthd));
  const Observation at_once = See(Service::kNorthd);
  EXPECT_FALSE(at_once.phase == Phase::kReady && at_once.pid == before);
  EXPECT_NE(AwaitPhase(Service::kNorthd, Phase::kReady).pid, before);
}

TEST_P(ServiceDriverContract, RestartOfAStoppedServiceStartsIt) {
  ASSERT_OK(driver().Restart(Service::kNorthd));
  AwaitPhase(Service::kNorthd, Phase::kReady);
}

TEST_P(ServiceDriverContract, ADaemonThatEndsByItselfComesBack) {
  ASSERT_OK(driver().Start(Service::kChassis));
  const pid_t before = AwaitPhase(Service::kChassis, Phase::kReady).pid;
  bench_->KillDaemon(Service::kChassis);
  const Observation after =
      Await(Service::kChassis, [before](const Observation& seen) {
        return seen.phase == Phase::kReady && seen.pid != before;
      });
  EXPECT_EQ(after.restarts, 1);
  // A driver that is not the daemon's parent need not be told how it ended.
  EXPECT_THAT(after.last_exit, testing::AnyOf(testing::Optional(128 + 9),
                                              testing::Optional(kUnknownExit)));
}

TEST_P(ServiceDriverContract, TellsOfADaemonThatEndsByItself) {
  ASSERT_OK(driver().Start(Service::kChassis));
  const Listener listener(&driver());
  const pid_t before = AwaitPhase(Service::kChassis, Phase::kReady).pid;
  AwaitTrue([this] { return driver().Hears(); });
  AwaitPhase(Service::kChassis, Phase::kReady);
  const int told = listener.told();
  bench_->KillDaemon(Service::kChassis);
  AwaitTrue([&] { return listener.told() > told; });
  Await(Service::kChassis, [before](const Observation& seen) {
    return seen.phase == Phase::kReady && seen.pid != before;
  });
}

TEST_P(ServiceDriverContract, WhatItHearsDoesNotMakeItsOwnActsStale) {
  const Listener listener(&driver());
  AwaitTrue([this] { return driver().Hears(); });
  for (int round = 0; round < 3; ++round) {
    ASSERT_OK(driver().Start(Service::kSwitch));
    AwaitPhase(Service::kSwitch, Phase::kReady);
    ASSERT_OK(driver().Enable(Service::kSwitch));
    EXPECT_TRUE(See(Service::kSwitch).enabled);
    ASSERT_OK(driver().Disable(Service::kSwitch));
    EXPECT_NE(See(Service::kSwitch).phase, Phase::kReady);
    EXPECT_FALSE(See(Service::kSwitch).enabled);
    AwaitPhase(Service::kSwitch, Phase::kStopped);
  }
}

TEST_P(ServiceDriverContract, TellsNothingAfterTheEnd) {
  ASSERT_OK(driver().Start(Service::kChassis));
  AwaitPhase(Service::kChassis, Phase::kReady);
  { const Listener listener(&driver()); }
  bench_->KillDaemon(Service::kChassis);
  AwaitPhase(Service::kChassis, Phase::kReady);
}

TEST_P(ServiceDriverContract, TheDataPlaneOutlivesTheAgent) {
  ASSERT_OK(driver().Start(Service::kSwitch));
  const pid_t before = AwaitPhase(Service::kSwitch, Phase::kReady).pid;
  bench_->ReopenDriver();
  EXPECT_EQ(AwaitPhase(Service::kSwitch, Phase::kReady).pid, before);
  // And it is looked after again.
  bench_->KillDaemon(Service::kSwitch);
  Await(Service::kSwitch, [before](const Observation& seen) {
    return seen.phase == Phase::kReady && seen.pid != before;
  });
}

TEST_P(ServiceDriverContract, EnabledServicesComeBackAfterAReboot) {
  ASSERT_OK(driver().Enable(Service::kSwitch));
  ASSERT_OK(driver().Enable(Service::kSwitch));
  EXPECT_TRUE(See(Service::kSwitch).enabled);
  EXPECT_EQ(See(Service::kSwitch).phase, Phase::kStopped);
  ASSERT_OK(driver().Start(Service::kSwitch));
  ASSERT_OK(driver().Start(Service::kChassis));
  AwaitPhase(Service::kSwitch, Phase::kReady);
  AwaitPhase(Service::kChassis, Phase::kReady);
  bench_->Reboot();
  AwaitPhase(Service::kSwitch, Phase::kReady);
  EXPECT_EQ(See(Service::kChassis).phase, Phase::kStopped);
}

TEST_P(ServiceDriverContract, DisableStopsForGood) {
  ASSERT_OK(driver().Enable(Service::kSwitch));
  ASSERT_OK(driver().Start(Service::kSwitch));
  AwaitPhase(Service::kSwitch, Phase::kReady);
  ASSERT_OK(driver().Disable(Service::kSwitch));
  EXPECT_NE(See(Service::kSwitch).phase, Phase::kReady);
  AwaitPhase(Service::kSwitch, Phase::kStopped);
  EXPECT_FALSE(See(Service::kSwitch).enabled);
  ASSERT_OK(driver().Disable(Service::kSwitch));
  bench_->Reboot();
  EXPECT_EQ(See(Service::kSwitch).phase, Phase::kStopped);
}

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_TESTING_SERVICE_DRIVER_CONTRACT_H_
