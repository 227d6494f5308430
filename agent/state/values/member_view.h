// SPDX-License-Identifier: Apache-2.0
// What of a member's record has a form of its own, as the type of that form.
//
// The record keeps text; this is the one place that reads it again. Apply lets
// no record in that cannot be read, and nothing gets in from a disk or in a
// snapshot (state_codec.h): reading cannot fail, and a record that breaks that
// ends the process. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_MEMBER_VIEW_H_
#define MICROOVN_AGENT_STATE_VALUES_MEMBER_VIEW_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"
#include "base/text/host_port.h"
#include "pki/name/member_name.h"

namespace microovn::agent {

// Which field of `member` cannot be read; empty when all can.
absl::string_view UnreadableField(const statepb::Member& member);

pki::MemberName MemberNameOf(const statepb::Member& member);

// Where the member's agent listens; its host is where OVN's databases are.
// HostPort() of a record without one, which only a node has that goes and that
// the log does not know any more (NodeView::Departing).
HostPort AddressOf(const statepb::Member& member);

// Where tunnels to the member end, an IP address: its own choice, or the host
// of its address.
std::string EncapIpOf(const statepb::Member& member);

// Nothing when the record is of before the address was kept.
std::optional<HostPort> AddressOf(const statepb::Tombstone& tombstone);

// Null when nobody listens there; valid as long as `state`.
const statepb::Member* FindMemberByAddress(const ClusterState& state,
                                           const HostPort& address);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_MEMBER_VIEW_H_
