#include "agent/server/server.h"

#include <sys/resource.h>

#include <utility>

#include "absl/time/clock.h"
#include "agent/server/server_credentials.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "grpc/health/v1/health.pb.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/profile.h"
#include "pki/key/key_access.h"
#include "pki/key/key_type.h"

namespace microovn::agent {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;

constexpr int kMaxMessage = 1 << 20;
constexpr int kHandshakeTimeoutMs = 5000;
// Half of what clients use, so that jitter cannot make a healthy client's
// pings look too frequent.
constexpr int kMinPingIntervalMs = 5000;

void Configure(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessage);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 128);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kMinPingIntervalMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Blocking handlers hold a thread each; this bounds them.
  grpc::ResourceQuota quota("microovn");
  quota.SetMaxThreads(96);
  builder.SetResourceQuota(quota);
  builder.SetSyncServerOption(
      grpc::ServerBuilder::SyncServerOption::MIN_POLLERS, 1);
  builder.SetSyncServerOption(
      grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, 4);
}

// A certificate for the time in which this node is nobody's member.
absl::StatusOr<TlsMaterial> Nobody(const Clock& clock) {
  ASSIGN_OR_RETURN(const pki::CertificateAuthority authority,
                   pki::CertificateAuthority::Create(
                       pki::Plane::kCluster, pki::KeyType::kP256, clock.Now(),
                       RandomSource::Real()));
  TlsMaterial material;
  material.chain_pem = authority.certificate().ToPem();
  material.roots_pem = material.chain_pem;
  ASSIGN_OR_RETURN(material.key_pem, authority.key(pki::KeyAccess::Granted())
                                         .ToPem(pki::KeyAccess::Granted()));
  return material;
}

ConnectionHandler Feed(Acceptor* acceptor) {
  return [acceptor](UniqueFd connection) {
    Acceptor::NewConnectionParameters parameters;
    parameters.fd = connection.Release();
    parameters.listener_fd = -1;
    acceptor->HandleNewConnection(&parameters);
  };
}

ConnectionLimits LimitsOfThisProcess() {
  ConnectionLimits limits;
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    // The rest is for the store, children and outgoing connections.
    limits.max_descriptor = static_cast<int>(files.rlim_cur / 4 * 3);
  }
  return limits;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options) {
  // Without this, reflection cannot describe the health service: gRPC's own
  // implementation does not enter its messages into the descriptor pool.
  grpc::health::v1::HealthCheckRequest::descriptor();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();

  auto nobody = Nobody(*options.clock);
  if (!nobody.ok()) return nobody.status();
  using ConnectionType =
      grpc::ServerBuilder::experimental_type::ExternalConnectionType;
  std::unique_ptr<Server> server(new Server());
  server->clock_ = options.clock;
  grpc::ServerBuilder builder;
  Configure(builder);
  if (options.configure) options.configure(&builder);
  for (grpc::Service* service : options.services) {
    builder.RegisterService(service);
  }
  server->unix_acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      ConnectionType::FROM_FD, grpc::experimental::LocalServerCredentials(UDS));
  server->tcp_acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      ConnectionType::FROM_FD,
      MutualTlsServerCredentials(options.identity, options.clock,
                                 *std::move(nobody)));
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::InternalError("cannot start the gRPC server");
  }
  MutexLock lock(&server->mu_);
  ASSIGN_OR_RETURN(
      server->unix_listener_,
      Listener::Unix(options.socket_path, Feed(server->unix_acceptor_.get())));
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

absl::Status Server::Listen(const std::string& address) {
  MutexLock lock(&mu_);
  tcp_listener_ = nullptr;
  ASSIGN_OR_RETURN(tcp_listener_,
                   Listener::Tcp(address, LimitsOfThisProcess(), clock_,
                                 Feed(tcp_acceptor_.get())));
  return absl::OkStatus();
}

void Server::CloseTcp() {
  MutexLock lock(&mu_);
  tcp_listener_ = nullptr;
}

void Server::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

void Server::Shutdown(absl::Duration grace) {
  {
    MutexLock lock(&mu_);
    unix_listener_ = nullptr;
    tcp_listener_ = nullptr;
  }
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
}

}  // namespace microovn::agent
