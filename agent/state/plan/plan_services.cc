// SPDX-License-Identifier: Apache-2.0
#include "agent/state/plan/plan_services.h"

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Member;

absl::Status CheckMemberState(const Member& member) {
  if (member.state() == Member::STATE_JOINING) {
    return MemberIsJoining(member.name());
  }
  if (member.state() == Member::STATE_LEAVING) {
    return MemberIsLeaving(member.name());
  }
  return absl::OkStatus();
}

// Of disabling a service that runs.
absl::StatusOr<std::optional<PlannedRisk>> DisablingRisk(
    const ClusterState& state, const Member& member,
    const ServiceRequest& request) {
  if (!Runs(member, request.service)) return ServiceNotEnabled();
  if (request.service != statepb::SERVICE_CENTRAL ||
      !HoldsTheLastCentral(state, member)) {
    return std::nullopt;
  }
  if (!request.allow_disable_last_central) {
    return CentralMembers(state).size() > 1
               ? OtherCentralsNotJoined(member.name())
               : LastCentralNotConfirmed();
  }
  return PlannedRisk{
      kRiskLastCentral,
      absl::StrCat("the OVN databases end; their content stays in a backup on ",
                   member.name())};
}

std::vector<std::string> OtherActiveIds(const ClusterState& state,
                                        const Member& member) {
  std::vector<std::string> others;
  for (const Member* other : ActiveMembers(state)) {
    if (other->member_id() != member.member_id()) {
      others.push_back(other->member_id());
    }
  }
  return others;
}

}  // namespace

absl::StatusOr<ChangePlan> PlanServiceChange(const ClusterState& state,
                                             const ServiceRequest& request) {
  const Member* member = state.members.Find(request.member_id);
  if (member == nullptr) return TargetMemberNotFound(request.member_id);
  RETURN_IF_ERROR(CheckMemberState(*member));

  ChangePlan plan;
  const Arguments which = {{"service", ServiceName(request.service)},
                           {"member", member->name()}};
  const std::vector<std::string> ids = {member->member_id()};
  const bool central = request.service == statepb::SERVICE_CENTRAL;
  if (request.enable) {
    if (central && member->worker()) return WorkerService(member->name());
    if (Runs(*member, request.service)) return ServiceAlreadyEnabled();
    plan.steps.push_back(PendingStep(kStepStartServices, which, ids));
  } else {
    ASSIGN_OR_RETURN(const auto risk, DisablingRisk(state, *member, request));
    if (risk.has_value()) plan.risks.push_back(*risk);
    if (central) {
      plan.steps.push_back(
          PendingStep(kStepLeaveDatabases, {{"member", member->name()}}, ids));
    }
    plan.steps.push_back(PendingStep(kStepStopServices, which, ids));
  }
  if (central) {
    const size_t now = CentralMembers(state).size();
    plan.warnings = CentralWarnings(request.enable ? now + 1 : now - 1);
  }
  const std::vector<std::string> others = OtherActiveIds(state, *member);
  if (central && !others.empty()) {
    plan.steps.push_back(PendingStep(kStepUpdateMembers, {}, others));
  }
  return plan;
}

}  // namespace microovn::agent
