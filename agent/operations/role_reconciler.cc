// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/role_reconciler.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/state/operation/remove_member.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/config_keys.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(1);

using statepb::Operation;
using statepb::OperationStep;

bool MayLeaveLog(const ClusterState& state, const std::string& member_id) {
  const Operation* removal = RunningRemoval(state, member_id);
  if (removal == nullptr) return false;
  for (const OperationStep& step : removal->steps()) {
    if (step.id() == kStepLeaveLog) {
      return step.state() == OperationStep::STATE_RUNNING ||
             step.state() == OperationStep::STATE_DONE;
    }
  }
  return false;
}

// As it has reported.
bool SealingKeyOutOfReach(const ClusterState& state,
                          const std::string& member_id) {
  const statepb::MemberReport* report = state.reports.Find(member_id);
  return report != nullptr && report->sealing_key_out_of_reach();
}

bool CaughtUp(const RaftView& view, const std::string& member_id) {
  if (member_id == view.self_id) return true;
  const auto peer = view.peers.find(member_id);
  return peer != view.peers.end() && !peer->second.receiving_snapshot &&
         peer->second.last_contact_ago.has_value() &&
         peer->second.lag <= kCaughtUpEntries;
}

std::string Names(const ClusterState& state,
                  const std::vector<std::string>& ids) {
  if (ids.empty()) return "none";
  return absl::StrJoin(ids, ", ",
                       [&state](std::string* out, const std::string& id) {
                         absl::StrAppend(out, NameOfMember(state, id));
                       });
}

std::string Describe(const ClusterState& state, const RoleDecision& decision) {
  switch (decision.kind) {
    case RoleDecision::Kind::kReseal:
      return absl::StrCat("sealing CA keys for ",
                          Names(state, decision.seal_for), ": ",
                          decision.reason);
    case RoleDecision::Kind::kTransfer:
      return absl::StrCat("handing leadership to ",
                          NameOfMember(state, decision.transfer_to), ": ",
                          decision.reason);
    case RoleDecision::Kind::kChange:
      return absl::StrCat(
          "voters ", Names(state, decision.target.voters), "; stand-bys ",
          Names(state, decision.target.learners), ": ", decision.reason);
    case RoleDecision::Kind::kNothing:
      break;
  }
  return "";
}

}  // namespace

RoleFacts RoleFactsOf(const ClusterState& state, const RaftView& view,
                      const MemberHealth& health) {
  RoleFacts facts;
  facts.leader_id = view.self_id;
  facts.voters = view.voters;
  facts.learners = view.learners;
  facts.settled = view.configuration_committed && view.outgoing.empty();
  facts.wanted_voters =
      static_cast<size_t>(std::max(1, ConfigNumber(state, kConfigVoters)));
  for (const statepb::Member* record : MembersInOrder(state)) {
    RoleMember member;
    member.id = record->member_id();
    member.active = record->state() == statepb::Member::STATE_ACTIVE;
    member.leaving = record->state() == statepb::Member::STATE_LEAVING;
    member.may_leave_log = MayLeaveLog(state, member.id);
    member.worker = record->worker();
    member.can_seal =
        !record->worker() && !record->sealing_certificate_pem().empty();
    member.out_of_reach = SealingKeyOutOfReach(state, member.id);
    member.in_contact = health.InContact(member.id);
    member.down = health.Down(member.id);
    member.caught_up = CaughtUp(view, member.id);
    facts.members.push_back(std::move(member));
  }
  for (const auto& [key, authority] : state.authorities.records()) {
    facts.sealed_for.emplace_back(authority->sealed_for().begin(),
                                  authority->sealed_for().end());
  }
  return facts;
}

void RoleReconciler::Start() {
  loop_ = std::make_unique<WakeupLoop>(parts_.store, kPeriod,
                                       [this] { return RunOnce(); });
}

void RoleReconciler::Stop() { loop_.reset(); }

bool RoleReconciler::RunOnce() {
  const RaftView view = parts_.raft->View();
  const StateSnapshot state = parts_.store->Current();
  health_.Observe(view, parts_.clock->Monotonic(), DownAfter(*state));
  if (!view.leading || !state->bootstrapped()) return false;
  const RoleDecision decision = DecideRoles(RoleFactsOf(*state, view, health_));
  if (decision.kind == RoleDecision::Kind::kNothing) return false;
  const std::string what = Describe(*state, decision);
  const absl::Status status = Act(decision, view);
  if (status.ok()) {
    LOG(INFO) << what;
    last_failure_.clear();
    return true;
  }
  const std::string failure = absl::StrCat(what, " failed: ", status.message());
  LOG_IF(WARNING, failure != last_failure_) << failure;
  last_failure_ = failure;
  return false;
}

absl::Status RoleReconciler::Act(const RoleDecision& decision,
                                 const RaftView& view) {
  switch (decision.kind) {
    case RoleDecision::Kind::kReseal:
      return parts_.sealer->Reseal(decision.seal_for);
    case RoleDecision::Kind::kTransfer:
      return parts_.raft->Transfer(decision.transfer_to);
    case RoleDecision::Kind::kChange:
      return parts_.raft->ChangeMembership(decision.target,
                                           view.configuration_index);
    case RoleDecision::Kind::kNothing:
      break;
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
