// SPDX-License-Identifier: Apache-2.0
// Hears of changes of systemd units by D-Bus signals, on a connection and a
// thread of its own, which sleeps until there is one.
//
// A number stands for all units: whoever remembers it with what it has seen
// knows whether that may have changed since. Thread-safe.
// One number suffices because looking is cheap and changes are rare; which unit
// changed, and how, is not taken from the signal: see
// docs/adr/0023-events-not-polling.md.
#ifndef MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_WATCH_H_
#define MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_WATCH_H_

#include <systemd/sd-bus.h>

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

namespace microovn::supervisor {

class SystemdWatch {
 public:
  // `changed` runs on the watch's thread, without a lock, after each change
  // and each time that the watch begins or ends to hear.
  SystemdWatch(std::vector<std::string> units, std::function<void()> changed);
  // `changed` does not run any more when it returns.
  ~SystemdWatch();
  SystemdWatch(const SystemdWatch&) = delete;
  SystemdWatch& operator=(const SystemdWatch&) = delete;

  // Another one after each change. Empty while changes would not be heard; the
  // watch goes on trying.
  // Read it before looking: what changes during the look then makes it old.
  std::optional<uint64_t> version() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  static int OnSignal(sd_bus_message* message, void* self, sd_bus_error* error);
  static int OnOwner(sd_bus_message* message, void* self, sd_bus_error* error);

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Until the connection breaks or the watch ends.
  absl::Status Listen(sd_bus* bus) ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Subscribe(sd_bus* bus);
  void Heard() ABSL_LOCKS_EXCLUDED(mu_);
  void Deaf() ABSL_LOCKS_EXCLUDED(mu_);
  // Until there is something on `bus` (may be null), `timeout` or the end.
  void Wait(sd_bus* bus, absl::Duration timeout) const;
  bool closing() const ABSL_LOCKS_EXCLUDED(mu_);

  const std::vector<std::string> units_;
  const std::function<void()> changed_;
  const UniqueFd wake_;

  // The thread's own.
  bool signalled_ = false;
  bool owner_changed_ = false;

  mutable Mutex mu_;
  bool hears_ ABSL_GUARDED_BY(mu_) = false;
  bool closing_ ABSL_GUARDED_BY(mu_) = false;
  uint64_t version_ ABSL_GUARDED_BY(mu_) = 0;

  // Started last, joined by the destructor.
  std::thread thread_;
};

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_WATCH_H_
