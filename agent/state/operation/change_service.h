// SPDX-License-Identifier: Apache-2.0
// Enabling and disabling a service on a member: two kinds that differ in their
// direction.
#ifndef MICROOVN_AGENT_STATE_OPERATION_CHANGE_SERVICE_H_
#define MICROOVN_AGENT_STATE_OPERATION_CHANGE_SERVICE_H_

#include <cstdint>
#include <string>

#include "agent/state/operation/operation_kind.h"
#include "agent/state/plan/plan_services.h"

namespace microovn::agent {

// A service that is not as wanted by then ends its operation with an error;
// its member goes on by itself.
inline constexpr int64_t kSettleSeconds = 120;

const OperationKind& EnableServiceKind();
const OperationKind& DisableServiceKind();

// What is asked of the log.
statepb::Operation ServiceChangeOf(std::string operation_id,
                                   const statepb::Member& member,
                                   const ServiceRequest& request);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_CHANGE_SERVICE_H_
