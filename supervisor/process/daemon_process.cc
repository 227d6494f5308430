// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/daemon_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/process/process_table.h"
#include "supervisor/service/service_state.h"

extern char** environ;

namespace microovn::supervisor {
namespace {

// Owns the two opaque structures of posix_spawn.
class SpawnSetup {
 public:
  explicit SpawnSetup(const std::string& console) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, 1, console.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions_, 1, 2);
    posix_spawn_file_actions_addchdir_np(&actions_, "/");
    // Not left to O_CLOEXEC: libraries open descriptors without it, and a
    // daemon that inherits a lock or a listener keeps it for years.
    posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    // The agent may block or ignore signals that a daemon has to obey.
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID |
                                               POSIX_SPAWN_SETSIGMASK |
                                               POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

absl::StatusOr<DaemonProcess> DaemonProcess::Spawn(
    const std::vector<std::string>& argv, const std::string& console) {
  if (argv.empty()) return absl::InvalidArgumentError("no program to run");
  const SpawnSetup setup(console);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) {
    words.push_back(const_cast<char*>(word.c_str()));
  }
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words[0], setup.actions(),
                                 setup.attributes(), words.data(), environ);
  if (error != 0) return ErrnoStatus(error, "run", argv[0]);
  // The pid is not used again before we reap it, so this is the daemon.
  // The child is ours and a zombie keeps its pid.
  absl::StatusOr<UniqueFd> pidfd = OpenPidfd(pid);
  if (!pidfd.ok()) {
    // One that cannot be watched would run beside its own successor.
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    return pidfd.status();
  }
  return DaemonProcess(pid, ProcessStartTicks(pid).value_or(0),
                       *std::move(pidfd));
}

absl::StatusOr<DaemonProcess> DaemonProcess::Attach(pid_t pid,
                                                    uint64_t start_ticks) {
  ASSIGN_OR_RETURN(UniqueFd pidfd, OpenPidfd(pid));
  // Looked at after the descriptor is open, the start time is that of the
  // process which the descriptor holds, or of none.
  ASSIGN_OR_RETURN(const uint64_t found, ProcessStartTicks(pid));
  if (found != start_ticks) {
    return absl::NotFoundError(
        absl::StrCat("process ", pid, " is another one"));
  }
  return DaemonProcess(pid, found, std::move(pidfd));
}

absl::Duration DaemonProcess::Age() const {
  timespec now = {};
  // proc(5) counts start times on this clock, which goes on in suspend.
  clock_gettime(CLOCK_BOOTTIME, &now);
  const double hertz = static_cast<double>(sysconf(_SC_CLK_TCK));
  const absl::Duration started =
      absl::Seconds(static_cast<double>(start_ticks_) / hertz);
  return std::max(absl::DurationFromTimespec(now) - started,
                  absl::ZeroDuration());
}

void DaemonProcess::Signal(int number) const {
  if (SignalPidfd(pidfd_.get(), number)) return;
  PLOG_IF(ERROR, errno != ESRCH) << "signal " << number << " to " << pid_;
}

int DaemonProcess::Reap() {
  siginfo_t info = {};
  while (waitid(P_PIDFD, static_cast<id_t>(pidfd_.get()), &info,
                WEXITED | WNOHANG) != 0) {
    if (errno != EINTR) return kUnknownExit;
  }
  // waitid(2) with WNOHANG: it has not ended after all.
  if (info.si_pid == 0) return kUnknownExit;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

// Copied and emptied, not renamed: the daemon holds the file open and would go
// on writing to the old name. What it writes between the two steps is lost.
void BoundConsole(const std::string& path, size_t limit) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) return;
  if (static_cast<size_t>(found.st_size) <= limit) return;
  std::error_code error;
  std::filesystem::copy_file(path, absl::StrCat(path, ".1"),
                             std::filesystem::copy_options::overwrite_existing,
                             error);
  LOG_IF(WARNING, static_cast<bool>(error))
      << "copy " << path << ": " << error.message();
  PLOG_IF(WARNING, truncate(path.c_str(), 0) != 0) << "truncate " << path;
}

}  // namespace microovn::supervisor
