// SPDX-License-Identifier: Apache-2.0
// What the kernel says about processes that may not be our children.
//
// A pid alone names nothing: it is used again. A pid with its start time names
// one process between two boots, and the holder of a pid file's lock is alive
// by definition. Free functions, thread-safe.
#ifndef MICROOVN_SUPERVISOR_PROCESS_PROCESS_TABLE_H_
#define MICROOVN_SUPERVISOR_PROCESS_PROCESS_TABLE_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/file/unique_fd.h"

namespace microovn::supervisor {

// When `pid` was started, in clock ticks since the boot. NOT_FOUND when there
// is no such process or it has ended and only waits to be reaped.
absl::StatusOr<uint64_t> ProcessStartTicks(pid_t pid);

// The start time out of the text of /proc/PID/stat: pure.
absl::StatusOr<uint64_t> ParseStartTicks(absl::string_view stat);

// A descriptor of the process that is `pid` now; readable when it has ended.
absl::StatusOr<UniqueFd> OpenPidfd(pid_t pid);

// ESRCH in errno, and false, when the process has been reaped.
bool SignalPidfd(int pidfd, int number);

// The process that holds the lock on a daemon's pid file; 0 when none does.
// fcntl(2) locks end with their process, whatever way it ends, so a file that a
// crash left behind has no owner. The file's text is not read: anybody could
// have written it.
pid_t PidFileOwner(const std::string& path);

// Random per boot; empty when the kernel does not tell.
std::string BootId();

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_PROCESS_TABLE_H_
