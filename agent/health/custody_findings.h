// SPDX-License-Identifier: Apache-2.0
// CAs whose keys nobody can open: what is served goes on, and nothing is
// issued. Pure.
#ifndef MICROOVN_AGENT_HEALTH_CUSTODY_FINDINGS_H_
#define MICROOVN_AGENT_HEALTH_CUSTODY_FINDINGS_H_

#include <vector>

#include "agent/health/facts.h"
#include "agent/health/finding.h"

namespace microovn::agent {

// Whether no voter that answers can open the key of the plane's CA.
bool IsSealed(const ClusterFacts& facts, statepb::Plane plane);

std::vector<Observed> FindSealedAuthorities(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CUSTODY_FINDINGS_H_
