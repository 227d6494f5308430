// SPDX-License-Identifier: Apache-2.0
// This node as a chassis: what ovn-controller reads from the switch's own
// database, and what the southbound database says of chassis.
//
// Plans are pure; acting goes through ovs-vsctl, ovn-sbctl and ovsdb-client
// with a deadline on each call. Used by the reconcilers (one thread).
#ifndef MICROOVN_AGENT_OVN_CHASSIS_H_
#define MICROOVN_AGENT_OVN_CHASSIS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/ovn/remote_query.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

struct ChassisFacts {
  // Becomes the system-id and so the Chassis's name.
  std::string member_name;
  std::string hostname;
  std::string encap_ip;
  // "geneve,vxlan": protocols of its tunnels.
  std::string encapsulation;
  // "ssl:10.0.0.1:6642,..."; empty when there is no central.
  std::string remote;
  // "system" or "netdev".
  std::string datapath;
  // Milliseconds; empty when none is set (probe_interval.h).
  std::string probe_interval;
  // Whether this node is a chassis, or only a switch.
  bool chassis = true;
};

using ExternalIds = std::map<std::string, std::string>;

// The external_ids that this agent keeps, by those that are there; an empty
// value is a key that must not be there.
ExternalIds WantedExternalIds(const ChassisFacts& facts,
                              const ExternalIds& observed);

// The words of one ovs-vsctl call that makes it so; empty when nothing
// differs, because ovn-controller acts on every write. Keys that are not ours
// are left alone.
std::vector<std::string> PlanExternalIds(const ExternalIds& wanted,
                                         const ExternalIds& observed);

// The results of selecting external_ids of Open_vSwitch.
absl::StatusOr<ExternalIds> ParseExternalIds(absl::string_view json);
// The results of selecting the name of every Bridge.
absl::StatusOr<std::vector<std::string>> ParseBridges(absl::string_view json);
// The results of selecting the ports of one Bridge by its name, then _uuid and
// name of every Port. The bridge's own port is none of its ports, as in
// `ovs-vsctl list-ports`.
absl::StatusOr<std::vector<std::string>> ParsePorts(absl::string_view bridge,
                                                    absl::string_view json);

// The switch of this node.
class SwitchDatabase {
 public:
  // `socket` is run/switch/db.sock; `runner` outlives the object.
  SwitchDatabase(std::string socket, CommandRunner* runner,
                 OvsSockets sockets = OvsSockets());

  // These read over the socket, so that looking costs next to nothing.
  absl::StatusOr<ExternalIds> ReadExternalIds() const;
  // Names of the bridges, and of a bridge's ports.
  absl::StatusOr<std::vector<std::string>> Bridges() const;
  absl::StatusOr<std::vector<std::string>> Ports(
      const std::string& bridge) const;

  // Runs ovs-vsctl with these words. It does not wait for ovs-vswitchd, which
  // may not run yet.
  absl::StatusOr<std::string> Run(const std::vector<std::string>& words) const;
  // The same, and waits until ovs-vswitchd has done it.
  absl::StatusOr<std::string> RunAndWait(
      const std::vector<std::string>& words) const;

 private:
  // `operations` as JSON, without the brackets of the array.
  absl::StatusOr<std::string> Select(const std::string& operations) const;
  absl::StatusOr<std::string> RunVsctl(
      bool wait, const std::vector<std::string>& words) const;

  const std::string socket_;
  CommandRunner* const runner_;
  const OvsSockets sockets_;
};

// Whether ovn-northd has written its part of the southbound database.
// ovn-controller 23.03 crashes when it gets there first. The SB_Global row
// alone proves nothing: every ovn-sbctl run creates it when it is missing, so
// this asks for a value that only ovn-northd writes.
absl::StatusOr<bool> NorthdHasWritten(CommandRunner& runner,
                                      const std::string& remote,
                                      const TlsFiles& tls);

// Names in the Chassis and Chassis_Private rows of the local southbound server.
absl::StatusOr<std::set<std::string>> ChassisNames(
    CommandRunner& runner, const std::string& sb_socket);

// Deletes such rows of removed members, a hundred names in a transaction. OK
// when there are none.
absl::Status DeleteChassis(CommandRunner& runner, const std::string& sb_socket,
                           const std::vector<std::string>& names);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_CHASSIS_H_
