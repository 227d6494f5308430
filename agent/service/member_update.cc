// SPDX-License-Identifier: Apache-2.0
#include "agent/service/member_update.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/config_errors.h"
#include "agent/errors/leader_errors.h"
#include "agent/health/member_rows.h"
#include "agent/service/requests.h"
#include "agent/state/values/features.h"
#include "agent/state/values/member_address.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"

namespace microovn::agent {
namespace {

absl::Status CheckMask(const v1::UpdateMemberRequest& request) {
  for (const std::string& path : request.update_mask().paths()) {
    if (path != "encap_ip") return MemberFieldFixed(path);
  }
  return request.update_mask().paths().empty() ? MemberFieldFixed("nothing")
                                               : absl::OkStatus();
}

absl::Status RequireMemberAddresses(const ClusterState& state) {
  if (ActiveLevel(state, kFeatureMemberAddresses) > 0) return absl::OkStatus();
  return ConfigKeyNotSupported("cluster set-encap-ip",
                               WhoLacks(state, kFeatureMemberAddresses, 1));
}

std::string PlanOf(const statepb::Member& member, const std::string& wanted) {
  const std::string now = EncapIpOf(member);
  return now == wanted
             ? absl::StrCat("leave the tunnel address of ", member.name(),
                            " at ", now)
             : absl::StrCat("change the tunnel address of ", member.name(),
                            " from ", now, " to ", wanted);
}

}  // namespace

absl::Status CheckTunnelEnd(const ClusterFacts& facts,
                            const statepb::Member& member,
                            const std::string& encap_ip) {
  const auto answer = facts.answers.find(member.member_id());
  if (answer == facts.answers.end() || !answer->second.ok()) {
    return TunnelEndUnknown(member.name());
  }
  const auto& has = answer->second->addresses();
  if (std::find(has.begin(), has.end(), encap_ip) == has.end()) {
    return AddressNotOnMember(encap_ip, member.name());
  }
  return absl::OkStatus();
}

absl::Status UpdateMember(Membership& member,
                          const v1::UpdateMemberRequest& request,
                          const std::string& asked_member,
                          const statepb::Asker& asker,
                          v1::UpdateMemberResponse& response) {
  ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(request, asker));
  RETURN_IF_ERROR(CheckMask(request));
  ASSIGN_OR_RETURN(const std::string encap_ip,
                   ParseIpAddress(request.member().encap_ip()));
  RETURN_IF_ERROR(CheckReachable(encap_ip));
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/true, /*probe=*/true, kGatherTimeout);
  if (facts.stale) RETURN_IF_ERROR(CheckQuorum(facts));
  RETURN_IF_ERROR(RequireMemberAddresses(*facts.state));
  ASSIGN_OR_RETURN(
      statepb::Member target,
      RequireMember(*facts.state, request.member().name(), asked_member));
  RETURN_IF_ERROR(
      CheckTunnelAddress(*facts.state, encap_ip, target.member_id()));
  if (!request.force()) {
    RETURN_IF_ERROR(CheckTunnelEnd(facts, target, encap_ip));
  }
  if (request.validate_only()) {
    *response.mutable_plan() = OneStep(PlanOf(target, encap_ip));
  } else {
    statepb::Command command = CommandFor(identity);
    command.mutable_set_encap_ip()->set_member_id(target.member_id());
    command.mutable_set_encap_ip()->set_encap_ip(encap_ip);
    ASSIGN_OR_RETURN(const statepb::Result result,
                     member.Propose(std::move(command), kProposeTimeout));
    target = result.member();
  }
  *response.mutable_member() = DescribeMember(facts, target);
  return absl::OkStatus();
}

}  // namespace microovn::agent
