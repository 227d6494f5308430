// SPDX-License-Identifier: Apache-2.0
// Where everything of a node lies below its one root directory. The names are
// MicroOVN's, because its documentation and its consumers (LXD, the charm)
// name these paths.
//
// Used by the catalogue, the drivers and the agent. Immutable, thread-safe.
// One root for all lets a test, a snap and a package differ in a prefix alone,
// and lets a unit's sandbox name a single writable path. Nothing here touches
// the disk but CreateLayout.
#ifndef MICROOVN_SUPERVISOR_SERVICE_PATHS_H_
#define MICROOVN_SUPERVISOR_SERVICE_PATHS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::supervisor {

class Paths {
 public:
  // `root` is absolute, without a slash at its end.
  // Short enough for the sockets below it: see CheckUnitOptions.
  explicit Paths(std::string root) : root_(std::move(root)) {}

  const std::string& root() const { return root_; }

  std::string data() const { return Below("data"); }
  std::string state() const { return Below("state"); }
  std::string logs() const { return Below("logs"); }

  // In a directory that administrators may enter who are not root; the agent's
  // listener makes it. state_socket is MicroOVN's place of it, a link.
  std::string control_socket() const { return Below("control/control.socket"); }
  std::string state_socket() const { return Below("state/control.socket"); }

  std::string pki() const { return Below("data/pki"); }
  std::string ca_certificate() const { return Below("data/pki/cacert.pem"); }
  // Of "client", "ovnnb", "ovnsb", "ovn-northd" or "ovn-controller".
  // Links that the publisher moves (pki/publishing): a daemon that is given
  // these paths finds a renewed certificate without another start.
  std::string Certificate(absl::string_view name) const;
  std::string PrivateKey(absl::string_view name) const;

  std::string environment_file() const { return Below("data/env/ovn.env"); }

  std::string central_databases() const { return Below("data/central/db"); }
  std::string nb_database() const {
    return Below("data/central/db/ovnnb_db.db");
  }
  std::string sb_database() const {
    return Below("data/central/db/ovnsb_db.db");
  }
  std::string switch_configuration() const { return Below("data/switch"); }
  std::string switch_databases() const { return Below("data/switch/db"); }
  std::string switch_database() const {
    return Below("data/switch/db/conf.db");
  }

  // Sockets and pid files are where ovn-appctl and ovs-appctl look when they
  // are given OVN_RUNDIR and OVS_RUNDIR and no path.
  std::string ovn_run() const { return Below("run/ovn"); }
  std::string nb_socket() const { return Below("run/ovn/ovnnb_db.sock"); }
  std::string nb_control() const { return Below("run/ovn/ovnnb_db.ctl"); }
  std::string nb_pid_file() const { return Below("run/ovn/ovnnb_db.pid"); }
  std::string sb_socket() const { return Below("run/ovn/ovnsb_db.sock"); }
  std::string sb_control() const { return Below("run/ovn/ovnsb_db.ctl"); }
  std::string sb_pid_file() const { return Below("run/ovn/ovnsb_db.pid"); }
  std::string northd_pid_file() const {
    return Below("run/ovn/ovn-northd.pid");
  }
  std::string controller_pid_file() const {
    return Below("run/ovn/ovn-controller.pid");
  }

  std::string switch_run() const { return Below("run/switch"); }
  std::string switch_socket() const { return Below("run/switch/db.sock"); }
  std::string switch_server_pid_file() const {
    return Below("run/switch/ovsdb-server.pid");
  }
  std::string vswitchd_pid_file() const {
    return Below("run/switch/ovs-vswitchd.pid");
  }

  // What the process driver knows about the daemons that it started.
  std::string supervisor_run() const { return Below("run/supervisor"); }
  // Services that the process driver brings back when the agent starts.
  // In state and not in run: it has to survive a reboot.
  std::string enabled_services() const {
    return Below("state/enabled-services");
  }

  std::string LogFile(absl::string_view name) const;

 private:
  std::string Below(absl::string_view name) const;

  std::string root_;
};

// Makes the root (0711: what is in it says who may enter), the directories
// (0700), the link run/central, which MicroOVN's documentation names although
// its sockets are in run/ovn, and the link to the agent's socket. Idempotent;
// modes of directories that exist are left alone.
absl::Status CreateLayout(const Paths& paths);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_PATHS_H_
