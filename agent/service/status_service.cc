#include "agent/service/status_service.h"

#include "agent/health/cluster_status.h"
#include "agent/service/requests.h"

namespace microovn::agent {

grpc::Status StatusService::GetStatus(grpc::ServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.StatusService/GetStatus",
      [&](const Caller&, Member& member) {
        const ClusterFacts facts = member.Gather(
            request->read_consistency() != v1::READ_CONSISTENCY_STALE_OK,
            /*probe=*/true, kGatherTimeout);
        *response->mutable_status() = DescribeCluster(facts);
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
