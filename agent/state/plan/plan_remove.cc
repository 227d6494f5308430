// SPDX-License-Identifier: Apache-2.0
#include "agent/state/plan/plan_remove.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/values/config_keys.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Member;

bool Accepted(const RemovalRequest& request, const char* risk) {
  return request.accepted_risks.count(risk) > 0;
}

// The log's quorum once the member is out. Members that answer and do not vote
// yet are promoted first, up to the wanted number of voters.
absl::StatusOr<std::optional<PlannedRisk>> QuorumRisk(
    const ClusterState& state, const Member& member,
    const RemovalRequest& request, const ReachabilityFacts& facts) {
  if (facts.voter_ids.count(member.member_id()) == 0) return std::nullopt;
  size_t voters = 0;
  size_t online = 0;
  size_t spare = 0;
  for (const Member* other : ActiveMembers(state)) {
    if (other->member_id() == member.member_id()) continue;
    const bool answers = facts.unreachable_ids.count(other->member_id()) == 0;
    const bool votes = facts.voter_ids.count(other->member_id()) > 0;
    voters += votes ? 1 : 0;
    online += votes && answers ? 1 : 0;
    spare += !votes && answers && !other->worker() ? 1 : 0;
  }
  const size_t wanted =
      static_cast<size_t>(std::max(1, ConfigNumber(state, kConfigVoters)));
  const size_t promoted =
      std::min(spare, wanted > voters ? wanted - voters : size_t{0});
  if (2 * (online + promoted) > voters + promoted) return std::nullopt;
  if (!Accepted(request, kRiskQuorumLoss)) {
    return QuorumWouldBeLost(member.name(), voters, online);
  }
  return PlannedRisk{kRiskQuorumLoss,
                     absl::StrCat(online, " of ", voters,
                                  " voters would be online, and the cluster "
                                  "could not change again")};
}

// How many voters may be lost now and afterwards, when that is less: others
// take the place of the one that goes while there are any.
std::optional<std::string> ToleranceWarning(const ClusterState& state,
                                            const Member& member,
                                            const ReachabilityFacts& facts) {
  const size_t before = facts.voter_ids.size();
  if (facts.voter_ids.count(member.member_id()) == 0) return std::nullopt;
  size_t spare = 0;
  for (const Member* other : ActiveMembers(state)) {
    if (!other->worker() && facts.voter_ids.count(other->member_id()) == 0 &&
        facts.unreachable_ids.count(other->member_id()) == 0) {
      ++spare;
    }
  }
  const size_t after = before - 1 + (spare > 0 ? 1 : 0);
  const size_t lose_now = (before - 1) / 2;
  const size_t lose_then = after == 0 ? 0 : (after - 1) / 2;
  if (lose_then >= lose_now) return std::nullopt;
  return absl::StrCat("with ", after, after == 1 ? " voter" : " voters",
                      " left the cluster can lose ", lose_then,
                      lose_then == 1 ? " member" : " members", ", now it can ",
                      "lose ", lose_now);
}

// Without `member`.
absl::Status CheckSomebodyVotes(const ClusterState& state,
                                const Member& member) {
  bool others = false;
  bool can_vote = false;
  for (const Member* other : ActiveMembers(state)) {
    if (other->member_id() == member.member_id()) continue;
    others = true;
    can_vote = can_vote || !other->worker();
  }
  if (!others) return OnlyMember(member.name());
  return can_vote ? absl::OkStatus() : OnlyWorkersLeft(member.name());
}

absl::StatusOr<std::optional<PlannedRisk>> CentralRisk(
    const ClusterState& state, const Member& member,
    const RemovalRequest& request) {
  if (!HoldsTheLastCentral(state, member)) return std::nullopt;
  if (!Accepted(request, kRiskLastCentral)) {
    return CentralMembers(state).size() > 1
               ? OtherCentralsNotJoined(member.name())
               : OnlyCentral(member.name());
  }
  return PlannedRisk{
      kRiskLastCentral,
      absl::StrCat("the OVN databases end; their content stays in a backup on ",
                   member.name())};
}

std::vector<statepb::OperationStep> StepsOf(const ClusterState& state,
                                            const Member& member) {
  const Arguments who = {{"member", member.name()}};
  const std::vector<std::string> ids = {member.member_id()};
  bool joined = false;
  for (const auto& [key, database] : state.databases.records()) {
    joined = joined || HasJoined(*database, member.member_id());
  }
  const bool was_central = Runs(member, statepb::SERVICE_CENTRAL);
  std::vector<statepb::OperationStep> steps;
  steps.push_back(PendingStep(kStepStopServices, who, ids));
  if (joined || was_central) {
    steps.push_back(PendingStep(kStepLeaveDatabases, who, ids));
  }
  steps.push_back(PendingStep(kStepDeleteChassis, who, ids));
  if (was_central) {
    std::vector<std::string> others;
    for (const Member* other : MembersInOrder(state)) {
      if (other->member_id() != member.member_id()) {
        others.push_back(other->member_id());
      }
    }
    steps.push_back(PendingStep(kStepUpdateMembers, {}, others));
  }
  steps.push_back(PendingStep(kStepLeaveLog, who, ids));
  steps.push_back(PendingStep(kStepForgetMember, who, ids));
  return steps;
}

}  // namespace

absl::StatusOr<ChangePlan> PlanRemoval(
    const ClusterState& state, const RemovalRequest& request,
    const std::optional<ReachabilityFacts>& facts) {
  const Member* member = state.members.Find(request.member_id);
  if (member == nullptr) return MemberNotFound(request.member_id);
  RETURN_IF_ERROR(CheckSomebodyVotes(state, *member));

  ChangePlan plan;
  ASSIGN_OR_RETURN(const auto central, CentralRisk(state, *member, request));
  if (central.has_value()) plan.risks.push_back(*central);
  if (facts.has_value()) {
    const bool answers = facts->unreachable_ids.count(request.member_id) == 0;
    if (!answers && !request.force) return MemberUnreachable(member->name());
    ASSIGN_OR_RETURN(const auto quorum,
                     QuorumRisk(state, *member, request, *facts));
    if (quorum.has_value()) plan.risks.push_back(*quorum);
  }
  plan.steps = StepsOf(state, *member);
  if (Runs(*member, statepb::SERVICE_CENTRAL)) {
    plan.warnings = CentralWarnings(CentralMembers(state).size() - 1);
  }
  if (facts.has_value()) {
    const auto fewer = ToleranceWarning(state, *member, *facts);
    if (fewer.has_value()) plan.warnings.push_back(*fewer);
  }
  return plan;
}

}  // namespace microovn::agent
