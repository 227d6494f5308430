// SPDX-License-Identifier: Apache-2.0
// How this node takes part, after every default is filled in and every value
// is checked.
#ifndef MICROOVN_AGENT_ENTRY_NODE_SETTINGS_H_
#define MICROOVN_AGENT_ENTRY_NODE_SETTINGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/ovn/network_facts.h"
#include "agent/state/values/cluster_state.h"
#include "base/text/host_port.h"
#include "microovn/v1/cluster.pb.h"
#include "pki/name/member_name.h"

namespace microovn::agent {

inline constexpr uint16_t kDefaultPort = 6686;

struct NodeSettings {
  pki::MemberName name;
  HostPort address;
  // An IP address.
  std::string encap_ip;
  // Empty: MicroOVN's defaults, decided when the member is admitted.
  std::vector<statepb::Service> services;
  // What the operator should know; nothing was refused.
  std::vector<std::string> warnings;
};

// Pure. `hostname` stands in for a missing name.
absl::StatusOr<NodeSettings> ResolveNodeSettings(
    const v1::NodeSettings& wanted, const std::string& hostname,
    const std::vector<NetworkInterface>& interfaces);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_NODE_SETTINGS_H_
