// SPDX-License-Identifier: Apache-2.0
#include "supervisor/process/readiness_probe.h"

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "supervisor/json_rpc/json_rpc.h"
#include "supervisor/process/process_table.h"

namespace microovn::supervisor {

absl::Status ProbeReadiness(const ServiceSpec& spec, pid_t pid,
                            absl::Duration timeout) {
  if (!spec.pid_file.empty() && PidFileOwner(spec.pid_file) != pid) {
    return absl::UnavailableError(
        absl::StrCat(spec.pid_file, " is not held by process ", pid));
  }
  const std::string control = ControlSocket(spec, pid);
  if (!control.empty()) {
    // Answered by the daemon's main loop: one that hangs does not answer,
    // though its socket takes connections.
    RETURN_IF_ERROR(Unixctl(control, "version", {}, timeout).status());
  }
  if (spec.database_socket.empty()) return absl::OkStatus();
  return PingDatabase(spec.database_socket, timeout);
}

}  // namespace microovn::supervisor
