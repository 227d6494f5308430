// What a member says of its copy of the replicated log. Pure.
#ifndef MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_
#define MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_

#include <optional>

#include "microovn/v1/log.pb.h"
#include "microovn/v1/status.pb.h"
#include "raft/node/node_status.h"

namespace microovn::agent {

// Members are named by their ids; cluster_log.h has the names.
v1::LogReplica DescribeReplica(const raft::NodeStatus& status);

// None while the member votes like any other.
std::optional<v1::Finding> QuarantineFinding(const raft::NodeStatus& status);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_LOG_REPLICA_H_
