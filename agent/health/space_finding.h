// SPDX-License-Identifier: Apache-2.0
// What a member says of the disk that holds its log. Pure.
#ifndef MICROOVN_AGENT_HEALTH_SPACE_FINDING_H_
#define MICROOVN_AGENT_HEALTH_SPACE_FINDING_H_

#include <optional>

#include "microovn/v1/status.pb.h"
#include "raft/node/metrics/node_status.h"

namespace microovn::agent {

// None while there is space.
std::optional<v1::Finding> SpaceFinding(const raft::SpaceReport& report);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_SPACE_FINDING_H_
