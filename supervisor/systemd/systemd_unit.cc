// SPDX-License-Identifier: Apache-2.0
#include "supervisor/systemd/systemd_unit.h"

#include <signal.h>

#include "absl/strings/str_cat.h"

namespace microovn::supervisor {

std::string UnitName(absl::string_view prefix, Service service) {
  return absl::StrCat(prefix, ServiceName(service), ".service");
}

Phase UnitPhase(const UnitFacts& facts) {
  // Not found, masked or with an error in its file: no start will help.
  if (facts.load_state != "loaded") return Phase::kFailed;
  const std::string& active = facts.active_state;
  if (active == "active" || active == "reloading") {
    return facts.job == 0 ? Phase::kStarting : Phase::kStopping;
  }
  if (active == "activating") {
    // RestartSec= runs; systemd starts it again by itself.
    return facts.sub_state == "auto-restart" ? Phase::kBackoff
                                             : Phase::kStarting;
  }
  if (active == "deactivating") return Phase::kStopping;
  // Queued behind what it is ordered after.
  if (facts.job != 0) return Phase::kStarting;
  return active == "failed" ? Phase::kFailed : Phase::kStopped;
}

bool UnitEnabled(const UnitFacts& facts) {
  return facts.unit_file_state == "enabled" ||
         facts.unit_file_state == "enabled-runtime";
}

std::optional<int> UnitLastExit(const UnitFacts& facts) {
  if (facts.exec_main_exit_timestamp_us == 0) return std::nullopt;
  if (facts.exec_main_code == CLD_EXITED) return facts.exec_main_status;
  return 128 + facts.exec_main_status;
}

}  // namespace microovn::supervisor
