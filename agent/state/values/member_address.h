// SPDX-License-Identifier: Apache-2.0
// Which addresses a member may have beside the others. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_MEMBER_ADDRESS_H_
#define MICROOVN_AGENT_STATE_VALUES_MEMBER_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// ADDRESS_NOT_USABLE for what no other node reaches: link-local, loopback, no
// address of one host. The leader's rule and not Apply's: it may become
// stricter.
absl::Status CheckReachable(const std::string& host);

// Whether tunnels are possible between `encap_ip`, an address in its canonical
// form, and every member but `member_id`, which is empty for one that is to
// come: ENCAP_ADDRESS_TAKEN when a member has it, ENCAP_ADDRESS_UNFIT when a
// member's is of the other family.
absl::Status CheckTunnelAddress(const ClusterState& state,
                                const std::string& encap_ip,
                                absl::string_view member_id = "");

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_MEMBER_ADDRESS_H_
