// SPDX-License-Identifier: Apache-2.0
// What a leader tells the log of what only a leader sees. Pure, but for the
// damper, which counts what comes and goes.
#ifndef MICROOVN_AGENT_HISTORY_OBSERVATION_PLAN_H_
#define MICROOVN_AGENT_HISTORY_OBSERVATION_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/history/finding_memory.h"
#include "agent/history/flap_damper.h"
#include "agent/operations/member_health.h"
#include "agent/operations/raft_control.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

struct PlannedObservation {
  statepb::ObserveCluster body;
  // What the damper has to hear of once it is told.
  std::vector<std::string> subjects;
};

// Nothing when all of it was told. `view` leads.
std::optional<PlannedObservation> PlanObservation(
    const ClusterState& state, const RaftView& view, const MemberHealth& health,
    const FindingKeys& findings, FlapDamper& damper, absl::Duration now);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HISTORY_OBSERVATION_PLAN_H_
