// SPDX-License-Identifier: Apache-2.0
// The one answer to "how is it": members, databases, findings and a verdict.
// Pure.
#ifndef MICROOVN_AGENT_HEALTH_CLUSTER_STATUS_H_
#define MICROOVN_AGENT_HEALTH_CLUSTER_STATUS_H_

#include <vector>

#include "agent/health/facts.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

v1::ClusterStatus DescribeCluster(const ClusterFacts& facts);

// Northbound, then Southbound, as far as their servers answered.
std::vector<v1::DatabaseStatus> DescribeDatabases(const ClusterFacts& facts);

// What is wrong or weak in `status`: causes before what follows from them, each
// worst first. It also looks at the facts' reports.
std::vector<v1::Finding> FindProblems(const ClusterFacts& facts,
                                      const v1::ClusterStatus& status);

// The worst that the findings say.
v1::Health Verdict(const std::vector<v1::Finding>& findings);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CLUSTER_STATUS_H_
