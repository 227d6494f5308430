#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/apply.h"
#include "agent/state/apply_context.h"
#include "agent/state/plan.h"
#include "agent/state/plan_remove.h"
#include "agent/state/plan_services.h"
#include "agent/state/validate.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::Operation;
using statepb::Result;

std::string OperationResource(const Operation& operation) {
  return absl::StrCat("operations/", operation.operation_id());
}

Arguments Describe(const Operation& operation) {
  const std::string& member = operation.member_name();
  switch (operation.kind()) {
    case Operation::KIND_REMOVE_MEMBER:
      return {{"kind", "remove-member"}, {"member", member}};
    case Operation::KIND_ENABLE_SERVICE:
      return {{"kind", "enable-service"},
              {"service", ServiceName(operation.service())},
              {"member", member}};
    default:
      return {{"kind", "disable-service"},
              {"service", ServiceName(operation.service())},
              {"member", member}};
  }
}

const Member* Target(const ClusterState& state, const Operation& operation) {
  return operation.member_id().empty()
             ? FindMember(state, operation.member_name())
             : state.members.Find(operation.member_id());
}

absl::Status CheckOperation(const ClusterState& state,
                            const Operation& operation) {
  RETURN_IF_ERROR(CheckId("operation-id", operation.operation_id()));
  if (state.operations.Find(operation.operation_id()) != nullptr) {
    return CommandMalformed("in-use", "operation-id");
  }
  switch (operation.kind()) {
    case Operation::KIND_REMOVE_MEMBER:
      return absl::OkStatus();
    case Operation::KIND_ENABLE_SERVICE:
    case Operation::KIND_DISABLE_SERVICE:
      if (ServiceName(operation.service()) == "unknown") {
        return CommandMalformed("unknown", "service");
      }
      return absl::OkStatus();
    default:
      return CommandMalformed("unknown", "operation-kind");
  }
}

// Makes room for one more, or says that there is none.
absl::Status LimitOperations(ClusterState& state) {
  size_t running = 0;
  size_t ended = 0;
  const Operation* oldest = nullptr;
  for (const auto& [id, operation] : state.operations.records()) {
    if (!operation->done()) {
      ++running;
      continue;
    }
    ++ended;
    if (oldest == nullptr ||
        operation->ended_seconds() < oldest->ended_seconds()) {
      oldest = operation.get();
    }
  }
  if (running >= kMaxRunningOperations) {
    return TooManyOperations(kMaxRunningOperations);
  }
  if (ended >= kMaxEndedOperations) {
    state.operations.Erase(oldest->operation_id());
  }
  return absl::OkStatus();
}

// The record as it starts: what was asked, and the plan's steps.
Operation Begin(ApplyContext& context, const Operation& asked,
                const Member& member, const ChangePlan& plan) {
  Operation operation;
  operation.set_operation_id(asked.operation_id());
  operation.set_kind(asked.kind());
  operation.set_member_id(member.member_id());
  operation.set_member_name(member.name());
  operation.set_service(asked.service());
  operation.set_force(asked.force());
  operation.set_allow_disable_last_central(asked.allow_disable_last_central());
  operation.set_created_seconds(context.now());
  operation.set_begun_clock_seconds(context.clock());
  for (const statepb::OperationStep& step : plan.steps) {
    *operation.add_steps() = step;
  }
  context.Record("OPERATION_STARTED", OperationResource(operation),
                 Describe(operation));
  return operation;
}

Applied Started(ApplyContext& context, Operation operation) {
  ClusterState& state = context.state();
  operation.set_revision(state.desired_revision());
  state.operations.Put(operation.operation_id(), operation);
  Result result;
  *result.mutable_operation() = std::move(operation);
  return result;
}

// A removal that is asked for again goes on; asked with force, it stops
// waiting for the member.
Applied ContinueRemoval(ApplyContext& context, const Operation& running,
                        const Operation& asked) {
  Result result;
  *result.mutable_operation() = running;
  if (!asked.force() || running.force()) return result;
  result.mutable_operation()->set_force(true);
  context.Record("OPERATION_FORCED", OperationResource(running),
                 Describe(running));
  context.state().operations.Put(running.operation_id(), result.operation());
  return result;
}

Applied StartRemoval(ApplyContext& context, const Operation& asked,
                     const Member& member) {
  ClusterState& state = context.state();
  const Operation* running = RunningOperation(state, member.member_id(),
                                              Operation::KIND_REMOVE_MEMBER);
  if (running != nullptr) {
    return ContinueRemoval(context, Operation(*running), asked);
  }
  RemovalRequest request;
  request.member_id = member.member_id();
  request.force = asked.force();
  if (asked.allow_disable_last_central()) {
    request.accepted_risks.insert(kRiskLastCentral);
  }
  ASSIGN_OR_RETURN(const ChangePlan plan,
                   PlanRemoval(state, request, std::nullopt));
  RETURN_IF_ERROR(LimitOperations(state));
  const bool ends_databases = HoldsTheLastCentral(state, member);
  Operation operation = Begin(context, asked, member, plan);
  if (member.state() != Member::STATE_LEAVING) {
    Member leaving = member;
    leaving.set_state(Member::STATE_LEAVING);
    leaving.clear_services();
    leaving.clear_join_deadline_seconds();
    state.members.Put(leaving.member_id(), leaving);
    context.RecordDesired("MEMBER_LEAVING", MemberResource(leaving),
                          {{"member", leaving.name()}});
    if (ends_databases) EndDatabases(context);
    SettleDatabases(context);
  }
  return Started(context, std::move(operation));
}

Applied StartServiceChange(ApplyContext& context, const Operation& asked,
                           const Member& member) {
  ClusterState& state = context.state();
  ServiceRequest request;
  request.member_id = member.member_id();
  request.service = asked.service();
  request.enable = asked.kind() == Operation::KIND_ENABLE_SERVICE;
  request.allow_disable_last_central = asked.allow_disable_last_central();
  ASSIGN_OR_RETURN(const ChangePlan plan, PlanServiceChange(state, request));
  RETURN_IF_ERROR(LimitOperations(state));
  const bool ends_databases = !request.enable &&
                              request.service == statepb::SERVICE_CENTRAL &&
                              HoldsTheLastCentral(state, member);
  google::protobuf::RepeatedField<int> services;
  for (const int service : member.services()) {
    if (service != request.service) services.Add(service);
  }
  if (request.enable) services.Add(request.service);
  Operation operation = Begin(context, asked, member, plan);
  if (ends_databases) EndDatabases(context);
  ChangeServices(context, member, services);
  return Started(context, std::move(operation));
}

// Progress changes how far steps are, never which steps there are.
absl::Status CheckProgress(const Operation& operation,
                           const statepb::UpdateOperation& body) {
  RETURN_IF_ERROR(CheckSteps(body.steps()));
  RETURN_IF_ERROR(
      CheckText("error-reason", body.error_reason(), kMaxTextBytes));
  RETURN_IF_ERROR(
      CheckText("error-message", body.error_message(), kMaxTextBytes));
  if (body.steps().empty()) return absl::OkStatus();
  bool same = body.steps_size() == operation.steps_size();
  for (int i = 0; same && i < body.steps_size(); ++i) {
    same = body.steps(i).id() == operation.steps(i).id();
  }
  return same ? absl::OkStatus() : CommandMalformed("other-steps");
}

}  // namespace

Applied ApplyStart(ApplyContext& context, const statepb::StartOperation& body) {
  const Operation& asked = body.operation();
  RETURN_IF_ERROR(CheckOperation(context.state(), asked));
  const Member* known = Target(context.state(), asked);
  const bool removal = asked.kind() == Operation::KIND_REMOVE_MEMBER;
  if (known == nullptr) {
    const std::string& name =
        asked.member_name().empty() ? asked.member_id() : asked.member_name();
    return removal ? MemberNotFound(name) : TargetMemberNotFound(name);
  }
  const Member member = *known;
  return removal ? StartRemoval(context, asked, member)
                 : StartServiceChange(context, asked, member);
}

Applied ApplyUpdate(ApplyContext& context,
                    const statepb::UpdateOperation& body) {
  ClusterState& state = context.state();
  const Operation* known = state.operations.Find(body.operation_id());
  if (known == nullptr) return OperationNotFound(body.operation_id());
  if (known->done()) return OperationEnded(body.operation_id());
  RETURN_IF_ERROR(CheckProgress(*known, body));
  Operation operation = *known;
  if (!body.steps().empty()) *operation.mutable_steps() = body.steps();
  if (body.done()) {
    operation.set_done(true);
    operation.set_ended_seconds(context.now());
    operation.set_error_reason(body.error_reason());
    operation.set_error_message(body.error_message());
    operation.set_error_code(body.error_code());
    const bool failed = body.error_code() != 0;
    Arguments arguments = Describe(operation);
    if (failed) arguments.emplace_back("error", body.error_message());
    context.Record(failed ? "OPERATION_FAILED" : "OPERATION_DONE",
                   OperationResource(operation), arguments);
  }
  state.operations.Put(operation.operation_id(), operation);
  Result result;
  *result.mutable_operation() = std::move(operation);
  return result;
}

}  // namespace microovn::agent
