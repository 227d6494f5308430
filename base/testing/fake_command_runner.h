// SPDX-License-Identifier: Apache-2.0
// A CommandRunner that answers from a function and remembers what was asked.
// Thread-safe as far as the function is.
#ifndef MICROOVN_BASE_TESTING_FAKE_COMMAND_RUNNER_H_
#define MICROOVN_BASE_TESTING_FAKE_COMMAND_RUNNER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/mutex.h"
#include "base/process/command_runner.h"

namespace microovn {

class FakeCommandRunner final : public CommandRunner {
 public:
  using Answer =
      std::function<absl::StatusOr<CommandResult>(const Command& command)>;

  FakeCommandRunner() = default;
  explicit FakeCommandRunner(Answer answer) : answer_(std::move(answer)) {}

  absl::StatusOr<CommandResult> Run(const Command& command) override {
    {
      MutexLock lock(&mu_);
      lines_.push_back(absl::StrJoin(command.argv, " "));
    }
    return answer_ ? answer_(command) : CommandResult();
  }

  // The argument vectors so far, each joined with spaces.
  std::vector<std::string> lines() const {
    MutexLock lock(&mu_);
    return lines_;
  }

 private:
  const Answer answer_;
  mutable Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_FAKE_COMMAND_RUNNER_H_
