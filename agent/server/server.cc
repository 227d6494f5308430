// SPDX-License-Identifier: Apache-2.0
#include "agent/server/server.h"

#include <sys/resource.h>

#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "agent/server/server_credentials.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
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

void Configure(grpc::ServerBuilder& builder, const Server::Options& options,
               int streams_of_connection) {
  builder.SetMaxReceiveMessageSize(kMaxMessage);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             kHandshakeTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 16 << 10);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             streams_of_connection);
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
  for (grpc::Service* service : options.services) {
    builder.RegisterService(service);
  }
}

void CountCalls(LiveCalls* calls, grpc::ServerBuilder& builder) {
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      creators;
  creators.push_back(calls->Counter());
  builder.experimental().SetInterceptorCreators(std::move(creators));
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
  server->identity_ = options.identity;
  grpc::ServerBuilder local;
  Configure(local, options, /*streams_of_connection=*/128);
  server->users_ = std::make_unique<SocketUsers>(local);
  server->local_ = local.BuildAndStart();
  grpc::ServerBuilder remote;
  // A caller's share, and the log's two.
  Configure(remote, options, /*streams_of_connection=*/48);
  if (options.configure) options.configure(&remote);
  if (options.calls != nullptr) CountCalls(options.calls, remote);
  server->tcp_acceptor_ = remote.experimental().AddExternalConnectionAcceptor(
      ConnectionType::FROM_FD,
      MutualTlsServerCredentials(options.identity, options.clock,
                                 *std::move(nobody)));
  server->remote_ = remote.BuildAndStart();
  if (server->local_ == nullptr || server->remote_ == nullptr) {
    return absl::InternalError("cannot start the gRPC servers");
  }
  server->SetMember(false);
  MutexLock lock(&server->mu_);
  ASSIGN_OR_RETURN(
      server->unix_listener_,
      Listener::Unix(options.socket_path,
                     [users = server->users_.get()](UniqueFd connection) {
                       users->Take(std::move(connection));
                     }));
  return server;
}

Server::~Server() { Shutdown(absl::ZeroDuration()); }

absl::Status Server::Listen(const HostPort& address) {
  MutexLock lock(&mu_);
  tcp_listener_ = nullptr;
  ASSIGN_OR_RETURN(
      tcp_listener_,
      Listener::Tcp(
          address, LimitsOfThisProcess(), clock_,
          [registry = identity_->registry()](const std::string& source) {
            return registry->IsMemberAddress(source);
          },
          Feed(tcp_acceptor_.get())));
  return absl::OkStatus();
}

void Server::CloseTcp() {
  MutexLock lock(&mu_);
  tcp_listener_ = nullptr;
}

void Server::SetMember(bool member) {
  MutexLock lock(&health_mu_);
  condition_.member = member;
  if (!member) condition_.quorum = false;
  ReportHealth();
}

void Server::SetQuorum(bool quorum) {
  MutexLock lock(&health_mu_);
  condition_.quorum = quorum;
  ReportHealth();
}

void Server::ReportHealth() {
  for (grpc::Server* server : {local_.get(), remote_.get()}) {
    for (const ServiceHealth& row : ServiceHealths()) {
      server->GetHealthCheckService()->SetServingStatus(
          std::string(row.service), IsServing(row.need, condition_));
    }
  }
}

void Server::Shutdown(absl::Duration grace) {
  {
    MutexLock lock(&mu_);
    unix_listener_ = nullptr;
    tcp_listener_ = nullptr;
  }
  const auto deadline = absl::ToChronoTime(absl::Now() + grace);
  std::vector<std::thread> ends;
  for (grpc::Server* server : {local_.get(), remote_.get()}) {
    if (server == nullptr) continue;
    server->GetHealthCheckService()->Shutdown();
    // It waits for what runs, and takes no new calls from its beginning on.
    ends.emplace_back([server, deadline] { server->Shutdown(deadline); });
  }
  for (std::thread& end : ends) end.join();
  for (grpc::Server* server : {local_.get(), remote_.get()}) {
    if (server != nullptr) server->Wait();
  }
}

}  // namespace microovn::agent
