// SPDX-License-Identifier: Apache-2.0
#include "base/process/command_runner.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"

namespace microovn {
namespace {

using ::testing::HasSubstr;

TEST(CommandRunner, PassesInputEnvironmentAndExitCode) {
  Command command;
  command.argv = {"sh", "-c", "cat; echo \"$WORD\" >&2; exit 3"};
  command.environment = {{"WORD", "spoken"}};
  command.input = std::string(300'000, 'x');
  const auto result = CommandRunner::Real().Run(command);
  ASSERT_OK(result);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->output.size(), 300'000u);
  EXPECT_EQ(result->error, "spoken\n");
}

TEST(CommandRunner, KillsTheWholeGroupAtTheDeadline) {
  Command command;
  command.argv = {"sh", "-c", "sleep 600 & sleep 600"};
  command.timeout = absl::Milliseconds(50);
  EXPECT_THAT(CommandRunner::Real().Run(command),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
}

TEST(CommandRunner, MissingProgramIsNotFound) {
  EXPECT_THAT(CommandRunner::Real().Run({{"/no/such/program"}, {}, ""}),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(CommandRunner, OutputIsBounded) {
  const auto result = CommandRunner::Real().Run(
      {{"head", "-c", "3000000", "/dev/zero"}, {}, ""});
  ASSERT_OK(result);
  EXPECT_EQ(result->output.size(), 1u << 20);
}

TEST(CommandRunner, InputThatNobodyReadsIsNoError) {
  Command command;
  command.argv = {"true"};
  command.input = std::string(1 << 20, 'x');
  EXPECT_OK(CommandRunner::Real().Run(command));
}

TEST(RunForOutput, NamesTheFirstLineOfAFailure) {
  EXPECT_THAT(RunForOutput(CommandRunner::Real(),
                           {{"sh", "-c", "echo why >&2; exit 1"}, {}, ""}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("why")));
}

// What a killed program had started would hold its output open.
TEST(CommandRunner, NothingOfTheGroupOutlivesTheDeadline) {
  const TempDir directory;
  const std::string pid_file = directory.File("pid");
  Command command;
  command.argv = {"sh", "-c", "sleep 600 & echo $! > \"$PID_FILE\"; sleep 600"};
  command.environment = {{"PID_FILE", pid_file}};
  command.timeout = absl::Milliseconds(500);
  EXPECT_THAT(CommandRunner::Real().Run(command),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  const auto text = ReadFile(pid_file);
  ASSERT_OK(text);
  int child = 0;
  ASSERT_TRUE(absl::SimpleAtoi(absl::StripAsciiWhitespace(*text), &child));
  // Until whoever adopted it has waited for it, it is a zombie.
  const auto gone = [child] {
    const auto stat = ReadFile(absl::StrCat("/proc/", child, "/stat"));
    return !stat.ok() || absl::StrContains(*stat, ") Z ");
  };
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (!gone() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_TRUE(gone());
}

TEST(CommandRunner, ASignalIsNoSuccess) {
  const auto result =
      CommandRunner::Real().Run({{"sh", "-c", "kill -9 $$"}, {}, ""});
  ASSERT_OK(result);
  EXPECT_EQ(result->exit_code, 128 + 9);
}

}  // namespace
}  // namespace microovn
