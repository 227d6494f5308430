#include "base/command_runner.h"

#include "base/clock.h"
#include "base/testing/status_matchers.h"
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

}  // namespace
}  // namespace microovn
