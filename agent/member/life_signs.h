// SPDX-License-Identifier: Apache-2.0
// What tells that the threads of a membership live. A plain value.
#ifndef MICROOVN_AGENT_MEMBER_LIFE_SIGNS_H_
#define MICROOVN_AGENT_MEMBER_LIFE_SIGNS_H_

#include <optional>

#include "absl/time/time.h"
#include "agent/reconcile/loop/reconcile_loop.h"

namespace microovn::agent {

struct LifeSigns {
  // RaftNode::LastTurn; empty when the log ends.
  std::optional<absl::Duration> log_turn;
  // Empty when the membership ends.
  std::optional<ReconcileProgress> reconcile;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LIFE_SIGNS_H_
