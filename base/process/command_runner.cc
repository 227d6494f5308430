// SPDX-License-Identifier: Apache-2.0
#include "base/process/command_runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"
#include "base/time/clock.h"

extern char** environ;

namespace microovn {
namespace {

constexpr size_t kOutputLimit = 1 << 20;
// Of the line that a status quotes.
constexpr size_t kErrorLimit = 300;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

absl::StatusOr<Pipe> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return ErrnoStatus(errno, "pipe2", "");
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::vector<std::string> Environment(
    const std::map<std::string, std::string>& additions) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::pair<std::string, std::string> variable =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    merged.insert(variable);
  }
  for (const auto& [name, value] : additions) merged[name] = value;
  std::vector<std::string> lines;
  lines.reserve(merged.size());
  for (const auto& [name, value] : merged) {
    lines.push_back(absl::StrCat(name, "=", value));
  }
  return lines;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& s : strings) pointers.push_back(&s[0]);
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipes {
  Pipe input, output, error;
};

absl::StatusOr<pid_t> Spawn(const Command& command, const Pipes& pipes) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, pipes.input.read.get(), 0);
  posix_spawn_file_actions_adddup2(&actions, pipes.output.write.get(), 1);
  posix_spawn_file_actions_adddup2(&actions, pipes.error.write.get(), 2);
  // A group of its own, so that a timeout kills its children as well, and
  // default signals whatever the caller blocks.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
                                            POSIX_SPAWN_SETSIGMASK |
                                            POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> argv = command.argv;
  std::vector<std::string> environment = Environment(command.environment);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes,
                   Pointers(argv).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return ErrnoStatus(error, "run", command.argv[0]);
  return pid;
}

// Appends what there is to read; returns false at the end of the stream.
bool Drain(int fd, std::string* into) {
  char buffer[16 << 10];
  const ssize_t got = read(fd, buffer, sizeof(buffer));
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  const size_t room = kOutputLimit - std::min(kOutputLimit, into->size());
  into->append(buffer, std::min(room, static_cast<size_t>(got)));
  return true;
}

// Returns false when the input is written or nobody reads it.
bool Feed(int fd, absl::string_view* input) {
  if (input->empty()) return false;
  const ssize_t put = write(fd, input->data(), input->size());
  if (put < 0) return errno == EINTR || errno == EAGAIN;
  input->remove_prefix(static_cast<size_t>(put));
  return !input->empty();
}

// Moves data until both outputs are closed. Returns false at the deadline.
bool Exchange(const Command& command, Pipes* pipes, CommandResult* result) {
  const absl::Duration deadline = Clock::Real().Monotonic() + command.timeout;
  absl::string_view input = command.input;
  if (input.empty()) pipes->input.write.Reset();
  while (pipes->output.read.valid() || pipes->error.read.valid()) {
    const absl::Duration left = deadline - Clock::Real().Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    // poll ignores entries with a negative descriptor.
    pollfd fds[3] = {{pipes->output.read.get(), POLLIN, 0},
                     {pipes->error.read.get(), POLLIN, 0},
                     {pipes->input.write.get(), POLLOUT, 0}};
    const int64_t milliseconds =
        std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 60'000);
    if (poll(fds, 3, static_cast<int>(milliseconds)) < 0) continue;
    if (fds[0].revents != 0 && !Drain(fds[0].fd, &result->output)) {
      pipes->output.read.Reset();
    }
    if (fds[1].revents != 0 && !Drain(fds[1].fd, &result->error)) {
      pipes->error.read.Reset();
    }
    if (fds[2].revents != 0 && !Feed(fds[2].fd, &input)) {
      pipes->input.write.Reset();
    }
  }
  return true;
}

class ProcessRunner final : public CommandRunner {
 public:
  absl::StatusOr<CommandResult> Run(const Command& command) override {
    if (command.argv.empty()) {
      return absl::InvalidArgumentError("no program to run");
    }
    Pipes pipes;
    ASSIGN_OR_RETURN(pipes.input, MakePipe());
    ASSIGN_OR_RETURN(pipes.output, MakePipe());
    ASSIGN_OR_RETURN(pipes.error, MakePipe());
    fcntl(pipes.input.write.get(), F_SETFL, O_NONBLOCK);
    ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, pipes));
    pipes.input.read.Reset();
    pipes.output.write.Reset();
    pipes.error.write.Reset();

    CommandResult result;
    const bool finished = Exchange(command, &pipes, &result);
    if (!finished) kill(-pid, SIGKILL);
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!finished) {
      return absl::DeadlineExceededError(
          absl::StrCat(absl::StrJoin(command.argv, " "), ": no end within ",
                       absl::FormatDuration(command.timeout)));
    }
    result.exit_code =
        WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return result;
  }
};

}  // namespace

CommandRunner& CommandRunner::Real() {
  static ProcessRunner* const kRunner = [] {
    // A program that does not read its input must not end the agent.
    signal(SIGPIPE, SIG_IGN);
    return new ProcessRunner();
  }();
  return *kRunner;
}

absl::StatusOr<std::string> RunForOutput(CommandRunner& runner,
                                         const Command& command) {
  ASSIGN_OR_RETURN(CommandResult result, runner.Run(command));
  if (result.exit_code == 0) return std::move(result.output);
  const std::vector<absl::string_view> lines =
      absl::StrSplit(result.error, '\n', absl::SkipEmpty());
  return absl::InternalError(absl::StrCat(
      command.argv[0], " ended with status ", result.exit_code,
      lines.empty() ? ""
                    : absl::StrCat(": ", Shown(lines.front(), kErrorLimit))));
}

}  // namespace microovn
