// SPDX-License-Identifier: Apache-2.0
// microovn.v1.OvnService: services of members. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_OVN_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_OVN_SERVICE_H_

#include "agent/service/call_guard.h"
#include "microovn/v1/service.grpc.pb.h"

namespace microovn::agent {

class OvnService final : public v1::OvnService::Service {
 public:
  // Borrowed; outlives the server.
  explicit OvnService(const CallGuard* guard) : guard_(guard) {}

  grpc::Status EnableService(grpc::ServerContext* context,
                             const v1::EnableServiceRequest* request,
                             google::longrunning::Operation* response) override;
  grpc::Status DisableService(
      grpc::ServerContext* context, const v1::DisableServiceRequest* request,
      google::longrunning::Operation* response) override;
  grpc::Status RecoverDatabase(
      grpc::ServerContext* context, const v1::RecoverDatabaseRequest* request,
      google::longrunning::Operation* response) override;
  grpc::Status ListServices(grpc::ServerContext* context,
                            const v1::ListServicesRequest* request,
                            v1::ListServicesResponse* response) override;

 private:
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_OVN_SERVICE_H_
