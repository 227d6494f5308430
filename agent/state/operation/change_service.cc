// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/change_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/operation/steps.h"
#include "base/status/status_macros.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;

constexpr auto kEnable = Operation::KIND_ENABLE_SERVICE;
constexpr auto kDisable = Operation::KIND_DISABLE_SERVICE;

constexpr StepWords kWords[] = {
    {kStepStartServices, "start {service} on {member}"},
    {kStepStopServices, "stop {service} on {member}", "service"},
    {kStepLeaveDatabases, "take {member} out of the OVN databases"},
    {kStepUpdateMembers, "give the other members the new addresses of central"},
};

bool Enables(const Operation& operation) { return operation.kind() == kEnable; }

Arguments Describe(const Operation& operation) {
  return {{"service", ServiceName(operation.service())},
          {"member", operation.member_name()}};
}

std::string Target(const Operation& operation) {
  return absl::StrCat("members/", operation.member_name(), "/services/",
                      ServiceName(operation.service()));
}

absl::StatusOr<Operation> Check(const ClusterState& state,
                                const Operation& asked) {
  if (ServiceName(asked.service()) == "unknown") {
    return CommandMalformed("unknown", "service");
  }
  const Member* member = asked.member_id().empty()
                             ? FindMember(state, asked.member_name())
                             : state.members.Find(asked.member_id());
  if (member == nullptr) {
    return TargetMemberNotFound(
        asked.member_name().empty() ? asked.member_id() : asked.member_name());
  }
  Operation checked = asked;
  checked.set_member_id(member->member_id());
  checked.set_member_name(member->name());
  return checked;
}

ServiceRequest RequestOf(const Operation& operation) {
  ServiceRequest request;
  request.member_id = operation.member_id();
  request.service = operation.service();
  request.enable = Enables(operation);
  request.allow_disable_last_central = operation.allow_disable_last_central();
  return request;
}

absl::StatusOr<ChangePlan> Plan(const ClusterState& state,
                                const Operation& checked) {
  return PlanServiceChange(state, RequestOf(checked));
}

void Want(ApplyContext& context, const Operation& operation) {
  ClusterState& state = context.state();
  const Member member = *state.members.Find(operation.member_id());
  const bool enable = Enables(operation);
  if (!enable && operation.service() == statepb::SERVICE_CENTRAL &&
      HoldsTheLastCentral(state, member)) {
    EndDatabases(context);
  }
  google::protobuf::RepeatedField<int> services;
  for (const int service : member.services()) {
    if (service != operation.service()) services.Add(service);
  }
  if (enable) services.Add(operation.service());
  ChangeServices(context, member, services);
}

absl::Status Undo(ApplyContext& context, const Operation& operation) {
  const ClusterState& state = context.state();
  const Member* known = state.members.Find(operation.member_id());
  RETURN_IF_ERROR(CheckUndo(known, operation));
  const bool central = operation.service() == statepb::SERVICE_CENTRAL;
  if (central && Enables(operation) && HoldsTheLastCentral(state, *known)) {
    return OperationNotCancellable("the OVN databases would end");
  }
  if (central && !Enables(operation) && CentralMembers(state).empty()) {
    return OperationNotCancellable("the OVN databases have ended");
  }
  const Member member = *known;
  google::protobuf::RepeatedField<int> services;
  for (const int service : member.services()) {
    if (service != operation.service()) services.Add(service);
  }
  if (!Enables(operation)) services.Add(operation.service());
  ChangeServices(context, member, services);
  return absl::OkStatus();
}

StepOutcome AwaitMember(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  return HasConverged(view, id) ? Finished()
                                : Waiting(WhyNotConverged(view, id));
}

// A member that is down stops them when it is back, and need not come back for
// the others to go on without it.
StepOutcome StopService(const OperationView& view) {
  const std::string& id = view.operation.member_id();
  if (!HasConverged(view, id) && GivenUp(view)) {
    return Skipped(WhyNotConverged(view, id));
  }
  return AwaitMember(view);
}

StepOutcome Evaluate(const OperationView& view, const OperationStep& step) {
  if (step.id() == kStepStartServices) return AwaitMember(view);
  if (step.id() == kStepStopServices) return StopService(view);
  if (step.id() == kStepLeaveDatabases) return LeaveDatabases(view);
  if (step.id() == kStepUpdateMembers) return UpdateMembers(view, step);
  return UnknownStep();
}

bool Superseded(const OperationView& view) {
  const Member* member = view.state.members.Find(view.operation.member_id());
  return member == nullptr || member->state() == Member::STATE_LEAVING ||
         Runs(*member, view.operation.service()) != Enables(view.operation);
}

absl::Status Failure(const OperationView& view, const OperationStep* waiting) {
  const std::string service = ServiceName(view.operation.service());
  const std::string& member = view.operation.member_name();
  if (waiting == nullptr) {
    return Superseded(view) ? ServiceChangeSuperseded(service, member)
                            : absl::OkStatus();
  }
  return Elapsed(view) >= kSettleSeconds
             ? ServiceNotSettled(service, member, waiting->detail())
             : absl::OkStatus();
}

void Answer(const ClusterState& state, const Operation& operation,
            google::protobuf::Any* answer) {
  v1::ChangeServiceResult result;
  const Member* member = state.members.Find(operation.member_id());
  if (member != nullptr) {
    for (const int service : member->services()) {
      // The two enums have the same numbers; a test keeps them so.
      result.add_services(static_cast<v1::Service>(service));
    }
  }
  const auto count = static_cast<uint32_t>(CentralMembers(state).size());
  result.set_central_count(count);
  result.set_even_central(count > 0 && count % 2 == 0);
  result.set_few_central(count > 0 && count < 3);
  answer->PackFrom(result);
}

constexpr OperationKind Row(Operation::Kind kind, absl::string_view name,
                            absl::string_view phrase) {
  return {kind,  name, phrase, kWords, /*goes_on=*/false, Describe, Target,
          Check, Plan, Want,   Undo,   Evaluate,          Failure,  Answer};
}

constexpr OperationKind kEnableRow =
    Row(kEnable, "enable-service", "enabling {service} on {member}");
constexpr OperationKind kDisableRow =
    Row(kDisable, "disable-service", "disabling {service} on {member}");

}  // namespace

const OperationKind& EnableServiceKind() { return kEnableRow; }
const OperationKind& DisableServiceKind() { return kDisableRow; }

Operation ServiceChangeOf(std::string operation_id, const Member& member,
                          const ServiceRequest& request) {
  Operation operation;
  operation.set_operation_id(std::move(operation_id));
  operation.set_kind(request.enable ? kEnable : kDisable);
  operation.set_member_id(member.member_id());
  operation.set_member_name(member.name());
  operation.set_service(request.service);
  operation.set_allow_disable_last_central(request.allow_disable_last_central);
  return operation;
}

}  // namespace microovn::agent
