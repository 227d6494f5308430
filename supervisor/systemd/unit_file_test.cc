// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/unit_file.h"

#include <signal.h>
#include <stdlib.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gtest/gtest.h"
#include "supervisor/choose_driver.h"
#include "supervisor/systemd/systemd_unit.h"

namespace microovn::supervisor {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

UnitOptions Options() { return UnitOptions{Paths("/var/lib/microovn")}; }

// All units, as they are installed. UPDATE_GOLDEN=1 prints what to put there.
TEST(UnitFile, AllUnitsAreAsReviewed) {
  std::string text;
  for (const auto& [name, unit] : UnitFiles(Options())) {
    absl::StrAppend(&text, "### ", name, "\n", unit);
  }
  if (getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_OK(WriteFile(
        absl::StrCat(getenv("TEST_UNDECLARED_OUTPUTS_DIR"), "/units.golden"),
        text, 0644));
  }
  EXPECT_THAT(ReadFile("supervisor/systemd/testdata/units.golden"),
              IsOkAndHolds(testing::StrEq(text)));
}

TEST(UnitFile, SystemdAcceptsThem) {
  TempDir dir;
  UnitOptions options = Options();
  // What is verified is the units, not that the programs are installed.
  options.binary = "/bin/true";
  Command command;
  command.argv = {"systemd-analyze", "verify", "--man=no"};
  for (const auto& [name, unit] : UnitFiles(options)) {
    ASSERT_OK(WriteFile(dir.File(name), unit, 0644));
    command.argv.push_back(dir.File(name));
  }
  const absl::StatusOr<CommandResult> result =
      CommandRunner::Real().Run(command);
  if (absl::IsNotFound(result.status())) {
    GTEST_SKIP() << "systemd-analyze is not installed";
  }
  ASSERT_OK(result);
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_THAT(result->error, testing::Not(HasSubstr(dir.path())))
      << result->error;
}

// What a unit may do is a number that only systemd can say; the switch needs
// more than others.
TEST(UnitFile, SystemdFindsThemLittleExposed) {
  TempDir dir;
  for (const auto& [name, unit] : UnitFiles(Options())) {
    if (!absl::EndsWith(name, ".service")) continue;
    ASSERT_OK(WriteFile(dir.File(name), unit, 0644));
    Command command;
    command.argv = {"systemd-analyze", "security", "--offline=true",
                    absl::StrCat("--threshold=",
                                 absl::StrContains(name, "switch") ? 55 : 40),
                    dir.File(name)};
    const absl::StatusOr<CommandResult> result =
        CommandRunner::Real().Run(command);
    if (absl::IsNotFound(result.status())) {
      GTEST_SKIP() << "systemd-analyze is not installed";
    }
    ASSERT_OK(result);
    EXPECT_EQ(result->exit_code, 0) << name << "\n" << result->output;
  }
}

TEST(UnitFile, AnAgentThatRunsDaemonsItselfIsNotConfinedMoreThanThey) {
  UnitOptions options = Options();
  EXPECT_THAT(AgentUnitFile(options), HasSubstr("CapabilityBoundingSet="));
  options.driver = "process";
  EXPECT_THAT(AgentUnitFile(options),
              testing::Not(HasSubstr("CapabilityBoundingSet=")));
}

TEST(UnitFile, WordsAreQuotedForSystemd) {
  UnitOptions options{Paths("/srv/100% \"x\"")};
  EXPECT_THAT(ServiceUnitFile(Service::kSwitch, options),
              HasSubstr("--launch=switch \"--root=/srv/100%% \\\"x\\\"\"\n"));
}

TEST(UnitFile, PathsHaveNoVariablesAndProgramsNeither) {
  UnitOptions options{Paths("/srv/$x")};
  EXPECT_THAT(ServiceUnitFile(Service::kSwitch, options),
              AllOf(HasSubstr(" --root=/srv/$$x\n"),
                    HasSubstr("ReadWritePaths=/srv/$x\n")));
}

TEST(UnitFile, TheAgentRunsWithWhatItsUnitsWerePrintedWith) {
  UnitOptions options{Paths("/var/snap/microovn/common")};
  options.prefix = "snap.microovn.";
  options.driver = "systemd";
  options.sealing = "tpm2";
  EXPECT_THAT(UnitFiles(options).at("snap.microovn.daemon.service"),
              HasSubstr("\nExecStart=/usr/sbin/microovnd "
                        "--root=/var/snap/microovn/common "
                        "--unit-prefix=snap.microovn. --driver=systemd "
                        "--sealing=tpm2\n"));
}

TEST(UnitFile, RefusesWhatUnitsCannotSayOrDo) {
  const struct {
    std::string root;
    std::string binary;
    const char* says;  // empty: it can be
  } cases[] = {
      {"/var/lib/microovn", "/usr/sbin/microovnd", ""},
      {"/srv/100% \"x\" $y", "/opt/a b%/microovnd", ""},
      {std::string(72, '/'), "/b", ""},
      {std::string(73, '/'), "/b", "72 bytes"},
      {"/srv/a\nExecStart=/bin/sh", "/b", "the root has a character"},
      {"/srv/\xff", "/b", "the root has a character"},
      {"/srv", "/opt/\n/b", "the agent's path has a character"},
      {"/srv", "/opt/$HOME/b", "'$'"},
      {"/home", "/b", "do not see /home"},
      {"/homes", "/b", ""},
      {"/tmp/x", "/b", "do not see /tmp"},
      {"/root/x", "/b", "do not see /root"},
  };
  for (const auto& test : cases) {
    UnitOptions options{Paths(test.root)};
    options.binary = test.binary;
    const absl::Status status = CheckUnitOptions(options);
    SCOPED_TRACE(test.root + " " + test.binary);
    EXPECT_EQ(status.ok(), *test.says == '\0') << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.says));
  }
}

// Each of these comes from a flag and ends up in a line of a unit.
TEST(UnitFile, EveryOptionIsLookedAt) {
  const auto says = [](const std::function<void(UnitOptions&)>& spoil) {
    UnitOptions options = Options();
    spoil(options);
    return std::string(CheckUnitOptions(options).message());
  };
  EXPECT_EQ(says([](UnitOptions&) {}), "");
  for (const std::string& prefix :
       {std::string("a b"), std::string("x\nExecStart=/bin/sh #"),
        std::string("../"), std::string("%n"), std::string("a@"),
        std::string("\xff"), std::string(201, 'x')}) {
    EXPECT_THAT(says([&](UnitOptions& o) { o.prefix = prefix; }),
                HasSubstr("the prefix"))
        << prefix;
  }
  for (const char* prefix : {"", "microovn.", "snap.microovn.", "a-b_c:"}) {
    EXPECT_EQ(says([&](UnitOptions& o) { o.prefix = prefix; }), "") << prefix;
  }
  for (const char* driver : {"", "sysv", "auto\nUser=nobody"}) {
    EXPECT_THAT(says([&](UnitOptions& o) { o.driver = driver; }),
                HasSubstr("the driver"));
  }
  EXPECT_THAT(says([](UnitOptions& o) { o.binary = "microovnd"; }),
              HasSubstr("not absolute"));
  EXPECT_THAT(says([](UnitOptions& o) { o.binary = "/usr/bin/$X"; }),
              HasSubstr("'$'"));
  EXPECT_THAT(says([](UnitOptions& o) { o.binary = "/x\nUser=nobody"; }),
              HasSubstr("has a character"));
}

TEST(UnitFile, ThePrefixIsASetting) {
  UnitOptions options = Options();
  options.prefix = "snap.microovn.";
  const auto files = UnitFiles(options);
  EXPECT_EQ(files.count("snap.microovn.chassis.service"), 1u);
  EXPECT_THAT(files.at("snap.microovn.chassis.service"),
              HasSubstr("After=snap.microovn.switch.service\n"));
  EXPECT_THAT(files.at("snap.microovn.refresh-expiring-certs.timer"),
              HasSubstr("Unit=snap.microovn.refresh-expiring-certs.service\n"));
}

TEST(SystemdUnit, PhaseFollowsFromTheProperties) {
  struct Case {
    const char* load;
    const char* active;
    const char* sub;
    uint32_t job;
    Phase phase;
  };
  const Case cases[] = {
      {"loaded", "active", "running", 0, Phase::kStarting},
      {"loaded", "active", "running", 7, Phase::kStopping},
      {"loaded", "activating", "start", 7, Phase::kStarting},
      {"loaded", "activating", "auto-restart", 0, Phase::kBackoff},
      {"loaded", "deactivating", "stop", 7, Phase::kStopping},
      {"loaded", "deactivating", "stop-sigterm", 0, Phase::kStopping},
      {"loaded", "inactive", "dead", 0, Phase::kStopped},
      {"loaded", "inactive", "dead", 7, Phase::kStarting},
      {"loaded", "failed", "failed", 0, Phase::kFailed},
      {"loaded", "failed", "failed", 7, Phase::kStarting},
      {"not-found", "inactive", "dead", 0, Phase::kFailed},
      {"bad-setting", "inactive", "dead", 0, Phase::kFailed},
      {"masked", "inactive", "dead", 0, Phase::kFailed},
  };
  for (const Case& c : cases) {
    UnitFacts facts;
    facts.load_state = c.load;
    facts.active_state = c.active;
    facts.sub_state = c.sub;
    facts.job = c.job;
    EXPECT_EQ(UnitPhase(facts), c.phase)
        << c.load << " " << c.active << " " << c.sub << " " << c.job;
  }
}

TEST(SystemdUnit, LastExit) {
  UnitFacts facts;
  EXPECT_EQ(UnitLastExit(facts), std::nullopt);
  facts.exec_main_exit_timestamp_us = 1;
  facts.exec_main_code = CLD_EXITED;
  facts.exec_main_status = 3;
  EXPECT_EQ(UnitLastExit(facts), 3);
  facts.exec_main_code = CLD_KILLED;
  facts.exec_main_status = SIGKILL;
  EXPECT_EQ(UnitLastExit(facts), 137);
}

TEST(ChooseDriver, TheSettingWinsThenTheSnapThenSystemd) {
  struct Case {
    bool in_snap;
    bool systemd_runs;
    const char* setting;
    DriverKind kind;
  };
  const Case cases[] = {
      {false, false, "", DriverKind::kProcess},
      {false, true, "", DriverKind::kSystemd},
      {true, true, "", DriverKind::kSnap},
      {true, true, "systemd", DriverKind::kSystemd},
      {false, true, "process", DriverKind::kProcess},
      {false, false, "snap", DriverKind::kSnap},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ChooseDriver({c.in_snap, c.systemd_runs}, c.setting),
                IsOkAndHolds(c.kind));
  }
  EXPECT_THAT(ChooseDriver({}, "docker"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace microovn::supervisor
