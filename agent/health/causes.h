// SPDX-License-Identifier: Apache-2.0
// Puts findings in the order in which a person wants to read them: what is
// wrong, then what follows from it, each worst first. What one cause leads to
// is said with the cause. Pure.
#ifndef MICROOVN_AGENT_HEALTH_CAUSES_H_
#define MICROOVN_AGENT_HEALTH_CAUSES_H_

#include <vector>

#include "agent/health/finding.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

std::vector<v1::Finding> CausesFirst(std::vector<Observed> observed);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CAUSES_H_
