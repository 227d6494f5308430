// SPDX-License-Identifier: Apache-2.0
// microovn.v1.StatusService: how the cluster is. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_STATUS_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_STATUS_SERVICE_H_

#include "agent/service/call_guard.h"
#include "microovn/v1/status.grpc.pb.h"

namespace microovn::agent {

class StatusService final : public v1::StatusService::Service {
 public:
  // Borrowed; outlives the server.
  explicit StatusService(const CallGuard* guard) : guard_(guard) {}

  grpc::Status GetStatus(grpc::ServerContext* context,
                         const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;
  grpc::Status GetLog(grpc::ServerContext* context,
                      const v1::GetLogRequest* request,
                      v1::GetLogResponse* response) override;

 private:
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_STATUS_SERVICE_H_
