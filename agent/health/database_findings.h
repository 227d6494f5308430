// SPDX-License-Identifier: Apache-2.0
// What is wrong with OVN's databases as a whole. Pure.
#ifndef MICROOVN_AGENT_HEALTH_DATABASE_FINDINGS_H_
#define MICROOVN_AGENT_HEALTH_DATABASE_FINDINGS_H_

#include <vector>

#include "agent/health/facts.h"
#include "agent/health/finding.h"

namespace microovn::agent {

// Whether the databases are this cluster's own, and not another's that
// ovn.central-ips names.
bool OwnsDatabases(const ClusterState& state);

std::vector<Observed> FindDatabaseProblems(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_DATABASE_FINDINGS_H_
