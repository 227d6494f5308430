// SPDX-License-Identifier: Apache-2.0
// Launching, probing and stopping with Open vSwitch's own ovsdb-server.
#include "supervisor/launch/launch.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "supervisor/json_rpc/json_rpc.h"
#include "supervisor/process/process_driver.h"
#include "supervisor/process/process_table.h"
#include "supervisor/process/readiness_probe.h"
#include "supervisor/service/service_catalog.h"
#include "supervisor/supervisor.h"

namespace microovn::supervisor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Service kServer = Service::kOvsOvsdbServer;

void PassUntil(const std::function<bool()>& condition) {
  const absl::Duration deadline = Clock::Real().Monotonic() + absl::Seconds(30);
  while (!condition() && Clock::Real().Monotonic() < deadline) usleep(5000);
  EXPECT_TRUE(condition());
}

class LaunchTest : public testing::Test {
 protected:
  LaunchTest() { OpenDriver(); }
  ~LaunchTest() override {
    for (const Service service : kAllServices) {
      EXPECT_OK(driver_->Stop(service));
      AwaitPhase(service, Phase::kStopped);
    }
  }

  void OpenDriver() {
    driver_.reset();
    ProcessDriver::Options options(paths_);
    char directory[4096];
    ASSERT_NE(getcwd(directory, sizeof(directory)), nullptr);
    options.launch =
        [root = paths_.root(),
         program = absl::StrCat(
             directory, "/supervisor/launch/launch_service")](Service service) {
          return std::vector<std::string>{program, root, ServiceName(service)};
        };
    auto driver = ProcessDriver::Create(std::move(options), &Clock::Real());
    ASSERT_OK(driver);
    driver_ = *std::move(driver);
  }

  Observation See(Service service) {
    return driver_->Observe(service).value_or(Observation());
  }
  Observation AwaitPhase(Service service, Phase phase) {
    PassUntil([&] { return See(service).phase == phase; });
    EXPECT_EQ(See(service).phase, phase)
        << ReadFile(paths_.LogFile(
                        absl::StrCat(ServiceName(service), ".console.log")))
               .value_or("");
    return See(service);
  }

  TempDir dir_;
  const Paths paths_ = Paths(dir_.File("root"));
  std::unique_ptr<ProcessDriver> driver_;
};

TEST_F(LaunchTest, AServerBecomesReadyAndObeysExit) {
  ASSERT_OK(driver_->Start(kServer));
  const pid_t pid = AwaitPhase(kServer, Phase::kReady).pid;
  EXPECT_EQ(PidFileOwner(paths_.switch_server_pid_file()), pid);
  EXPECT_OK(PingDatabase(paths_.switch_socket(), absl::Seconds(5)));
  EXPECT_FALSE(FileExists(paths_.switch_database() + ".new"));
  // The log file is there for debugging and stays empty.
  EXPECT_THAT(ReadFile(paths_.LogFile("ovsdb-server.log")),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(ReadFile(paths_.LogFile("ovs-ovsdb-server.console.log")),
              IsOkAndHolds(HasSubstr("ovsdb_server|INFO")));
  ASSERT_OK(driver_->Stop(kServer));
  // By itself, not by a signal.
  EXPECT_EQ(AwaitPhase(kServer, Phase::kStopped).last_exit, 0);
  EXPECT_FALSE(FileExists(paths_.switch_server_pid_file()));
}

TEST_F(LaunchTest, ADaemonWithoutARecordIsKnownByItsPidFile) {
  ASSERT_OK(driver_->Start(kServer));
  const pid_t pid = AwaitPhase(kServer, Phase::kReady).pid;
  driver_.reset();
  ASSERT_OK(RemoveTree(paths_.supervisor_run()));
  OpenDriver();
  EXPECT_EQ(AwaitPhase(kServer, Phase::kReady).pid, pid);
}

TEST_F(LaunchTest, AKilledServerComesBackOnTheSameDatabase) {
  ASSERT_OK(driver_->Start(kServer));
  const pid_t pid = AwaitPhase(kServer, Phase::kReady).pid;
  kill(pid, SIGKILL);
  PassUntil([&] {
    const Observation seen = See(kServer);
    return seen.phase == Phase::kReady && seen.pid != pid;
  });
}

TEST_F(LaunchTest, TheSwitchWaitsForItsDatabaseAndTheWaitCanBeEnded) {
  ASSERT_OK(driver_->Start(Service::kSwitch));
  const std::string console = paths_.LogFile("switch.console.log");
  PassUntil([&] {
    return absl::StrContains(ReadFile(console).value_or(""),
                             "waiting for the switch's database");
  });
  EXPECT_EQ(See(Service::kSwitch).phase, Phase::kStarting);
  ASSERT_OK(driver_->Stop(Service::kSwitch));
  EXPECT_EQ(AwaitPhase(Service::kSwitch, Phase::kStopped).last_exit,
            128 + SIGTERM);
}

TEST_F(LaunchTest, ASupervisorBringsTheSwitchUpAndTakesItDown) {
  Supervisor supervisor(driver_.get(), &Clock::Real(), {});
  supervisor.Start();
  supervisor.SetWanted({Service::kSwitch});
  EXPECT_OK(supervisor.WaitSettled(absl::Seconds(30)));
  const Observation before = See(Service::kSwitch);
  EXPECT_OK(Unixctl(
      ControlSocket(DescribeService(Service::kSwitch, paths_), before.pid),
      "version", {}, absl::Seconds(5)));
  ASSERT_OK(supervisor.RestartService(Service::kSwitch));
  EXPECT_OK(supervisor.WaitSettled(absl::Seconds(30)));
  EXPECT_NE(See(Service::kSwitch).pid, before.pid);
  supervisor.SetWanted({});
  EXPECT_OK(supervisor.WaitSettled(absl::Seconds(30)));
  EXPECT_EQ(See(Service::kSwitch).last_exit, 0);
  EXPECT_EQ(See(kServer).last_exit, 0);
}

TEST_F(LaunchTest, AnUnconfiguredServiceSaysSoAndIsTriedAgain) {
  ASSERT_OK(driver_->Start(Service::kNbOvsdbServer));
  AwaitPhase(Service::kNbOvsdbServer, Phase::kBackoff);
  EXPECT_THAT(ReadFile(paths_.LogFile("ovn-ovsdb-server-nb.console.log")),
              IsOkAndHolds(HasSubstr("OVN_LOCAL_IP is not set")));
}

TEST_F(LaunchTest, StopServiceWaitsForTheEnd) {
  EXPECT_OK(StopService(kServer, paths_, StopMode::kKeepDataPlane,
                        absl::Seconds(20)));
  ASSERT_OK(driver_->Start(kServer));
  const pid_t pid = AwaitPhase(kServer, Phase::kReady).pid;
  EXPECT_OK(StopService(kServer, paths_, StopMode::kKeepDataPlane,
                        absl::Seconds(20)));
  EXPECT_NE(PidFileOwner(paths_.switch_server_pid_file()), pid);
}

TEST_F(LaunchTest, TheRequestToCleanUpLastsUntilTheNextLaunch) {
  EXPECT_EQ(RequestedStopMode(kServer, paths_), StopMode::kKeepDataPlane);
  ASSERT_OK(RequestCleanUp(kServer, paths_));
  EXPECT_EQ(RequestedStopMode(kServer, paths_), StopMode::kCleanUp);
  ASSERT_OK(driver_->Start(kServer));
  AwaitPhase(kServer, Phase::kReady);
  EXPECT_EQ(RequestedStopMode(kServer, paths_), StopMode::kKeepDataPlane);
}

TEST_F(LaunchTest, UnixctlRefusalsCarryTheDaemonsWords) {
  ASSERT_OK(driver_->Start(kServer));
  const pid_t pid = AwaitPhase(kServer, Phase::kReady).pid;
  const ServiceSpec spec = DescribeService(kServer, paths_);
  const std::string control = ControlSocket(spec, pid);
  EXPECT_THAT(Unixctl(control, "version", {}, absl::Seconds(5)),
              IsOkAndHolds(HasSubstr("Open vSwitch")));
  EXPECT_THAT(Unixctl(control, "no-such-command", {}, absl::Seconds(5)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("no-such-command")));
  EXPECT_THAT(ProbeReadiness(spec, pid + 1),
              StatusIs(absl::StatusCode::kUnavailable));
  // A path longer than a socket address holds.
  EXPECT_OK(PingDatabase(
      absl::StrCat(paths_.root(), std::string(120, '/'), "run/switch/db.sock"),
      absl::Seconds(5)));
}

// Preparation without the tools.

class PrepareTest : public testing::Test {
 protected:
  PrepareTest() {
    options_.program_directories = {dir_.path()};
    EXPECT_OK(WriteFile(dir_.File("ovsdb-tool"), "", 0755));
    tool_ = dir_.File("ovsdb-tool");
  }

  LaunchPlan Plan(PreparationStep::Kind kind) {
    PreparationStep step;
    step.kind = kind;
    step.purpose = "prepare it";
    step.file = dir_.File("x.db");
    step.schema = "schema";
    step.argv = {"ovsdb-tool", "create", step.file + ".new"};
    LaunchPlan plan;
    plan.preparation = {step};
    return plan;
  }

  TempDir dir_;
  LaunchOptions options_;
  std::string tool_;
};

TEST_F(PrepareTest, ADatabaseAppearsWholeAndOnce) {
  const LaunchPlan plan = Plan(PreparationStep::Kind::kCreate);
  // What a crash left.
  ASSERT_OK(WriteFile(dir_.File("x.db.new"), "half", 0600));
  FakeCommandRunner runner([&](const Command&) {
    EXPECT_FALSE(FileExists(dir_.File("x.db.new")));
    EXPECT_OK(WriteFile(dir_.File("x.db.new"), "whole", 0600));
    return CommandResult();
  });
  ASSERT_OK(Prepare(plan, options_, runner));
  ASSERT_OK(Prepare(plan, options_, runner));
  EXPECT_THAT(runner.lines(),
              ElementsAre(tool_ + " create " + dir_.File("x.db.new")));
  EXPECT_THAT(ReadFile(dir_.File("x.db")), IsOkAndHolds(std::string("whole")));
}

// What ovsdb-tool says of a database of version 8.3.1.
CommandResult OfTheOlder(const Command& command, const std::string& wanted) {
  CommandResult result;
  const std::string& verb = command.argv[1];
  if (verb == "needs-conversion") {
    result.output = wanted == "8.3.1" ? "no\n" : "yes\n";
  } else if (verb == "schema-version") {
    result.output = wanted + "\n";
  } else if (verb == "db-version") {
    result.output = "8.3.1\n";
  }
  return result;
}

TEST_F(PrepareTest, ANewerSchemaIsConvertedToAndACopyKept) {
  const LaunchPlan plan = Plan(PreparationStep::Kind::kConvert);
  ASSERT_OK(WriteFile(dir_.File("x.db"), "old", 0600));
  std::string wanted = "8.10.0";
  FakeCommandRunner runner(
      [&](const Command& command) { return OfTheOlder(command, wanted); });
  ASSERT_OK(Prepare(plan, options_, runner));
  EXPECT_THAT(ReadFile(dir_.File("x.db.backup")),
              IsOkAndHolds(std::string("old")));
  wanted = "8.3.1";
  ASSERT_OK(Prepare(plan, options_, runner));
  const std::string file = " " + dir_.File("x.db");
  EXPECT_THAT(runner.lines(),
              ElementsAre(tool_ + " needs-conversion" + file + " schema",
                          tool_ + " schema-version schema",
                          tool_ + " db-version" + file,
                          tool_ + " convert" + file + " schema",
                          tool_ + " needs-conversion" + file + " schema"));
}

// A refresh was taken back: an older switch works on what the newer one left,
// and what it left does not fit the older schema.
TEST_F(PrepareTest, NothingIsConvertedToAnOlderSchema) {
  const LaunchPlan plan = Plan(PreparationStep::Kind::kConvert);
  ASSERT_OK(WriteFile(dir_.File("x.db"), "new", 0600));
  FakeCommandRunner runner(
      [](const Command& command) { return OfTheOlder(command, "8.3.0"); });
  ASSERT_OK(Prepare(plan, options_, runner));
  EXPECT_THAT(runner.lines(),
              testing::Not(testing::Contains(HasSubstr(" convert "))));
  EXPECT_FALSE(FileExists(dir_.File("x.db.backup")));
}

TEST_F(PrepareTest, AFailureNamesItsPurpose) {
  FakeCommandRunner runner([](const Command&) {
    CommandResult result;
    result.exit_code = 1;
    result.error = "disk full\n";
    return result;
  });
  EXPECT_THAT(Prepare(Plan(PreparationStep::Kind::kCreate), options_, runner),
              StatusIs(absl::StatusCode::kInternal,
                       testing::AllOf(HasSubstr("prepare it"),
                                      HasSubstr("disk full"))));
  EXPECT_FALSE(FileExists(dir_.File("x.db")));
}

TEST_F(PrepareTest, AMissingProgramIsNamed) {
  EXPECT_THAT(FindProgram("ovn-no-such-program", options_),
              HasReason("PROGRAM_NOT_FOUND"));
  EXPECT_THAT(FindProgram("ovsdb-tool", options_), IsOkAndHolds(tool_));
  EXPECT_THAT(FindProgram("/a/b", options_), IsOkAndHolds(std::string("/a/b")));
}

TEST_F(PrepareTest, AGateOpensWhenItsCommandPrintsWhatIsExpected) {
  LaunchPlan plan;
  plan.gate.argv = {"ovsdb-tool", "list"};
  plan.gate.expected = "5f2c";
  CommandResult result;
  FakeCommandRunner runner([&](const Command&) { return result; });
  EXPECT_THAT(CheckGate(plan, options_, runner),
              StatusIs(absl::StatusCode::kUnavailable));
  result.output = "[5f2c]\n";
  EXPECT_OK(CheckGate(plan, options_, runner));
  result.exit_code = 1;
  EXPECT_FALSE(CheckGate(plan, options_, runner).ok());
  plan.gate.socket = dir_.File("nobody.sock");
  result.exit_code = 0;
  EXPECT_THAT(CheckGate(plan, options_, runner),
              StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace microovn::supervisor
