// SPDX-License-Identifier: Apache-2.0
// A daemon that runs in a session of its own and outlives the one who started
// it. Held by pidfd, so that no signal ever reaches a process that got the
// same pid later.
//
// Movable, thread-compatible. Destroying it leaves the daemon alone.
// A session of its own (setsid(2)): a terminal's hangup and a signal to the
// agent's group do not reach the daemon.
#ifndef MICROOVN_SUPERVISOR_PROCESS_DAEMON_PROCESS_H_
#define MICROOVN_SUPERVISOR_PROCESS_DAEMON_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/file/unique_fd.h"

namespace microovn::supervisor {

class DaemonProcess {
 public:
  // Starts argv with no descriptor of ours but /dev/null as its input and
  // `console`, appended to, as its output; in "/", with default signals.
  static absl::StatusOr<DaemonProcess> Spawn(
      const std::vector<std::string>& argv, const std::string& console);

  // NOT_FOUND unless the process `pid` was started at `start_ticks`.
  // For one that need not be our child: its end is seen, its status is not.
  static absl::StatusOr<DaemonProcess> Attach(pid_t pid, uint64_t start_ticks);

  pid_t pid() const { return pid_; }
  // 0 when it had ended before it was looked at.
  uint64_t start_ticks() const { return start_ticks_; }
  absl::Duration Age() const;

  // Readable when the daemon has ended.
  int fd() const { return pidfd_.get(); }

  // No-op when it has ended.
  void Signal(int number) const;

  // Call when fd() is readable: the exit status, or 128 + the signal, or
  // kUnknownExit when the daemon is not our child.
  // Once; a second call finds no child and answers kUnknownExit.
  int Reap();

 private:
  DaemonProcess(pid_t pid, uint64_t start_ticks, UniqueFd pidfd)
      : pid_(pid), start_ticks_(start_ticks), pidfd_(std::move(pidfd)) {}

  pid_t pid_;
  uint64_t start_ticks_;
  UniqueFd pidfd_;
};

// Empties a console file that has grown beyond `limit` after copying it to
// PATH.1; its writers, which append, go on.
void BoundConsole(const std::string& path, size_t limit);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_DAEMON_PROCESS_H_
