// SPDX-License-Identifier: Apache-2.0
// Where a member's tunnels end.
#include <string>
#include <utility>

#include "agent/errors/cluster_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/values/member_address.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"

namespace microovn::agent {

Applied ApplySetEncapIp(ApplyContext& context,
                        const statepb::SetEncapIp& body) {
  ClusterState& state = context.state();
  const statepb::Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  if (known->state() == statepb::Member::STATE_LEAVING) {
    return MemberIsLeaving(known->name());
  }
  statepb::Member member = *known;
  member.set_encap_ip(body.encap_ip());
  if (body.encap_ip().empty() || !UnreadableField(member).empty()) {
    return CommandMalformed("not-canonical", "encap-ip");
  }
  RETURN_IF_ERROR(
      CheckTunnelAddress(state, body.encap_ip(), member.member_id()));
  const std::string before = EncapIpOf(*known);
  statepb::Result result;
  if (before != body.encap_ip()) {
    state.members.Put(member.member_id(), member);
    context.RecordDesired("MEMBER_ENCAP_IP_CHANGED", MemberResource(member),
                          {{"member", member.name()},
                           {"address", member.encap_ip()},
                           {"before", before}});
  }
  *result.mutable_member() = std::move(member);
  return result;
}

}  // namespace microovn::agent
