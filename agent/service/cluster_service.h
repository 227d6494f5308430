// SPDX-License-Identifier: Apache-2.0
// microovn.v1.ClusterService: parse, look up, propose, convert. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_CLUSTER_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_CLUSTER_SERVICE_H_

#include "agent/cluster/local_node.h"
#include "agent/service/call_guard.h"
#include "microovn/v1/cluster.grpc.pb.h"

namespace microovn::agent {

class ClusterService final : public v1::ClusterService::Service {
 public:
  // Borrowed; both outlive the server.
  ClusterService(LocalNode* node, const CallGuard* guard)
      : node_(node), guard_(guard) {}

  grpc::Status BootstrapCluster(
      grpc::ServerContext* context, const v1::BootstrapClusterRequest* request,
      v1::BootstrapClusterResponse* response) override;
  grpc::Status JoinCluster(grpc::ServerContext* context,
                           const v1::JoinClusterRequest* request,
                           v1::JoinClusterResponse* response) override;
  grpc::Status GetCluster(grpc::ServerContext* context,
                          const v1::GetClusterRequest* request,
                          v1::GetClusterResponse* response) override;
  grpc::Status ListMembers(grpc::ServerContext* context,
                           const v1::ListMembersRequest* request,
                           v1::ListMembersResponse* response) override;
  grpc::Status GetMember(grpc::ServerContext* context,
                         const v1::GetMemberRequest* request,
                         v1::GetMemberResponse* response) override;
  grpc::Status RemoveMember(grpc::ServerContext* context,
                            const v1::RemoveMemberRequest* request,
                            google::longrunning::Operation* response) override;
  grpc::Status CreateJoinToken(grpc::ServerContext* context,
                               const v1::CreateJoinTokenRequest* request,
                               v1::CreateJoinTokenResponse* response) override;
  grpc::Status ListJoinTokens(grpc::ServerContext* context,
                              const v1::ListJoinTokensRequest* request,
                              v1::ListJoinTokensResponse* response) override;
  grpc::Status DeleteJoinToken(grpc::ServerContext* context,
                               const v1::DeleteJoinTokenRequest* request,
                               v1::DeleteJoinTokenResponse* response) override;
  grpc::Status UpdateMember(grpc::ServerContext* context,
                            const v1::UpdateMemberRequest* request,
                            v1::UpdateMemberResponse* response) override;
  grpc::Status TransferLeader(grpc::ServerContext* context,
                              const v1::TransferLeaderRequest* request,
                              v1::TransferLeaderResponse* response) override;

 private:
  LocalNode* const node_;
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CLUSTER_SERVICE_H_
