// SPDX-License-Identifier: Apache-2.0
// ClusterService.UpdateMember: another tunnel address for a member.
#ifndef MICROOVN_AGENT_SERVICE_MEMBER_UPDATE_H_
#define MICROOVN_AGENT_SERVICE_MEMBER_UPDATE_H_

#include <string>

#include "absl/status/status.h"
#include "agent/cluster/membership.h"
#include "agent/health/facts.h"
#include "agent/server/caller.h"
#include "agent/state/completed_requests.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::agent {

// Whether tunnels of `member` will work that end at `encap_ip`, as far as the
// members can tell: MEMBER_UNREACHABLE when the member does not answer,
// ADDRESS_NOT_ON_MEMBER when no interface of it has the address. Pure.
absl::Status CheckTunnelEnd(const ClusterFacts& facts,
                            const statepb::Member& member,
                            const std::string& encap_ip);

// At the leader. `asked_member` is the one that a request without a name is
// about.
absl::Status UpdateMember(Membership& member,
                          const v1::UpdateMemberRequest& request,
                          const std::string& asked_member,
                          const statepb::Asker& asker,
                          v1::UpdateMemberResponse& response);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_MEMBER_UPDATE_H_
