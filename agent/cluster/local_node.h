// SPDX-License-Identifier: Apache-2.0
// This node, member or not: what the services ask for a membership, and who
// makes and ends one. Thread-safe.
#ifndef MICROOVN_AGENT_CLUSTER_LOCAL_NODE_H_
#define MICROOVN_AGENT_CLUSTER_LOCAL_NODE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/cluster/membership.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::agent {

struct Versions {
  std::string agent;
  std::string ovn;
  std::string ovs;
};

class LocalNode {
 public:
  virtual ~LocalNode() = default;

  // Null when this node is no member.
  virtual std::shared_ptr<Membership> member() const = 0;
  // UNINITIALIZED, STARTING or READY.
  virtual v1::GetClusterResponse::State phase() const = 0;
  virtual Versions versions() const = 0;
  // What it was called in the cluster that has removed it; empty if none has,
  // or it has been a member since.
  virtual std::string removed_as() const { return ""; }

  // Both return when this node runs what it should, or with a warning when
  // that takes too long; the member is made in either case. One at a time:
  // ABORTED, reason BUSY, while another is under way.
  virtual absl::StatusOr<v1::BootstrapClusterResponse> Bootstrap(
      const v1::BootstrapClusterRequest& request,
      const statepb::Asker& asker) = 0;
  virtual absl::StatusOr<v1::JoinClusterResponse> Join(
      const v1::JoinClusterRequest& request) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_CLUSTER_LOCAL_NODE_H_
