// SPDX-License-Identifier: Apache-2.0
// What a running service looks like from outside: where it says its pid, where
// it takes commands, when it is ready and how it is asked to end. Data only;
// the same for every driver and independent of the cluster's addresses.
#ifndef MICROOVN_SUPERVISOR_SERVICE_SERVICE_SPEC_H_
#define MICROOVN_SUPERVISOR_SERVICE_SERVICE_SPEC_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "supervisor/service/service.h"

namespace microovn::supervisor {

// What a stop leaves behind.
enum class StopMode {
  // Flows, ports and the Chassis record stay: a restart, an upgrade, a plain
  // stop. Traffic goes on.
  kKeepDataPlane,
  // The service is disabled for good: ovs-vswitchd takes its ports and flows
  // down, ovn-controller removes its Chassis record.
  // Takes longer: both talk to a database that has to answer.
  kCleanUp,
};

struct ServiceSpec {
  Service service = Service::kSwitch;

  // Written, and locked as long as it runs, by the daemon. Empty: the service
  // is ready as soon as its process exists.
  // The lock and not the content is believed; see process_table.h.
  std::string pid_file;

  // The daemon's unixctl socket; empty when it has none. With
  // `control_names_pid` it is the stem of STEM.PID.ctl, which is where
  // ovs-appctl and ovn-appctl look when they are given no path.
  std::string control;
  bool control_names_pid = false;

  // The database socket that must answer before the service is ready; empty
  // when it serves none.
  // A control socket answers while the database is still being read.
  std::string database_socket;

  // Arguments of the unixctl command `exit`.
  std::vector<std::string> exit_arguments_keep;
  std::vector<std::string> exit_arguments_clean_up;
};

// The unixctl socket of the daemon that runs as `pid`; empty when it has none.
std::string ControlSocket(const ServiceSpec& spec, pid_t pid);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_SERVICE_SPEC_H_
