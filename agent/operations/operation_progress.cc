// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operation_progress.h"

#include <utility>

#include "absl/status/status.h"
#include "agent/state/operation/steps.h"
#include "base/status/error.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;

// The first step that has not ended is the one that failed.
void Fail(const absl::Status& error, Operation& operation) {
  for (OperationStep& step : *operation.mutable_steps()) {
    if (HasEnded(step)) continue;
    step.set_state(OperationStep::STATE_FAILED);
    break;
  }
  operation.set_done(true);
  operation.set_error_code(static_cast<int>(error.code()));
  operation.set_error_reason(ReasonOf(error));
  operation.set_error_message(std::string(error.message()));
}

}  // namespace

std::string BoundedDetail(absl::string_view text) {
  constexpr size_t kLimit = 512;
  return Shown(text, kLimit);
}

OperationDecision DecideOperation(const ClusterState& state,
                                  const Operation& operation,
                                  const OperationFacts& facts,
                                  const OperationTable& table) {
  OperationDecision decision;
  decision.operation = operation;
  Operation& now = decision.operation;
  const OperationKind* kind = table.Find(operation);
  if (kind == nullptr) return decision;
  const OperationView view{state, now, facts};
  absl::Status failure = kind->failure(view, nullptr);
  for (int i = 0; failure.ok() && i < now.steps_size(); ++i) {
    OperationStep* step = now.mutable_steps(i);
    if (HasEnded(*step)) continue;
    StepOutcome outcome = kind->evaluate(view, *step);
    step->set_state(outcome.state);
    step->set_detail(BoundedDetail(std::move(outcome.detail)));
    if (HasEnded(*step)) continue;
    failure = kind->failure(view, step);
    if (!failure.ok()) break;
    decision.command = std::move(outcome.command);
    return decision;
  }
  if (failure.ok()) {
    now.set_done(true);
  } else {
    Fail(failure, now);
  }
  return decision;
}

std::vector<const Member*> OverdueJoiners(const ClusterState& state,
                                          int64_t clock_seconds) {
  std::vector<const Member*> overdue;
  for (const Member* member : MembersInOrder(state)) {
    if (member->state() == Member::STATE_JOINING &&
        member->join_deadline_seconds() <= clock_seconds) {
      overdue.push_back(member);
    }
  }
  return overdue;
}

}  // namespace microovn::agent
