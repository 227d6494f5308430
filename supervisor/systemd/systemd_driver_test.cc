// SPDX-License-Identifier: Apache-2.0
// The driver's contract on a real systemd, with units of its own that run
// nothing but sleep. For a lab node; elsewhere it says that it is skipped.
#include "supervisor/systemd/systemd_driver.h"

#include <signal.h>
#include <unistd.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "supervisor/choose_driver.h"
#include "supervisor/testing/service_driver_contract.h"

namespace microovn::supervisor {
namespace {

constexpr char kPrefix[] = "microovn-driver-test.";
constexpr char kUnits[] = "/run/systemd/system";
constexpr char kRoot[] = "/run/microovn-driver-test";

void Systemctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "systemctl");
  Command command;
  command.argv = std::move(arguments);
  command.timeout = absl::Seconds(60);
  EXPECT_OK(RunForOutput(CommandRunner::Real(), command));
}

class SystemdBench final : public DriverBench {
 public:
  // A driver that hears answers from memory while a service rests.
  explicit SystemdBench(bool hears = false) : hears_(hears) {
    for (const Service service : kAllServices) {
      EXPECT_OK(WriteFile(UnitPath(service),
                          "[Service]\nType=simple\n"
                          "ExecStart=/bin/sleep 600\n"
                          "Restart=always\nRestartSec=100ms\n"
                          "[Install]\nWantedBy=multi-user.target\n",
                          0644));
    }
    Systemctl({"daemon-reload"});
    ReopenDriver();
  }

  ~SystemdBench() override {
    for (const Service service : kAllServices) {
      EXPECT_OK(driver_->Disable(service));
      Systemctl({"stop", UnitName(kPrefix, service)});
      unlink(UnitPath(service).c_str());
    }
    Systemctl({"daemon-reload"});
    EXPECT_OK(RemoveTree(kRoot));
  }

  ServiceDriver& driver() override { return *driver_; }

  void ReopenDriver() override {
    SystemdDriver::Options options{Paths(kRoot)};
    options.prefix = kPrefix;
    options.describe = [](Service service) {
      ServiceSpec spec;
      spec.service = service;
      return spec;
    };
    driver_ = std::make_unique<SystemdDriver>(std::move(options));
    if (!hears_) return;
    driver_->Watch([] {});
    const absl::Duration end = Clock::Real().Monotonic() + absl::Seconds(10);
    while (!driver_->Hears() && Clock::Real().Monotonic() < end) Pass();
    EXPECT_TRUE(driver_->Hears());
  }

  // What a reboot does to units: all end, those that multi-user.target wants
  // start.
  void Reboot() override {
    for (const Service service : kAllServices) {
      Systemctl({"stop", UnitName(kPrefix, service)});
    }
    Systemctl({"daemon-reload"});
    Systemctl({"start", "multi-user.target"});
    ReopenDriver();
  }

  void KillDaemon(Service service) override {
    const absl::StatusOr<Observation> seen = driver_->Observe(service);
    ASSERT_OK(seen);
    ASSERT_GT(seen->pid, 0);
    kill(seen->pid, SIGKILL);
  }
  void Pass() override { usleep(10'000); }

 private:
  static std::string UnitPath(Service service) {
    return JoinPath(kUnits, UnitName(kPrefix, service));
  }

  const bool hears_;
  std::unique_ptr<SystemdDriver> driver_;
};

bool Possible() { return ReadHostFacts().systemd_runs && geteuid() == 0; }

std::vector<std::function<std::unique_ptr<DriverBench>()>> Benches() {
  if (!Possible()) return {};
  return {[] { return std::make_unique<SystemdBench>(); },
          [] { return std::make_unique<SystemdBench>(/*hears=*/true); }};
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ServiceDriverContract);
INSTANTIATE_TEST_SUITE_P(Systemd, ServiceDriverContract,
                         testing::ValuesIn(Benches()));

TEST(SystemdDriver, AUnitThatIsNotInstalledIsNamed) {
  if (!Possible()) GTEST_SKIP() << "systemd does not run here";
  SystemdDriver::Options options{Paths(kRoot)};
  options.prefix = "microovn-not-installed.";
  SystemdDriver driver(std::move(options));
  EXPECT_THAT(driver.Observe(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_THAT(driver.Start(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_THAT(driver.Enable(Service::kSwitch),
              HasReason("SERVICE_NOT_INSTALLED"));
  EXPECT_OK(driver.Stop(Service::kSwitch));
}

TEST(SystemdDriver, WithoutABusItIsUnavailable) {
  if (Possible()) GTEST_SKIP() << "there is a bus";
  SystemdDriver driver(SystemdDriver::Options{Paths(kRoot)});
  EXPECT_THAT(driver.Observe(Service::kSwitch),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace microovn::supervisor
