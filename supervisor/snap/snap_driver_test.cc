// SPDX-License-Identifier: Apache-2.0
#include "supervisor/snap/snap_driver.h"

#include <signal.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "supervisor/launch/launch.h"
#include "supervisor/snap/fake_snapd.h"
#include "supervisor/testing/service_driver_contract.h"

namespace microovn::supervisor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SnapBench final : public DriverBench {
 public:
  // One that hears answers from memory while nothing happens.
  explicit SnapBench(bool hears = false) : hears_(hears) {
    EXPECT_OK(MakeDirectories(paths_.ovn_run(), 0700));
    EXPECT_OK(MakeDirectories(paths_.switch_run(), 0700));
    ReopenDriver();
  }

  ServiceDriver& driver() override { return *driver_; }
  void ReopenDriver() override {
    driver_.reset();
    SnapDriver::Options options(paths_);
    options.describe = [this](Service service) { return Describe(service); };
    driver_ = std::make_unique<SnapDriver>(std::move(options), &snapd_,
                                           &Clock::Real());
    if (!hears_) return;
    driver_->Watch([] {});
    const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(10);
    while (!driver_->Hears() && Clock::Real().Monotonic() < end) Pass();
    EXPECT_TRUE(driver_->Hears());
  }
  void Reboot() override {
    snapd_.Reboot();
    ReopenDriver();
  }
  void KillDaemon(Service service) override {
    const absl::StatusOr<Observation> seen = driver_->Observe(service);
    ASSERT_OK(seen);
    ASSERT_GT(seen->pid, 0);
    kill(seen->pid, SIGKILL);
  }
  void Pass() override { usleep(5000); }

  FakeSnapd& snapd() { return snapd_; }
  const Paths& paths() const { return paths_; }

 private:
  ServiceSpec Describe(Service service) const {
    const std::string stem = JoinPath(paths_.ovn_run(), ServiceName(service));
    ServiceSpec spec;
    spec.service = service;
    spec.pid_file = absl::StrCat(stem, ".pid");
    spec.control = absl::StrCat(stem, ".ctl");
    return spec;
  }

  const bool hears_;
  TempDir dir_;
  const Paths paths_ = Paths(dir_.File("root"));
  FakeSnapd snapd_{[this](Service service) {
    const ServiceSpec spec = Describe(service);
    return std::vector<std::string>{"supervisor/snap/pretend_daemon",
                                    spec.pid_file, spec.control};
  }};
  std::unique_ptr<SnapDriver> driver_;
};

INSTANTIATE_TEST_SUITE_P(
    Snap, ServiceDriverContract,
    testing::Values([] { return std::make_unique<SnapBench>(); },
                    [] { return std::make_unique<SnapBench>(true); }));

class SnapDriverTest : public testing::Test {
 protected:
  ServiceDriver& driver() { return bench_.driver(); }
  void AwaitReady(Service service) {
    const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(30);
    while (Clock::Real().Monotonic() < end) {
      const auto seen = driver().Observe(service);
      if (seen.ok() && seen->phase == Phase::kReady) return;
      bench_.Pass();
    }
    ADD_FAILURE() << service << " is not ready";
  }

  SnapBench bench_;
};

// One that was started without it stays down after a refresh.
TEST_F(SnapDriverTest, WhatIsEnabledIsStartedWithEnable) {
  ASSERT_OK(driver().Enable(Service::kSwitch));
  EXPECT_THAT(bench_.snapd().TakeActs(), IsEmpty()) << "nothing is started";
  ASSERT_OK(driver().Start(Service::kSwitch));
  EXPECT_THAT(bench_.snapd().TakeActs(),
              ElementsAre("start --enable microovn.switch"));
  AwaitReady(Service::kSwitch);
  ASSERT_OK(driver().Enable(Service::kSwitch));
  ASSERT_OK(driver().Start(Service::kSwitch));
  EXPECT_THAT(bench_.snapd().TakeActs(), ElementsAre("start microovn.switch"));
}

TEST_F(SnapDriverTest, WhatRunsIsEnabledAtOnce) {
  ASSERT_OK(driver().Start(Service::kSwitch));
  AwaitReady(Service::kSwitch);
  bench_.snapd().TakeActs();
  ASSERT_OK(driver().Enable(Service::kSwitch));
  EXPECT_THAT(bench_.snapd().TakeActs(),
              ElementsAre("start --enable microovn.switch"));
}

TEST_F(SnapDriverTest, DisablingAsksForACleanStop) {
  ASSERT_OK(driver().Start(Service::kChassis));
  AwaitReady(Service::kChassis);
  bench_.snapd().TakeActs();
  ASSERT_OK(driver().Disable(Service::kChassis));
  EXPECT_THAT(bench_.snapd().TakeActs(),
              ElementsAre("stop --disable microovn.chassis"));
  EXPECT_EQ(RequestedStopMode(Service::kChassis, bench_.paths()),
            StopMode::kCleanUp);
}

TEST_F(SnapDriverTest, ARefusalIsTheCallersAndLeavesNoRequest) {
  ASSERT_OK(driver().Start(Service::kChassis));
  AwaitReady(Service::kChassis);
  bench_.snapd().Refuse(
      "snap \"microovn\" has \"refresh-snap\" change in "
      "progress");
  const absl::Status refused = driver().Disable(Service::kChassis);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("in progress"));
  EXPECT_EQ(RequestedStopMode(Service::kChassis, bench_.paths()),
            StopMode::kKeepDataPlane);
  EXPECT_THAT(driver().Restart(Service::kChassis),
              StatusIs(absl::StatusCode::kUnavailable));
  AwaitReady(Service::kChassis);
}

TEST_F(SnapDriverTest, AnAppThatTheSnapLacksIsNamed) {
  bench_.snapd().SetInstalled(Service::kSwitch, false);
  EXPECT_THAT(driver().Observe(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_THAT(driver().Start(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_THAT(driver().Enable(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_OK(driver().Stop(Service::kSwitch));
  EXPECT_OK(driver().Disable(Service::kSwitch));
}

TEST_F(SnapDriverTest, WhoStopsItByHandIsSeenToHaveStoppedIt) {
  ASSERT_OK(driver().Start(Service::kSwitch));
  AwaitReady(Service::kSwitch);
  Command command;
  command.argv = {"snapctl", "stop", "--disable", "microovn.switch"};
  ASSERT_OK(bench_.snapd().Run(command));
  const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(30);
  absl::StatusOr<Observation> seen = driver().Observe(Service::kSwitch);
  while (seen.ok() && seen->phase != Phase::kStopped &&
         Clock::Real().Monotonic() < end) {
    bench_.Pass();
    seen = driver().Observe(Service::kSwitch);
  }
  ASSERT_OK(seen);
  EXPECT_EQ(seen->phase, Phase::kStopped);
}

// Each service is asked for; snapd is asked once.
TEST(SnapDriver, OneLookAtAllIsOneQuestion) {
  SnapBench bench(/*hears=*/true);
  for (int round = 0; round < 3; ++round) {
    for (const Service service : kAllServices) {
      ASSERT_OK(bench.driver().Observe(service));
    }
  }
  EXPECT_LE(bench.snapd().TakeQuestions(), 2);
}

TEST(SnapPhase, OfWhatIsSeen) {
  EXPECT_EQ(SnapPhase(true, 7, true), Phase::kReady);
  EXPECT_EQ(SnapPhase(true, 7, false), Phase::kStarting);
  EXPECT_EQ(SnapPhase(true, 0, false), Phase::kStarting) << "at its gate";
  EXPECT_EQ(SnapPhase(false, 7, true), Phase::kStopping);
  EXPECT_EQ(SnapPhase(false, 0, false), Phase::kStopped);
}

}  // namespace
}  // namespace microovn::supervisor
