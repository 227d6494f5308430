// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/apply_operations.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/apply/validate.h"
#include "agent/state/operation/operation_kind.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Operation;
using statepb::Result;

std::string OperationResource(const Operation& operation) {
  return absl::StrCat("operations/", operation.operation_id());
}

// Of an event about it, with the kind's name first.
Arguments Describe(const OperationKind& kind, const Operation& operation) {
  Arguments arguments = {{"kind", std::string(kind.name)}};
  for (auto& argument : kind.describe(operation)) {
    arguments.push_back(std::move(argument));
  }
  return arguments;
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
        operation->ended_revision() < oldest->ended_revision()) {
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

bool CanOpenKeys(const ClusterState& state, const std::string& member_id) {
  for (const auto& [key, authority] : state.authorities.records()) {
    for (const std::string& holder : authority->sealed_for()) {
      if (holder == member_id) return true;
    }
  }
  return false;
}

// The record as it starts: what was asked, and the plan's steps.
Operation RecordOf(ApplyContext& context, const OperationKind& kind,
                   const Operation& checked, const ChangePlan& plan) {
  Operation operation;
  operation.set_operation_id(checked.operation_id());
  operation.set_kind(kind.kind);
  operation.set_member_id(checked.member_id());
  operation.set_member_name(checked.member_name());
  operation.set_service(checked.service());
  operation.set_force(checked.force());
  operation.set_allow_disable_last_central(
      checked.allow_disable_last_central());
  operation.set_created_seconds(context.now());
  const statepb::Member* member =
      context.state().members.Find(checked.member_id());
  // Agents that cannot cancel write records without it.
  if (member != nullptr &&
      ActiveLevel(context.state(), kFeatureOperationCancel) > 0) {
    *operation.mutable_member_services() = member->services();
  }
  if (ActiveLevel(context.state(), kFeatureCaRotation) > 0) {
    operation.set_because_of(checked.because_of());
    operation.set_at_its_end(checked.at_its_end() &&
                             ActiveLevel(context.state(), kFeatureCaRequest) >
                                 0);
    operation.set_keeps_authorities(checked.keeps_authorities());
    operation.set_could_open_keys(
        CanOpenKeys(context.state(), checked.member_id()));
  }
  if (ActiveLevel(context.state(), kFeatureDatabaseRecovery) > 0) {
    operation.set_database(checked.database());
  }
  operation.set_begun_clock_seconds(context.clock());
  for (const statepb::OperationStep& step : plan.steps) {
    *operation.add_steps() = step;
  }
  return operation;
}

// What is asked for again goes on; asked with force, it stops waiting.
Applied GoOn(ApplyContext& context, const OperationKind& kind,
             const Operation& running, const Operation& asked) {
  Result result;
  *result.mutable_operation() = running;
  if (!asked.force() || running.force()) return result;
  result.mutable_operation()->set_force(true);
  if (ActiveLevel(context.state(), kFeatureCaRotation) > 0) {
    result.mutable_operation()->set_keeps_authorities(
        asked.keeps_authorities());
  }
  result.mutable_operation()->set_updates(running.updates() + 1);
  context.Record("OPERATION_FORCED", OperationResource(running),
                 Describe(kind, running));
  context.state().operations.Put(running.operation_id(), result.operation());
  return result;
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

Applied ApplyStart(ApplyContext& context, const statepb::StartOperation& body,
                   const OperationTable& table) {
  ClusterState& state = context.state();
  const Operation& asked = body.operation();
  RETURN_IF_ERROR(CheckId("operation-id", asked.operation_id()));
  if (state.operations.Find(asked.operation_id()) != nullptr) {
    return CommandMalformed("in-use", "operation-id");
  }
  const OperationKind* kind = table.Find(asked);
  if (kind == nullptr) {
    return CommandMalformed("unknown", "operation-kind");
  }
  ASSIGN_OR_RETURN(const Operation checked, kind->check(state, asked));
  const Operation* running =
      RunningOperation(state, *kind, checked.member_id());
  if (kind->goes_on && running != nullptr) {
    return GoOn(context, *kind, Operation(*running), asked);
  }
  ASSIGN_OR_RETURN(const ChangePlan plan, kind->plan(state, checked));
  RETURN_IF_ERROR(LimitOperations(state));
  Operation operation = RecordOf(context, *kind, checked, plan);
  context.Record("OPERATION_STARTED", OperationResource(operation),
                 Describe(*kind, operation));
  // What it brings is the authority's from now on, and not the record's.
  Operation wanted = operation;
  if (checked.has_successor()) {
    *wanted.mutable_successor() = checked.successor();
  }
  kind->want(context, wanted);
  operation.set_revision(state.desired_revision());
  state.operations.Put(operation.operation_id(), operation);
  Result result;
  *result.mutable_operation() = std::move(operation);
  return result;
}

Applied ApplyUpdate(ApplyContext& context, const statepb::UpdateOperation& body,
                    const OperationTable& table) {
  ClusterState& state = context.state();
  const Operation* known = state.operations.Find(body.operation_id());
  if (known == nullptr) return OperationNotFound(body.operation_id());
  if (known->done()) return OperationEnded(body.operation_id());
  // A leader that was deposed meanwhile decided on an older record.
  if (body.expected_updates() != known->updates()) {
    return CommandMalformed("out-of-date", "operation");
  }
  RETURN_IF_ERROR(CheckProgress(*known, body));
  Operation operation = *known;
  operation.set_updates(known->updates() + 1);
  if (!body.steps().empty()) *operation.mutable_steps() = body.steps();
  if (body.done()) {
    operation.set_done(true);
    operation.set_ended_seconds(context.now());
    operation.set_ended_revision(state.revision());
    operation.set_error_reason(body.error_reason());
    operation.set_error_message(body.error_message());
    operation.set_error_code(body.error_code());
    const bool failed = body.error_code() != 0;
    const OperationKind* kind = table.Find(operation);
    Arguments arguments;
    if (kind != nullptr) arguments = Describe(*kind, operation);
    if (failed) arguments.emplace_back("error", body.error_message());
    context.Record(failed ? "OPERATION_FAILED" : "OPERATION_DONE",
                   OperationResource(operation), arguments);
  }
  state.operations.Put(operation.operation_id(), operation);
  Result result;
  *result.mutable_operation() = std::move(operation);
  return result;
}

Applied ApplyCancel(ApplyContext& context, const statepb::CancelOperation& body,
                    const OperationTable& table) {
  ClusterState& state = context.state();
  const Operation* known = state.operations.Find(body.operation_id());
  if (known == nullptr) return OperationNotFound(body.operation_id());
  if (known->done()) return OperationEnded(body.operation_id());
  const OperationKind* kind = table.Find(*known);
  if (kind == nullptr) return CommandMalformed("unknown", "operation-kind");
  Operation operation = *known;
  RETURN_IF_ERROR(kind->undo(context, operation));
  for (statepb::OperationStep& step : *operation.mutable_steps()) {
    if (step.state() == statepb::OperationStep::STATE_DONE) continue;
    step.set_state(statepb::OperationStep::STATE_SKIPPED);
    step.set_detail("cancelled");
  }
  operation.set_updates(operation.updates() + 1);
  operation.set_done(true);
  operation.set_error_code(static_cast<int>(absl::StatusCode::kCancelled));
  operation.set_error_reason("OPERATION_CANCELLED");
  operation.set_error_message("it was cancelled");
  context.Record("OPERATION_CANCELLED", OperationResource(operation),
                 Describe(*kind, operation));
  operation.set_ended_seconds(context.now());
  operation.set_ended_revision(state.revision());
  state.operations.Put(operation.operation_id(), operation);
  Result result;
  *result.mutable_operation() = std::move(operation);
  return result;
}

}  // namespace microovn::agent
