// SPDX-License-Identifier: Apache-2.0
// The agent's gRPC servers: one set of services behind two accept loops, each
// with threads of its own, so that nothing that comes over the network can shut
// out who is at the machine.
//
// The local socket is there from the start; TCP is opened when this node has
// an identity and closed when it has none any more. Reflection and
// grpc.health.v1 are served as well. Thread-safe.
#ifndef MICROOVN_AGENT_SERVER_SERVER_H_
#define MICROOVN_AGENT_SERVER_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/server/listener.h"
#include "agent/server/live_calls.h"
#include "agent/server/service_health.h"
#include "agent/server/socket_users.h"
#include "agent/server/tls_identity.h"
#include "base/mutex.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace microovn::agent {

class Server {
 public:
  struct Options {
    std::string socket_path;
    // Borrowed; all outlive the server.
    std::vector<grpc::Service*> services;
    const TlsIdentity* identity = nullptr;
    const Clock* clock = nullptr;
    // Counts the calls over TCP; null: they are not counted.
    LiveCalls* calls = nullptr;
    // What a service needs of TCP's server beyond being registered.
    std::function<void(grpc::ServerBuilder*)> configure;
  };

  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options);

  ~Server();

  // Opens TCP; replaces the address that was open.
  absl::Status Listen(const HostPort& address) ABSL_LOCKS_EXCLUDED(mu_);
  void CloseTcp() ABSL_LOCKS_EXCLUDED(mu_);

  // What grpc.health.v1 says follows from these two (service_health.h): whether
  // this node has a membership, and whether that has a quorum. At first it has
  // neither.
  void SetMember(bool member) ABSL_LOCKS_EXCLUDED(health_mu_);
  void SetQuorum(bool quorum) ABSL_LOCKS_EXCLUDED(health_mu_);

  // No new calls; running ones are cancelled after `grace`. Who watches the
  // health hears NOT_SERVING first.
  void Shutdown(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Server() = default;

  void ReportHealth() ABSL_EXCLUSIVE_LOCKS_REQUIRED(health_mu_);

  const Clock* clock_ = nullptr;
  const TlsIdentity* identity_ = nullptr;
  // Handlers of accepted connections, owned by gRPC's server.
  std::unique_ptr<SocketUsers> users_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> tcp_acceptor_;
  std::unique_ptr<grpc::Server> local_;
  std::unique_ptr<grpc::Server> remote_;
  Mutex health_mu_;
  NodeCondition condition_ ABSL_GUARDED_BY(health_mu_);
  Mutex mu_;
  std::unique_ptr<Listener> unix_listener_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Listener> tcp_listener_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVER_H_
