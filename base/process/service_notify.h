// SPDX-License-Identifier: Apache-2.0
// Tells the service manager how this process is (sd_notify(3)). Without
// NOTIFY_SOCKET, as in a snap or a terminal, every call does nothing.
// Thread-safe.
#ifndef MICROOVN_BASE_PROCESS_SERVICE_NOTIFY_H_
#define MICROOVN_BASE_PROCESS_SERVICE_NOTIFY_H_

#include <string>

#include "absl/time/time.h"

namespace microovn {

// Still starting: not to be taken for hung within `more` from now on.
void NotifyStarting(absl::Duration more);
void NotifyReady();
void NotifyStopping();
// One line for `systemctl status`.
void NotifyStatus(const std::string& line);
// Says that the process is alive; to be called more often than
// WatchdogInterval().
void NotifyWatchdog();
// Zero when no watchdog is on.
absl::Duration WatchdogInterval();

}  // namespace microovn

#endif  // MICROOVN_BASE_PROCESS_SERVICE_NOTIFY_H_
