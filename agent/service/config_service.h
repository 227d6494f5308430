// SPDX-License-Identifier: Apache-2.0
// microovn.v1.ConfigService: typed settings. Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_CONFIG_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_CONFIG_SERVICE_H_

#include "agent/cluster/local_node.h"
#include "agent/service/call_guard.h"
#include "microovn/v1/config.grpc.pb.h"

namespace microovn::agent {

class ConfigService final : public v1::ConfigService::Service {
 public:
  // Borrowed; both outlive the server.
  ConfigService(LocalNode* node, const CallGuard* guard)
      : node_(node), guard_(guard) {}

  grpc::Status ListConfigs(grpc::ServerContext* context,
                           const v1::ListConfigsRequest* request,
                           v1::ListConfigsResponse* response) override;
  grpc::Status GetConfig(grpc::ServerContext* context,
                         const v1::GetConfigRequest* request,
                         v1::GetConfigResponse* response) override;
  grpc::Status UpdateConfig(grpc::ServerContext* context,
                            const v1::UpdateConfigRequest* request,
                            v1::UpdateConfigResponse* response) override;
  grpc::Status DeleteConfig(grpc::ServerContext* context,
                            const v1::DeleteConfigRequest* request,
                            v1::DeleteConfigResponse* response) override;

 private:
  LocalNode* const node_;
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_CONFIG_SERVICE_H_
