// SPDX-License-Identifier: Apache-2.0
// Runs short programs: an argument vector, never a shell; a deadline, after
// which the whole process group is killed; bounded output.
#ifndef MICROOVN_BASE_PROCESS_COMMAND_RUNNER_H_
#define MICROOVN_BASE_PROCESS_COMMAND_RUNNER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace microovn {

struct Command {
  // argv[0] is looked up in PATH unless it holds a slash.
  std::vector<std::string> argv;
  // Added to, or replacing, the caller's environment.
  std::map<std::string, std::string> environment;
  std::string input;
  absl::Duration timeout = absl::Seconds(10);
};

struct CommandResult {
  // The exit status, or 128 + the signal that ended it.
  int exit_code = 0;
  // Cut at one MiB each.
  std::string output;
  std::string error;
};

// Implementations are thread-safe.
class CommandRunner {
 public:
  virtual ~CommandRunner() = default;

  // OK when the program ran to its end, whatever its exit code.
  // DEADLINE_EXCEEDED when it was killed for its timeout; NOT_FOUND when there
  // is no such program.
  virtual absl::StatusOr<CommandResult> Run(const Command& command) = 0;

  // The machine's processes. Never destroyed.
  static CommandRunner& Real();
};

// The output of a command that must exit 0; otherwise INTERNAL with the first
// line that it wrote to stderr, shown.
absl::StatusOr<std::string> RunForOutput(CommandRunner& runner,
                                         const Command& command);

}  // namespace microovn

#endif  // MICROOVN_BASE_PROCESS_COMMAND_RUNNER_H_
