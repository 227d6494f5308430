// SPDX-License-Identifier: Apache-2.0
#include "agent/flags.h"

#include <stdlib.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using Mode = AgentOptions::Mode;

// UPDATE_GOLDEN=1 prints what to put there.
TEST(FlagsTest, HelpIsAsReviewed) {
  if (getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_OK(WriteFile(
        absl::StrCat(getenv("TEST_UNDECLARED_OUTPUTS_DIR"), "/help.golden"),
        HelpText(), 0644));
  }
  EXPECT_THAT(ReadFile("agent/testdata/help.golden"),
              IsOkAndHolds(testing::StrEq(HelpText())));
  const std::vector<std::string> lines = absl::StrSplit(HelpText(), '\n');
  EXPECT_THAT(lines, Each(SizeIs(Le(80u))));
}

TEST(FlagsTest, TakesEachWayToGiveAValue) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{
           {"--root=/r", "--unit-prefix=p.", "--driver=systemd"},
           {"--root", "/r/", "--unit_prefix", "p.", "--driver", "systemd"},
           {"-root=/r", "-unit-prefix", "p.", "-driver=systemd"},
           {"--state-dir=/r/state", "--unit-prefix=p.", "--driver=process",
            "--driver=systemd"}}) {
    SCOPED_TRACE(testing::PrintToString(arguments));
    const auto options = ParseFlags(arguments);
    ASSERT_OK(options);
    EXPECT_EQ(options->root, "/r");
    EXPECT_EQ(options->unit_prefix, "p.");
    EXPECT_EQ(options->driver, "systemd");
    EXPECT_EQ(options->mode, Mode::kRun);
  }
}

TEST(FlagsTest, ChoosesWhatToBe) {
  const struct {
    std::vector<std::string> arguments;
    Mode mode;
  } cases[] = {
      {{}, Mode::kRun},
      {{"--help"}, Mode::kPrintHelp},
      {{"--help", "--nonsense"}, Mode::kPrintHelp},
      {{"--version"}, Mode::kPrintVersion},
      {{"--launch=switch"}, Mode::kLaunch},
      {{"--stop-service=switch"}, Mode::kStopService},
      {{"--print-units", "/d"}, Mode::kPrintUnits},
      {{"--refresh-expiring-certs"}, Mode::kRefreshCertificates},
      {{"--disable-security-logging"}, Mode::kRun},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(testing::PrintToString(test.arguments));
    const auto options = ParseFlags(test.arguments);
    ASSERT_OK(options);
    EXPECT_EQ(options->mode, test.mode);
  }
}

TEST(FlagsTest, SaysMoreAsMicroOvnsDaemonDoes) {
  const struct {
    std::vector<std::string> arguments;
    int verbosity;
  } cases[] = {
      {{}, 0},
      {{"--verbose"}, 1},
      {{"--debug"}, 2},
      {{"-d", "--verbose"}, 2},
      {{"--v=5", "--debug", "--verbose"}, 5},
      {{"--verbose", "--v=3"}, 3},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(testing::PrintToString(test.arguments));
    const auto options = ParseFlags(test.arguments);
    ASSERT_OK(options);
    EXPECT_EQ(options->verbosity, test.verbosity);
  }
}

TEST(FlagsTest, TheTimersDaysAndTheSecurityLog) {
  auto options = ParseFlags({});
  ASSERT_OK(options);
  EXPECT_TRUE(options->security_log);
  EXPECT_EQ(options->days, 10) << "as MicroOVN's timer";
  EXPECT_EQ(options->sealing, "auto");
  options = ParseFlags({"--refresh-expiring-certs", "--days", "3",
                        "--disable-security-logging"});
  ASSERT_OK(options);
  EXPECT_FALSE(options->security_log);
  EXPECT_EQ(options->days, 3);
}

TEST(FlagsTest, RefusesInALineWhatCannotBe) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"--nonsense"}, "unknown flag \"--nonsense\""},
      {{"--nonsense=3"}, "unknown flag \"--nonsense\""},
      {{"---root=/r"}, "unknown flag \"---root\""},
      {{"--"}, "unknown flag \"--\""},
      {{"--helpfull"}, "unknown flag"},
      {{"--flagfile=/x"}, "unknown flag"},
      {{"--log_dir=/x"}, "unknown flag"},
      {{"start"}, "unexpected argument \"start\""},
      {{"-"}, "unexpected argument \"-\""},
      {{"--root"}, "--root needs a value: DIR"},
      {{"--root="}, "--root needs a value"},
      {{"--root=r"}, "absolute path"},
      {{"--root=/"}, "absolute path"},
      {{"--version=1"}, "--version takes no value"},
      {{"--state-dir=/r"}, "--state-dir must end with /state"},
      {{"--root=/a", "--state-dir=/b/state"}, "different directories"},
      {{"--driver=docker"}, "--driver must be"},
      {{"--sealing=TPM"}, "--sealing must be auto, tpm2, host or file"},
      {{"--new-sealing-key"}, "--new-sealing-key needs --recover"},
      {{"--recover", "--new-sealing-key", "--end-quarantine"},
       "exclude each other"},
      {{"--become-only-voter"}, "--become-only-voter needs --recover"},
      {{"--recover", "--become-only-voter", "--end-quarantine"},
       "exclude each other"},
      {{"--recover", "--member=node1"}, "--become-only-voter"},
      {{"--unit-prefix=a b"}, "--unit-prefix may hold"},
      {{"--unit-prefix=a%n"}, "--unit-prefix may hold"},
      {{"--unit-prefix=.a"}, "--unit-prefix begins with"},
      {{absl::StrCat("--unit-prefix=", std::string(201, 'a'))}, "200"},
      {{"--launch=a", "--print-units=/d"}, "exclude each other"},
      {{"--launch=a", "--refresh-expiring-certs"}, "exclude each other"},
      {{"--unit-program=/x"}, "--unit-program needs --print-units"},
      {{"--print-units=/d", "--unit-program="}, "--unit-program needs a value"},
      {{"--days=3"}, "--days needs --refresh-expiring-certs"},
      {{"--refresh-expiring-certs", "--days=-1"}, "--days is a number"},
      {{"--v=x"}, "--v is a number from 0 to 9"},
      {{"--log-level=5"}, "--log-level is a number from 0 to 4"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(testing::PrintToString(test.arguments));
    const absl::Status status = ParseFlags(test.arguments).status();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.says));
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace microovn::agent
