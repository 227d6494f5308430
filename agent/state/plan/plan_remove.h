// SPDX-License-Identifier: Apache-2.0
// The plan of a member's removal: pure.
#ifndef MICROOVN_AGENT_STATE_PLAN_PLAN_REMOVE_H_
#define MICROOVN_AGENT_STATE_PLAN_PLAN_REMOVE_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

struct RemovalRequest {
  std::string member_id;
  // The member cannot be reached, or need not be waited for.
  bool force = false;
  std::set<std::string> accepted_risks;
};

// Refused: the only member (ONLY_MEMBER), the only central (LAST_CENTRAL,
// CENTRAL_NOT_JOINED) and the loss of the log's quorum (QUORUM_WOULD_BE_LOST)
// unless accepted, a member that does not answer (MEMBER_UNREACHABLE) without
// force. What `facts` would tell is not checked without them.
//
// A member that is being removed already can be planned again.
absl::StatusOr<ChangePlan> PlanRemoval(
    const ClusterState& state, const RemovalRequest& request,
    const std::optional<ReachabilityFacts>& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_PLAN_PLAN_REMOVE_H_
