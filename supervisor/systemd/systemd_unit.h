// SPDX-License-Identifier: Apache-2.0
// What systemd says about a unit, and what that means: pure.
#ifndef MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_UNIT_H_
#define MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_UNIT_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_state.h"

namespace microovn::supervisor {

// Properties of org.freedesktop.systemd1.Unit and .Service, by their names.
struct UnitFacts {
  std::string load_state;
  std::string active_state;
  std::string sub_state;
  // A queued or running job's id; 0 without one.
  // It tells a unit that is about to change from one that rests, before
  // ActiveState does.
  uint32_t job = 0;
  pid_t main_pid = 0;
  uint64_t state_change_timestamp_us = 0;
  uint32_t n_restarts = 0;
  // Of the last main process; 0 while the first one runs.
  // systemd clears it when the next one starts, so it has to be remembered.
  uint64_t exec_main_exit_timestamp_us = 0;
  int32_t exec_main_code = 0;
  int32_t exec_main_status = 0;
  // "enabled", "disabled", ...
  std::string unit_file_state;
};

// "microovn." and "switch" make "microovn.switch.service".
std::string UnitName(absl::string_view prefix, Service service);

// kStarting for a running unit: whether it is ready is for a probe to say.
// A running unit with a job waits to be stopped or restarted.
Phase UnitPhase(const UnitFacts& facts);

bool UnitEnabled(const UnitFacts& facts);

// The exit status, or 128 + the signal.
std::optional<int> UnitLastExit(const UnitFacts& facts);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SYSTEMD_SYSTEMD_UNIT_H_
