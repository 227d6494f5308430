// SPDX-License-Identifier: Apache-2.0
// What an operation of one kind is: a row of functions. A kind is one file
// beside this one, its row in operation_table.cc, and a number in
// Operation.Kind; nothing else asks what kind an operation is.
//
// All of it is pure. check, plan, want and undo are called by Apply, so they do
// the same on every member and at every replay; evaluate and failure are called
// by the leader's runner, describe, target and result by the API.
#ifndef MICROOVN_AGENT_STATE_OPERATION_OPERATION_KIND_H_
#define MICROOVN_AGENT_STATE_OPERATION_OPERATION_KIND_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/arguments.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/any.pb.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// What the leader knows beside the state.
struct OperationFacts {
  // The cluster's clock now, in seconds.
  int64_t clock_seconds = 0;
  // Not heard from just now, and for long.
  std::set<std::string> silent_ids;
  std::set<std::string> down_ids;
  // Voters and stand-bys.
  std::set<std::string> log_ids;
  bool log_settled = false;
  // Keys of CAs in use that end so soon that nobody is waited for any more.
  std::set<std::string> ending;
};

// Values for the length of one decision.
struct OperationView {
  const ClusterState& state;
  const statepb::Operation& operation;
  const OperationFacts& facts;
};

// How far a step is, and what the leader asks of the log for it next. All of
// the world's part is done by those who read the state.
struct StepOutcome {
  statepb::OperationStep::State state = statepb::OperationStep::STATE_RUNNING;
  std::string detail;
  std::optional<statepb::Command> command;
};

// A sentence with names of arguments in braces, see agent/api/words.h.
struct StepWords {
  absl::string_view id;
  absl::string_view sentence;
  // Only when there is an argument of this name; empty: always.
  absl::string_view needs = "";
};

struct OperationKind {
  statepb::Operation::Kind kind;
  // As in the API: "remove-member".
  absl::string_view name;
  // "the removal of {member}"
  absl::string_view phrase;
  // Of each step that its plan may have; the first that fits counts.
  absl::Span<const StepWords> words;
  // Asked for again while one runs for the same member (or for none), that one
  // goes on instead; asked with force, it is forced.
  bool goes_on = false;

  // The arguments of `phrase`.
  Arguments (*describe)(const statepb::Operation& operation);
  // The resource that it is about.
  std::string (*target)(const statepb::Operation& operation);

  // What was asked with what the state knows of it (the member's id and name,
  // when it has a member), or why it cannot be asked.
  absl::StatusOr<statepb::Operation> (*check)(const ClusterState& state,
                                              const statepb::Operation& asked);
  absl::StatusOr<ChangePlan> (*plan)(const ClusterState& state,
                                     const statepb::Operation& checked);
  // Marks in the state what is wanted, with its events. Nothing is refused any
  // more.
  void (*want)(ApplyContext& context, const statepb::Operation& operation);
  // Marks in the state what was wanted before, or says why it is too late;
  // then nothing is changed.
  absl::Status (*undo)(ApplyContext& context,
                       const statepb::Operation& operation);

  // Of a step that has not ended. What it asks for may be asked twice.
  StepOutcome (*evaluate)(const OperationView& view,
                          const statepb::OperationStep& step);
  // Why it ends without success, asked before its steps (`waiting` is null),
  // and with the step that has not ended.
  absl::Status (*failure)(const OperationView& view,
                          const statepb::OperationStep* waiting);
  // The answer of an operation that went well.
  void (*result)(const ClusterState& state, const statepb::Operation& operation,
                 google::protobuf::Any* answer);
};

// The operation of this kind on this member that has not ended; null if none.
const statepb::Operation* RunningOperation(const ClusterState& state,
                                           const OperationKind& kind,
                                           absl::string_view member_id);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_OPERATION_KIND_H_
