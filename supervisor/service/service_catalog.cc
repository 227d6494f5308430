// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/service_catalog.h"

#include "base/file/file.h"

namespace microovn::supervisor {

ServiceSpec DescribeService(Service service, const Paths& paths) {
  ServiceSpec spec;
  spec.service = service;
  switch (service) {
    case Service::kOvsOvsdbServer:
      spec.pid_file = paths.switch_server_pid_file();
      spec.control = JoinPath(paths.switch_run(), "ovsdb-server");
      spec.control_names_pid = true;
      spec.database_socket = paths.switch_socket();
      break;
    case Service::kSwitch:
      spec.pid_file = paths.vswitchd_pid_file();
      spec.control = JoinPath(paths.switch_run(), "ovs-vswitchd");
      spec.control_names_pid = true;
      // ovs-vswitchd(8): plain `exit` leaves datapath and flows in place, so
      // that traffic goes on; --cleanup deletes them.
      spec.exit_arguments_clean_up = {"--cleanup"};
      break;
    case Service::kNbOvsdbServer:
      spec.pid_file = paths.nb_pid_file();
      spec.control = paths.nb_control();
      spec.database_socket = paths.nb_socket();
      break;
    case Service::kSbOvsdbServer:
      spec.pid_file = paths.sb_pid_file();
      spec.control = paths.sb_control();
      spec.database_socket = paths.sb_socket();
      break;
    case Service::kNorthd:
      spec.pid_file = paths.northd_pid_file();
      spec.control = JoinPath(paths.ovn_run(), "ovn-northd");
      spec.control_names_pid = true;
      break;
    case Service::kChassis:
      spec.pid_file = paths.controller_pid_file();
      spec.control = JoinPath(paths.ovn_run(), "ovn-controller");
      spec.control_names_pid = true;
      // ovn-controller(8): plain `exit` removes its Chassis record, upon which
      // all other nodes drop their tunnels to it; --restart leaves it.
      spec.exit_arguments_keep = {"--restart"};
      break;
  }
  return spec;
}

}  // namespace microovn::supervisor
