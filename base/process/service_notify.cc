// SPDX-License-Identifier: Apache-2.0
#include "base/process/service_notify.h"

#include <systemd/sd-daemon.h>

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace microovn {
namespace {

// A service manager that cannot be told is not this process's trouble.
void Send(const std::string& state) { sd_notify(0, state.c_str()); }

}  // namespace

void NotifyStarting(absl::Duration more) {
  Send(absl::StrCat("EXTEND_TIMEOUT_USEC=", absl::ToInt64Microseconds(more)));
}

void NotifyReady() { Send("READY=1"); }

void NotifyStopping() { Send("STOPPING=1"); }

void NotifyStatus(const std::string& line) {
  Send(absl::StrCat("STATUS=", line));
}

void NotifyWatchdog() { Send("WATCHDOG=1"); }

absl::Duration WatchdogInterval() {
  uint64_t microseconds = 0;
  if (sd_watchdog_enabled(0, &microseconds) <= 0) return absl::ZeroDuration();
  return absl::Microseconds(static_cast<int64_t>(microseconds));
}

}  // namespace microovn
