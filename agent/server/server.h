// The agent's gRPC server: one set of services behind two accept loops.
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
#include "agent/server/tls_identity.h"
#include "base/clock.h"
#include "base/mutex.h"
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
    // What a service needs of the server beyond being registered.
    std::function<void(grpc::ServerBuilder*)> configure;
  };

  static absl::StatusOr<std::unique_ptr<Server>> Start(const Options& options);

  ~Server();

  // Opens TCP; replaces the address that was open.
  absl::Status Listen(const std::string& address) ABSL_LOCKS_EXCLUDED(mu_);
  void CloseTcp() ABSL_LOCKS_EXCLUDED(mu_);

  // Reported by grpc.health.v1 for every service and for "".
  void SetServing(bool serving);

  // No new calls; running ones are cancelled after `grace`.
  void Shutdown(absl::Duration grace) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  Server() = default;

  const Clock* clock_ = nullptr;
  // Handlers of accepted connections, owned by gRPC's server.
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>
      unix_acceptor_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> tcp_acceptor_;
  std::unique_ptr<grpc::Server> server_;
  Mutex mu_;
  std::unique_ptr<Listener> unix_listener_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Listener> tcp_listener_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVER_H_
