// SPDX-License-Identifier: Apache-2.0
// What a node may conclude from what the cluster said of its join: pure.
#ifndef MICROOVN_AGENT_ENTRY_JOIN_OUTCOME_H_
#define MICROOVN_AGENT_ENTRY_JOIN_OUTCOME_H_

#include "absl/status/status.h"

namespace microovn::agent {

enum class JoinOutcome {
  // The cluster has forgotten the join, and so may this node.
  kTakenBack,
  // It was confirmed: this node is a member.
  kStands,
  // Nobody answered. A node does not erase itself on silence: it goes on
  // asking.
  kUnknown,
};

// Of WithdrawJoin's answer.
JoinOutcome OutcomeOf(const absl::Status& withdrawn);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_JOIN_OUTCOME_H_
