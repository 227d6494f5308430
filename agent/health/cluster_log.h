// SPDX-License-Identifier: Apache-2.0
// Every member's copy of the log, side by side. Pure.
#ifndef MICROOVN_AGENT_HEALTH_CLUSTER_LOG_H_
#define MICROOVN_AGENT_HEALTH_CLUSTER_LOG_H_

#include "agent/health/facts.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

// A row for every member, whether it answered or not, by name.
v1::GetLogResponse DescribeLog(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CLUSTER_LOG_H_
