// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/child_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/file/unique_fd.h"

namespace microovn::raft {
namespace {

constexpr int kSaid = 0;
constexpr int kNotSaid = 1;

// Ends the child without the parent's exit handlers.
[[noreturn]] void Say(int to, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(to, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(kNotSaid);
    text.remove_prefix(static_cast<size_t>(written));
  }
  _exit(kSaid);
}

// The child's, for its signal handler.
int report_to = -1;
const std::function<std::string()>* on_abort = nullptr;

// abort() raises its signal in the thread that calls it and is itself safe to
// interrupt, so that what runs here is under no restriction
// (signal-safety(7)).
void OnAbort(int /*signal*/) { Say(report_to, (*on_abort)()); }

[[noreturn]] void BeChild(int to, const std::function<std::string()>& work,
                          const std::function<std::string()>& last_word) {
  report_to = to;
  on_abort = &last_word;
  struct sigaction action = {};
  action.sa_handler = OnAbort;
  // A second abort, in the last word, ends the child.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  if (sigaction(SIGABRT, &action, nullptr) != 0) _exit(kNotSaid);
  Say(to, work());
}

std::string ReadAll(int from) {
  std::string text;
  char buffer[4096];
  for (;;) {
    const ssize_t got = read(from, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace

absl::StatusOr<std::string> RunInChild(
    const std::function<std::string()>& work,
    const std::function<std::string()>& last_word) {
  int ends[2];
  if (pipe(ends) != 0) return absl::ErrnoToStatus(errno, "pipe");
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  // What is buffered would be written by both.
  std::cout.flush();
  const pid_t child = fork();
  if (child < 0) return absl::ErrnoToStatus(errno, "fork");
  if (child == 0) BeChild(to.get(), work, last_word);
  to.Reset();
  std::string said = ReadAll(from.get());
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "waitpid");
  }
  if (status == 0) return said;
  return absl::InternalError(
      absl::StrCat("the child ended with wait status ", status));
}

}  // namespace microovn::raft
