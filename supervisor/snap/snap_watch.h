// SPDX-License-Identifier: Apache-2.0
// Hears of daemons that begin and end without asking snapd: a daemon's end
// hangs up a connection to its control socket, and a daemon's start makes its
// files in the run directory. On a thread of its own, which sleeps until there
// is something.
//
// Neither systemd's bus nor pidfds, for a snap's seccomp and AppArmor profiles
// refuse them. What changes neither sockets nor files, such as that a service
// is enabled, is not heard: see SnapDriver. Thread-safe.
#ifndef MICROOVN_SUPERVISOR_SNAP_SNAP_WATCH_H_
#define MICROOVN_SUPERVISOR_SNAP_SNAP_WATCH_H_

#include <poll.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "supervisor/service/service_spec.h"

namespace microovn::supervisor {

class SnapWatch {
 public:
  // `directories` hold the pid files and control sockets of all `specs`.
  // `changed` runs on the watch's thread, without a lock, after each change
  // and each time that the watch begins or ends to hear.
  SnapWatch(std::vector<std::string> directories,
            std::vector<ServiceSpec> specs, std::function<void()> changed);
  // `changed` does not run any more when it returns.
  ~SnapWatch();
  SnapWatch(const SnapWatch&) = delete;
  SnapWatch& operator=(const SnapWatch&) = delete;

  // Another one after each change. Empty while a change could be missed; the
  // watch goes on trying.
  // Read it before looking: what changes during the look then makes it old.
  std::optional<uint64_t> version() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  // A daemon, and a connection to its control socket that says nothing.
  struct Tie {
    ServiceSpec spec;
    pid_t pid = 0;
    UniqueFd connection;
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Until the directories cannot be watched or the watch ends.
  absl::Status Listen() ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<UniqueFd> WatchDirectories() const;
  // Connects to what runs; whether all that runs is connected.
  bool TieAll();
  void Heard(bool hears) ABSL_LOCKS_EXCLUDED(mu_);
  // Until one of `entries`, `timeout` or the end.
  void Wait(std::vector<pollfd>* entries, absl::Duration timeout) const;
  bool closing() const ABSL_LOCKS_EXCLUDED(mu_);

  const std::vector<std::string> directories_;
  const std::function<void()> changed_;
  const UniqueFd wake_;

  // The thread's own.
  std::vector<Tie> ties_;

  mutable Mutex mu_;
  bool hears_ ABSL_GUARDED_BY(mu_) = false;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t version_ ABSL_GUARDED_BY(mu_) = 0;

  // Started last, joined by the destructor.
  std::thread thread_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SNAP_SNAP_WATCH_H_
