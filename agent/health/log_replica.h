// SPDX-License-Identifier: Apache-2.0
// What a member says of its copy of the replicated log. Pure.
#ifndef MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_
#define MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_

#include <optional>

#include "agent/health/facts.h"
#include "microovn/v1/log.pb.h"
#include "microovn/v1/status.pb.h"
#include "raft/node/metrics/node_status.h"

namespace microovn::agent {

// Members are named by their ids; cluster_log.h has the names.
v1::LogReplica DescribeReplica(const raft::NodeStatus& status);

// None while the member votes like any other.
std::optional<v1::Finding> QuarantineFinding(const raft::NodeStatus& status);

// Of the whole cluster, by what its voters say of themselves: CRITICAL when so
// many are in quarantine that the others are no majority, so that no leader can
// come by itself. A voter that does not answer is taken to be able to vote: it
// may have the majority that is missed here, and NO_QUORUM says so.
std::optional<v1::Finding> QuorumQuarantineFinding(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_
