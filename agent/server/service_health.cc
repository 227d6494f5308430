// SPDX-License-Identifier: Apache-2.0
#include "agent/server/service_health.h"

namespace microovn::agent {

const std::vector<ServiceHealth>& ServiceHealths() {
  static const auto* const kServices = new std::vector<ServiceHealth>{
      {"grpc.health.v1.Health", ServiceNeed::kNothing},
      {"grpc.reflection.v1alpha.ServerReflection", ServiceNeed::kNothing},
      {"microovn.v1.ClusterService", ServiceNeed::kQuorumOfMembers},
      // These change the cluster, or read what a quorum has confirmed.
      {"microovn.v1.OvnService", ServiceNeed::kQuorum},
      {"microovn.v1.CertificateService", ServiceNeed::kQuorum},
      {"microovn.v1.ConfigService", ServiceNeed::kQuorum},
      {"microovn.v1.UserService", ServiceNeed::kQuorum},
      {"google.longrunning.Operations", ServiceNeed::kQuorum},
      {"microovn.internal.peer.v1.PeerService", ServiceNeed::kQuorum},
      // These tell what this member knows, above all when there is no quorum.
      {"microovn.v1.StatusService", ServiceNeed::kMembership},
      {"microovn.v1.EventService", ServiceNeed::kMembership},
      // It is what makes a quorum.
      {"microovn.internal.raft.v1.RaftService", ServiceNeed::kMembership},
  };
  return *kServices;
}

bool IsServing(ServiceNeed need, const NodeCondition& condition) {
  switch (need) {
    case ServiceNeed::kNothing:
      return true;
    case ServiceNeed::kMembership:
      return condition.member;
    case ServiceNeed::kQuorum:
      return condition.member && condition.quorum;
    case ServiceNeed::kQuorumOfMembers:
      return !condition.member || condition.quorum;
  }
  return false;
}

}  // namespace microovn::agent
