// SPDX-License-Identifier: Apache-2.0
// The plan of enabling or disabling a service on a member: pure.
#ifndef MICROOVN_AGENT_STATE_PLAN_PLAN_SERVICES_H_
#define MICROOVN_AGENT_STATE_PLAN_PLAN_SERVICES_H_

#include <string>

#include "absl/status/statusor.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

struct ServiceRequest {
  std::string member_id;
  statepb::Service service = statepb::SERVICE_UNSPECIFIED;
  bool enable = false;
  bool allow_disable_last_central = false;
};

// Refused: SERVICE_ALREADY_ENABLED, SERVICE_NOT_ENABLED, LAST_CENTRAL or
// CENTRAL_NOT_JOINED without permission, MEMBER_JOINING, MEMBER_LEAVING.
absl::StatusOr<ChangePlan> PlanServiceChange(const ClusterState& state,
                                             const ServiceRequest& request);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_PLAN_PLAN_SERVICES_H_
