// SPDX-License-Identifier: Apache-2.0
#include "agent/service/status_service.h"

#include "agent/health/cluster_log.h"
#include "agent/health/cluster_status.h"
#include "agent/service/requests.h"

namespace microovn::agent {

grpc::Status StatusService::GetStatus(grpc::ServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.StatusService/GetStatus",
      [&](const Caller&, Membership& member) {
        const ClusterFacts facts = member.Gather(
            request->read_consistency() != v1::READ_CONSISTENCY_STALE_OK,
            /*probe=*/true, kGatherTimeout);
        *response->mutable_status() = DescribeCluster(facts);
        return absl::OkStatus();
      });
}

grpc::Status StatusService::GetLog(grpc::ServerContext* context,
                                   const v1::GetLogRequest* /*request*/,
                                   v1::GetLogResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.v1.StatusService/GetLog",
      [&](const Caller&, Membership& member) {
        // How the log is must be told above all when it is not well.
        *response = DescribeLog(member.Gather(
            /*linearizable=*/false, /*probe=*/true, kGatherTimeout));
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
