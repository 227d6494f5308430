// SPDX-License-Identifier: Apache-2.0
// Which addresses a member may have: pure.
#ifndef MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_
#define MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/network_facts.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// Whether `text` is a network, "10.98.0.0/24", from which to choose.
bool IsNetwork(absl::string_view text);

// The first address of an interface that is up and no loopback within
// `network`. INVALID_ARGUMENT with reason BAD_ADDRESS for what is no network,
// ADDRESS_NOT_LOCAL when no interface has one of it.
absl::StatusOr<std::string> ChooseAddress(
    absl::string_view network, const std::vector<NetworkInterface>& interfaces);

// ADDRESS_NOT_USABLE for what no other node reaches: link-local, loopback, no
// address of one host.
absl::Status CheckReachable(const std::string& host);

// ADDRESS_NOT_USABLE for a port that an OVN database of this node needs.
absl::Status CheckPort(uint16_t port);

// Whether tunnels between `encap_ip` and every member are possible:
// ENCAP_ADDRESS_TAKEN when a member has it, ENCAP_ADDRESS_UNFIT when a member's
// is of the other family.
absl::Status CheckTunnelAddress(const ClusterState& state,
                                const std::string& encap_ip);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_ADDRESS_RULES_H_
