// SPDX-License-Identifier: Apache-2.0
// systemd's unit files for a node, rendered: pure. `microovnd --print-units`
// writes them, the package installs them.
// The root and the agent's path are quoted as systemd.syntax(7) asks, or
// refused by CheckUnitOptions, which callers ask first.
#ifndef MICROOVN_SUPERVISOR_SYSTEMD_UNIT_FILE_H_
#define MICROOVN_SUPERVISOR_SYSTEMD_UNIT_FILE_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service.h"

namespace microovn::supervisor {

struct UnitOptions {
  explicit UnitOptions(Paths node_paths) : paths(std::move(node_paths)) {}

  Paths paths;
  std::string prefix = "microovn.";
  // The agent's absolute path.
  std::string binary = "/usr/sbin/microovnd";
  // Of the agent: auto, systemd or process.
  std::string driver = "auto";
  // Of the agent: auto, tpm2, host or file.
  std::string sealing = "auto";
};

// INVALID_ARGUMENT for what no unit can say, or what its sandbox would hide.
absl::Status CheckUnitOptions(const UnitOptions& options);

// The unit of one service. It launches the daemon in the foreground; readiness
// is probed by the agent, for OVN's daemons do not notify systemd.
// Daemons have units of their own so that they outlive the agent: upgrading or
// losing it interrupts no traffic.
std::string ServiceUnitFile(Service service, const UnitOptions& options);

std::string AgentUnitFile(const UnitOptions& options);

// The daily renewal of what expires soon.
std::string RefreshUnitFile(const UnitOptions& options);
std::string RefreshTimerFile(const UnitOptions& options);

// All of them by file name.
std::map<std::string, std::string> UnitFiles(const UnitOptions& options);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SYSTEMD_UNIT_FILE_H_
