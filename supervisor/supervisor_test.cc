// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervisor.h"

#include <memory>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "supervisor/supervision_plan.h"
#include "supervisor/testing/fake_service_driver.h"
#include "supervisor/testing/service_driver_contract.h"

namespace microovn::supervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeBench final : public DriverBench {
 public:
  FakeBench() { ReopenDriver(); }

  ServiceDriver& driver() override { return *driver_; }
  void ReopenDriver() override {
    driver_ = std::make_unique<FakeServiceDriver>(&node_, &clock_);
    driver_->SetHears(true);
  }
  void Reboot() override {
    std::set<Service> enabled;
    {
      MutexLock lock(&node_.mu);
      node_.states.clear();
      enabled = node_.enabled;
    }
    ReopenDriver();
    for (const Service service : enabled) EXPECT_OK(driver_->Start(service));
  }
  void KillDaemon(Service service) override { driver_->End(service, 137); }
  void Pass() override { clock_.Advance(absl::Milliseconds(100)); }

 private:
  FakeNode node_;
  FakeClock clock_;
  std::unique_ptr<FakeServiceDriver> driver_;
};

INSTANTIATE_TEST_SUITE_P(Fake, ServiceDriverContract, testing::Values([] {
                           return std::make_unique<FakeBench>();
                         }));

// "switch=ready+" is ready and enabled.
std::map<Service, Observation> Seen(const std::string& text) {
  std::map<Service, Observation> observed;
  for (const absl::string_view word :
       absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(word, '=');
    Observation& seen = observed[ParseService(parts.first).value()];
    std::string phase = parts.second;
    seen.enabled = phase.back() == '+';
    if (seen.enabled) phase.pop_back();
    for (int i = 0; i <= static_cast<int>(Phase::kFailed); ++i) {
      if (PhaseName(static_cast<Phase>(i)) == phase) {
        seen.phase = static_cast<Phase>(i);
      }
    }
  }
  return observed;
}

std::string Words(const std::vector<SupervisionStep>& steps) {
  std::ostringstream text;
  for (const SupervisionStep& step : steps) text << step << "; ";
  return text.str();
}

TEST(SupervisionPlan, OneRowPerSituation) {
  constexpr Service kServer = Service::kOvsOvsdbServer;
  struct Case {
    const char* what;
    std::set<Service> wanted;
    const char* seen;
    const char* steps;
  };
  const Case cases[] = {
      {"nothing to do", {}, "", ""},
      {"fresh node: the switch waits for its database",
       {kServer, Service::kSwitch},
       "",
       "enable ovs-ovsdb-server; start ovs-ovsdb-server; enable switch; "},
      {"the database is there",
       {kServer, Service::kSwitch},
       "ovs-ovsdb-server=ready+ switch=stopped+",
       "start switch; "},
      {"starting, restarting: wait",
       {kServer, Service::kSwitch},
       "ovs-ovsdb-server=ready+ switch=backoff+",
       ""},
      {"as wanted",
       {kServer, Service::kSwitch},
       "ovs-ovsdb-server=ready+ switch=ready+",
       ""},
      {"databases start side by side",
       {Service::kNbOvsdbServer, Service::kSbOvsdbServer},
       "ovn-ovsdb-server-nb=stopped+ ovn-ovsdb-server-sb=failed+",
       "start ovn-ovsdb-server-nb; start ovn-ovsdb-server-sb; "},
      {"runs but would not come back after a reboot",
       {Service::kNorthd},
       "ovn-northd=ready",
       "enable ovn-northd; "},
      {"turned round while being disabled",
       {Service::kNorthd},
       "ovn-northd=stopping",
       "enable ovn-northd; start ovn-northd; "},
      {"the last started stops first",
       {},
       "switch=ready+ ovs-ovsdb-server=ready+ chassis=ready+",
       "disable chassis; "},
      {"one at a time",
       {},
       "switch=ready+ ovs-ovsdb-server=ready+ chassis=stopping",
       ""},
      {"next",
       {kServer},
       "switch=ready+ ovs-ovsdb-server=ready+ chassis=stopped",
       "disable switch; "},
      {"stopped but enabled",
       {},
       "ovn-northd=stopped+",
       "disable ovn-northd; "},
      {"not installed and not wanted", {}, "ovn-northd=failed", ""},
      {"one comes while another goes",
       {Service::kNbOvsdbServer},
       "ovn-northd=ready+",
       "enable ovn-ovsdb-server-nb; start ovn-ovsdb-server-nb; "
       "disable ovn-northd; "},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Words(PlanSupervision(c.wanted, Seen(c.seen))), c.steps)
        << c.what;
  }
}

TEST(SupervisionPlan, Unsettled) {
  const std::set<Service> wanted = {Service::kNorthd, Service::kChassis};
  EXPECT_THAT(Unsettled(wanted, Seen("ovn-northd=ready+ chassis=ready")),
              ElementsAre(Service::kChassis));
  EXPECT_THAT(
      Unsettled(wanted, Seen("ovn-northd=ready+ chassis=ready+ switch=stopping "
                             "ovn-ovsdb-server-nb=stopped+")),
      ElementsAre(Service::kSwitch, Service::kNbOvsdbServer));
  EXPECT_THAT(Unsettled(wanted, Seen("ovn-northd=ready+ chassis=ready+")),
              IsEmpty());
}

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : driver_(&node_, &clock_) { Make(); }

  void Make() {
    Supervisor::Options options;
    options.busy_interval = absl::Milliseconds(1);
    options.on_change = [this](const ServiceReports&) { ++changes_; };
    supervisor_ =
        std::make_unique<Supervisor>(&driver_, &clock_, std::move(options));
  }

  void Steps(int count) {
    for (int i = 0; i < count; ++i) {
      supervisor_->Step();
      clock_.Advance(absl::Milliseconds(100));
    }
  }

  Phase PhaseOf(Service service) {
    return supervisor_->Observed().at(service).observation.phase;
  }

  FakeNode node_;
  FakeClock clock_;
  FakeServiceDriver driver_;
  int changes_ = 0;
  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, TouchesNothingBeforeItKnowsWhatIsWanted) {
  ASSERT_OK(driver_.Enable(Service::kSwitch));
  ASSERT_OK(driver_.Start(Service::kSwitch));
  driver_.TakeCalls();
  Steps(3);
  EXPECT_THAT(driver_.TakeCalls(), IsEmpty());
  EXPECT_EQ(PhaseOf(Service::kSwitch), Phase::kReady);
  EXPECT_OK(supervisor_->WaitSettled(absl::ZeroDuration()));
}

TEST_F(SupervisorTest, StartsInOrderAndStopsTheOtherWayRound) {
  supervisor_->SetWanted({Service::kSwitch, Service::kChassis});
  EXPECT_THAT(supervisor_->WaitSettled(absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  Steps(3);
  EXPECT_OK(supervisor_->WaitSettled(absl::ZeroDuration()));
  EXPECT_THAT(driver_.TakeCalls(),
              ElementsAre("enable ovs-ovsdb-server", "start ovs-ovsdb-server",
                          "enable switch", "enable chassis", "start switch",
                          "start chassis"));
  supervisor_->SetWanted({});
  Steps(4);
  EXPECT_OK(supervisor_->WaitSettled(absl::ZeroDuration()));
  EXPECT_THAT(driver_.TakeCalls(),
              ElementsAre("disable chassis", "disable switch",
                          "disable ovs-ovsdb-server"));
}

TEST_F(SupervisorTest, RestartIsDoneOnceAndWaitedFor) {
  EXPECT_THAT(supervisor_->RestartService(Service::kNorthd),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  supervisor_->SetWanted({Service::kNorthd});
  Steps(2);
  driver_.TakeCalls();
  driver_.SetStubborn(Service::kNorthd, true);
  ASSERT_OK(supervisor_->RestartService(Service::kNorthd));
  Steps(2);
  EXPECT_THAT(supervisor_->WaitSettled(absl::ZeroDuration()),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       HasSubstr("ovn-northd is stopping")));
  driver_.SetStubborn(Service::kNorthd, false);
  clock_.Advance(absl::Seconds(20));
  Steps(2);
  EXPECT_OK(supervisor_->WaitSettled(absl::ZeroDuration()));
  EXPECT_THAT(driver_.TakeCalls(), ElementsAre("restart ovn-northd"));
}

TEST_F(SupervisorTest, ARestartThatTheDriverRefusesIsTriedAgain) {
  supervisor_->SetWanted({Service::kNorthd});
  Steps(2);
  driver_.TakeCalls();
  driver_.SetError(Service::kNorthd, absl::UnavailableError("no bus"));
  ASSERT_OK(supervisor_->RestartService(Service::kNorthd));
  Steps(1);
  EXPECT_THAT(
      supervisor_->WaitSettled(absl::ZeroDuration()),
      StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("no bus")));
  driver_.SetError(Service::kNorthd, absl::OkStatus());
  Steps(2);
  EXPECT_OK(supervisor_->WaitSettled(absl::ZeroDuration()));
}

TEST_F(SupervisorTest, ChangesAreToldOnce) {
  supervisor_->SetWanted({Service::kNorthd});
  Steps(5);
  const int before = changes_;
  Steps(5);
  EXPECT_EQ(changes_, before);
  driver_.End(Service::kNorthd, 1);
  Steps(1);
  EXPECT_EQ(changes_, before + 1);
}

TEST_F(SupervisorTest, LooksSeldomOnlyWhereItIsToldOfChanges) {
  const absl::Duration busy = absl::Milliseconds(1);
  supervisor_->SetWanted({Service::kNorthd});
  EXPECT_EQ(supervisor_->NextLook(absl::Seconds(1), false), busy)
      << "not looked at yet";
  Steps(3);
  EXPECT_EQ(supervisor_->NextLook(busy, false), absl::Seconds(2));
  driver_.SetHears(true);
  EXPECT_EQ(supervisor_->NextLook(busy, false), absl::Seconds(30));
  driver_.SetReady(Service::kNorthd, false);
  driver_.End(Service::kNorthd, 1);
  Steps(1);
  EXPECT_EQ(supervisor_->NextLook(busy, true), busy);
  EXPECT_EQ(supervisor_->NextLook(absl::Seconds(1), false),
            absl::Milliseconds(1250));
  EXPECT_EQ(supervisor_->NextLook(absl::Seconds(9), false), absl::Seconds(2));
}

// The next look by itself would be half a minute away.
TEST_F(SupervisorTest, ItsThreadLooksWhenTheDriverTells) {
  driver_.SetHears(true);
  supervisor_->Start();
  supervisor_->SetWanted({Service::kNorthd});
  EXPECT_OK(supervisor_->WaitSettled(absl::Seconds(30)));
  const pid_t before =
      supervisor_->Observed().at(Service::kNorthd).observation.pid;
  const absl::Duration start = Clock::Real().Monotonic();
  driver_.End(Service::kNorthd, 1);
  absl::Duration waited;
  do {
    clock_.Advance(absl::Milliseconds(100));
    std::this_thread::yield();
    waited = Clock::Real().Monotonic() - start;
  } while (supervisor_->Observed().at(Service::kNorthd).observation.pid ==
               before &&
           waited < absl::Seconds(30));
  EXPECT_LT(waited, absl::Seconds(15));
}

TEST_F(SupervisorTest, AManuallyStoppedServiceIsStartedAgain) {
  supervisor_->SetWanted({Service::kNorthd});
  Steps(2);
  ASSERT_OK(driver_.Stop(Service::kNorthd));
  Steps(2);
  EXPECT_EQ(PhaseOf(Service::kNorthd), Phase::kReady);
}

TEST_F(SupervisorTest, ItsThreadSettlesByItselfAndLeavesServicesRunning) {
  supervisor_->Start();
  supervisor_->SetWanted({Service::kSwitch});
  EXPECT_OK(supervisor_->WaitSettled(absl::Seconds(30)));
  ASSERT_OK(supervisor_->RestartService(Service::kSwitch));
  EXPECT_OK(supervisor_->WaitSettled(absl::Seconds(30)));
  driver_.TakeCalls();
  supervisor_.reset();
  EXPECT_EQ(driver_.Observe(Service::kSwitch)->phase, Phase::kReady);
  EXPECT_THAT(driver_.TakeCalls(), IsEmpty());
}

}  // namespace
}  // namespace microovn::supervisor
