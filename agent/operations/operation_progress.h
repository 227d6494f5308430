// SPDX-License-Identifier: Apache-2.0
// How far a running operation is and what its next action is: pure. Decided
// anew from the state each time, so that any leader goes on where another
// stopped, and that repeating an action does no harm.
#ifndef MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_
#define MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/state/operation/operation_kind.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

struct OperationDecision {
  // The record as it should be now, before `command`.
  statepb::Operation operation;
  // What to propose then.
  std::optional<statepb::Command> command;
};

// A step's detail is one short line, fit to be shown.
std::string BoundedDetail(absl::string_view text);

// Leaves one of a kind that the table does not have as it is.
OperationDecision DecideOperation(const ClusterState& state,
                                  const statepb::Operation& operation,
                                  const OperationFacts& facts,
                                  const OperationTable& table = Operations());

// Joining members that have not confirmed in time by the cluster's clock or do
// not come, in the order in which they came.
std::vector<const statepb::Member*> OverdueJoiners(const ClusterState& state,
                                                   int64_t clock_seconds);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_
