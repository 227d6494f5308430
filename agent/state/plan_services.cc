#include "agent/state/plan_services.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "base/status_macros.h"

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

absl::Status CheckDisable(const ClusterState& state, const Member& member,
                          const ServiceRequest& request, ChangePlan* plan) {
  if (!Runs(member, request.service)) return ServiceNotEnabled();
  if (request.service != statepb::SERVICE_CENTRAL ||
      !HoldsTheLastCentral(state, member)) {
    return absl::OkStatus();
  }
  if (!request.allow_disable_last_central) {
    return CentralMembers(state).size() > 1
               ? OtherCentralsNotJoined(member.name())
               : LastCentralNotConfirmed();
  }
  plan->risks.push_back(
      {kRiskLastCentral,
       absl::StrCat(
           "the OVN databases end; their content stays in a backup on ",
           member.name())});
  return absl::OkStatus();
}

void AddUpdateStep(const ClusterState& state, const Member& member,
                   ChangePlan* plan) {
  std::vector<std::string> others;
  for (const Member* other : ActiveMembers(state)) {
    if (other->member_id() != member.member_id()) {
      others.push_back(other->member_id());
    }
  }
  if (others.empty()) return;
  plan->steps.push_back(PendingStep(
      kStepUpdateMembers, "tell the other members where central is", others));
}

}  // namespace

absl::StatusOr<ChangePlan> PlanServiceChange(const ClusterState& state,
                                             const ServiceRequest& request) {
  const Member* member = state.members.Find(request.member_id);
  if (member == nullptr) return TargetMemberNotFound(request.member_id);
  RETURN_IF_ERROR(CheckMemberState(*member));

  ChangePlan plan;
  const std::string what = ServiceName(request.service);
  const std::vector<std::string> ids = {member->member_id()};
  const bool central = request.service == statepb::SERVICE_CENTRAL;
  if (request.enable) {
    if (Runs(*member, request.service)) return ServiceAlreadyEnabled();
    plan.steps.push_back(
        PendingStep(kStepStartServices,
                    absl::StrCat("start ", what, " on ", member->name()), ids));
  } else {
    RETURN_IF_ERROR(CheckDisable(state, *member, request, &plan));
    if (central) {
      plan.steps.push_back(PendingStep(
          kStepLeaveDatabases,
          absl::StrCat("take ", member->name(), " out of the OVN databases"),
          ids));
    }
    plan.steps.push_back(
        PendingStep(kStepStopServices,
                    absl::StrCat("stop ", what, " on ", member->name()), ids));
  }
  if (central) AddUpdateStep(state, *member, &plan);
  return plan;
}

int CentralCountAfter(const ClusterState& state,
                      const ServiceRequest& request) {
  int count = 0;
  for (const Member* member : CentralMembers(state)) {
    if (member->member_id() != request.member_id ||
        request.service != statepb::SERVICE_CENTRAL) {
      ++count;
    }
  }
  const bool enabled =
      request.enable && request.service == statepb::SERVICE_CENTRAL;
  return enabled ? count + 1 : count;
}

}  // namespace microovn::agent
