// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/remove_member.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/operation/steps.h"
#include "agent/state/plan/plan_remove.h"
#include "base/status/status_macros.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;

constexpr StepWords kWords[] = {
    {kStepStopServices, "stop the services of {member}"},
    {kStepLeaveDatabases, "take {member} out of the OVN databases"},
    {kStepDeleteChassis, "delete the chassis of {member}"},
    {kStepUpdateMembers, "give the other members the new addresses of central"},
    {kStepLeaveLog, "take {member} out of the log"},
    {kStepForgetMember, "remove {member} and refuse its certificate"},
};

Arguments Describe(const Operation& operation) {
  return {{"member", operation.member_name()}};
}

std::string Target(const Operation& operation) {
  return absl::StrCat("members/", operation.member_name());
}

absl::StatusOr<Operation> Check(const ClusterState& state,
                                const Operation& asked) {
  const Member* member = asked.member_id().empty()
                             ? FindMember(state, asked.member_name())
                             : state.members.Find(asked.member_id());
  if (member == nullptr) {
    return MemberNotFound(asked.member_name().empty() ? asked.member_id()
                                                      : asked.member_name());
  }
  Operation checked = asked;
  checked.set_member_id(member->member_id());
  checked.set_member_name(member->name());
  return checked;
}

absl::StatusOr<ChangePlan> Plan(const ClusterState& state,
                                const Operation& checked) {
  RemovalRequest request;
  request.member_id = checked.member_id();
  request.force = checked.force();
  if (checked.allow_disable_last_central()) {
    request.accepted_risks.insert(kRiskLastCentral);
  }
  return PlanRemoval(state, request, std::nullopt);
}

void Want(ApplyContext& context, const Operation& operation) {
  ClusterState& state = context.state();
  Member leaving = *state.members.Find(operation.member_id());
  if (leaving.state() == Member::STATE_LEAVING) return;
  const bool ends_databases = HoldsTheLastCentral(state, leaving);
  if (Runs(leaving, statepb::SERVICE_CENTRAL) && !ends_databases) {
    VacateCentralPlace(state);
  }
  leaving.set_state(Member::STATE_LEAVING);
  leaving.clear_services();
  // It begins anew to leave by itself, whatever an earlier operation did.
  leaving.clear_put_out_revision();
  leaving.clear_join_deadline_seconds();
  state.members.Put(leaving.member_id(), leaving);
  context.RecordDesired("MEMBER_LEAVING", MemberResource(leaving),
                        {{"member", leaving.name()}});
  if (ends_databases) EndDatabases(context);
  SettleDatabases(context);
}

// Until the member begins to leave the log; what it has left of the databases
// by then, it joins again.
absl::Status Undo(ApplyContext& context, const Operation& operation) {
  const ClusterState& state = context.state();
  const Member* known = state.members.Find(operation.member_id());
  RETURN_IF_ERROR(CheckUndo(known, operation));
  for (const OperationStep& step : operation.steps()) {
    const bool last =
        step.id() == kStepLeaveLog || step.id() == kStepForgetMember;
    if (last && step.state() != OperationStep::STATE_PENDING) {
      return OperationNotCancellable("the member leaves the log");
    }
  }
  const bool was_central =
      std::find(operation.member_services().begin(),
                operation.member_services().end(),
                statepb::SERVICE_CENTRAL) != operation.member_services().end();
  if (was_central && CentralMembers(state).empty()) {
    return OperationNotCancellable("the OVN databases have ended");
  }
  Member member = *known;
  member.set_state(Member::STATE_ACTIVE);
  ChangeServices(context, member, operation.member_services());
  return absl::OkStatus();
}

StepOutcome StopServices(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  if (HasConverged(view, id)) return Finished();
  if (GivenUp(view)) return Skipped(WhyNotConverged(view, id));
  return Waiting(WhyNotConverged(view, id));
}

// A member that stopped by itself has removed its chassis.
StepOutcome DeleteChassis(const OperationView& view) {
  for (const OperationStep& step : view.operation.steps()) {
    if (step.id() == kStepStopServices &&
        step.state() == OperationStep::STATE_DONE) {
      return Finished();
    }
  }
  if (CentralMembers(view.state).empty()) {
    return Skipped("there is no central");
  }
  if (!WasPutOut(view)) return PutOut(view, "");
  if (IsCleared(view, "sb")) return Finished();
  if (view.operation.force() && Elapsed(view) >= kCleanUpSeconds) {
    return Skipped("no central could do it");
  }
  return Waiting("waiting for the leader of the Southbound database");
}

// The role policy takes it out once this step is recorded as running.
StepOutcome LeaveLog(const OperationView& view) {
  const bool in_log = view.facts.log_ids.count(view.operation.member_id()) > 0;
  if (view.facts.log_settled && !in_log) return Finished();
  return Waiting("");
}

StepOutcome ForgetMember(const OperationView& view) {
  if (view.state.members.Find(view.operation.member_id()) == nullptr) {
    return Finished();
  }
  StepOutcome outcome = Waiting("");
  outcome.command.emplace().mutable_remove_member()->set_member_id(
      view.operation.member_id());
  return outcome;
}

StepOutcome Evaluate(const OperationView& view, const OperationStep& step) {
  if (step.id() == kStepStopServices) return StopServices(view);
  if (step.id() == kStepLeaveDatabases) return LeaveDatabases(view);
  if (step.id() == kStepDeleteChassis) return DeleteChassis(view);
  if (step.id() == kStepUpdateMembers) return UpdateMembers(view, step);
  if (step.id() == kStepLeaveLog) return LeaveLog(view);
  if (step.id() == kStepForgetMember) return ForgetMember(view);
  return UnknownStep();
}

// Goes on until the member is gone.
absl::Status Failure(const OperationView&, const OperationStep*) {
  return absl::OkStatus();
}

void Answer(const ClusterState&, const Operation& operation,
            google::protobuf::Any* answer) {
  v1::Member removed;
  removed.set_name(Target(operation));
  removed.set_member_id(operation.member_id());
  answer->PackFrom(removed);
}

constexpr OperationKind kRow = {
    Operation::KIND_REMOVE_MEMBER,
    "remove-member",
    "the removal of {member}",
    kWords,
    /*goes_on=*/true,
    Describe,
    Target,
    Check,
    Plan,
    Want,
    Undo,
    Evaluate,
    Failure,
    Answer,
};

}  // namespace

const OperationKind& RemoveMemberKind() { return kRow; }

Operation RemovalOf(std::string operation_id, const Member& member, bool force,
                    bool accepts_last_central, bool keeps_authorities) {
  Operation operation;
  operation.set_operation_id(std::move(operation_id));
  operation.set_kind(kRow.kind);
  operation.set_member_id(member.member_id());
  operation.set_member_name(member.name());
  operation.set_force(force);
  operation.set_allow_disable_last_central(accepts_last_central);
  operation.set_keeps_authorities(keeps_authorities);
  return operation;
}

const Operation* RunningRemoval(const ClusterState& state,
                                absl::string_view member_id) {
  return RunningOperation(state, kRow, member_id);
}

}  // namespace microovn::agent
