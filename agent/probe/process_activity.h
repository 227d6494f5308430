// SPDX-License-Identifier: Apache-2.0
// What a process does, as the kernel tells.
#ifndef MICROOVN_AGENT_PROBE_PROCESS_ACTIVITY_H_
#define MICROOVN_AGENT_PROBE_PROCESS_ACTIVITY_H_

#include <sys/types.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

struct ProcessActivity {
  // By SIGSTOP or by a debugger.
  bool stopped = false;
  // It has the processor, or waits for it.
  bool runnable = false;
  // Processor time used so far.
  uint64_t ticks = 0;
};

// Out of the text of /proc/PID/stat. Pure.
absl::StatusOr<ProcessActivity> ParseProcessActivity(absl::string_view stat);

absl::StatusOr<ProcessActivity> ReadProcessActivity(pid_t pid);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_PROBE_PROCESS_ACTIVITY_H_
