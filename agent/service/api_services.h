// SPDX-License-Identifier: Apache-2.0
// All gRPC services of the agent but the log's own.
#ifndef MICROOVN_AGENT_SERVICE_API_SERVICES_H_
#define MICROOVN_AGENT_SERVICE_API_SERVICES_H_

#include <string>
#include <vector>

#include "agent/cluster/local_node.h"
#include "agent/security/security_log.h"
#include "agent/service/call_guard.h"
#include "agent/service/certificate_service.h"
#include "agent/service/cluster_service.h"
#include "agent/service/config_service.h"
#include "agent/service/event_service.h"
#include "agent/service/operations_service.h"
#include "agent/service/ovn_service.h"
#include "agent/service/peer_service.h"
#include "agent/service/status_service.h"
#include "agent/service/user_service.h"
#include "base/time/clock.h"
#include "grpcpp/impl/service_type.h"

namespace microovn::agent {

// Outlives the server it is registered on.
class ApiServices {
 public:
  // Borrowed; `security` and `calls` may be null.
  ApiServices(LocalNode* node, const Clock* clock,
              const std::string& pki_directory, SecurityLog* security = nullptr,
              const LiveCalls* calls = nullptr)
      : guard_(node, clock, security, calls),
        cluster_(node, &guard_),
        ovn_(&guard_),
        certificates_(&guard_, clock, pki_directory),
        configs_(node, &guard_),
        status_(&guard_),
        events_(&guard_),
        operations_(&guard_),
        users_(&guard_, clock),
        peers_(&guard_) {}

  std::vector<grpc::Service*> all() {
    return {&cluster_, &ovn_,        &certificates_, &configs_, &status_,
            &events_,  &operations_, &users_,        &peers_};
  }

 private:
  CallGuard guard_;
  ClusterService cluster_;
  OvnService ovn_;
  CertificateService certificates_;
  ConfigService configs_;
  StatusService status_;
  EventService events_;
  OperationsService operations_;
  UserService users_;
  PeerService peers_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_API_SERVICES_H_
