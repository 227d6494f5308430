// SPDX-License-Identifier: Apache-2.0
// What the process driver writes down about a daemon, so that the agent's next
// life recognizes it. Pure but for the two that take a path.
// A pid file of the daemon's own is not enough: it is written late, and after a
// kill -9 it still names a pid that may be anybody's by now.
#ifndef MICROOVN_SUPERVISOR_PROCESS_PROCESS_RECORD_H_
#define MICROOVN_SUPERVISOR_PROCESS_PROCESS_RECORD_H_

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

struct ProcessRecord {
  pid_t pid = 0;
  // ProcessStartTicks(); counted from the boot, hence boot_id.
  uint64_t start_ticks = 0;
  std::string boot_id;
};

std::string RenderProcessRecord(const ProcessRecord& record);
absl::StatusOr<ProcessRecord> ParseProcessRecord(absl::string_view text);

absl::Status SaveProcessRecord(const std::string& path,
                               const ProcessRecord& record);
// NOT_FOUND when there is none, or it is of an earlier boot, or unreadable as
// after a power cut: then there is nothing to adopt.
// The caller still asks DaemonProcess::Attach whether the process is the one
// recorded: a record says what was, not what is.
absl::StatusOr<ProcessRecord> LoadProcessRecord(const std::string& path);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_PROCESS_PROCESS_RECORD_H_
