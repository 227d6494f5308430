// SPDX-License-Identifier: Apache-2.0
// Members in one process over gRPC on loopback.
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/testing/status_matchers.h"
#include "base/text/host_port.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "raft/node/testing/raft_node_cases.h"
#include "raft/node/testing/testing_cluster.h"
#include "raft/transport/grpc_transport.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/raft_service.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);

// Servers on loopback without TLS; who calls is in the user agent's place.
class LoopbackNetwork final : public TestingNetwork, public PeerDirectory {
 public:
  std::unique_ptr<Transport> Connect(const MemberId& member) override {
    auto endpoint = std::make_unique<Endpoint>();
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", PortOf(member)),
                             grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&endpoint->service);
    SetServerArguments(&builder);
    endpoint->server = builder.BuildAndStart();
    EXPECT_NE(endpoint->server, nullptr);
    auto transport = std::make_unique<GrpcTransport>(
        &endpoint->service, this, [member](const PeerEndpoint& peer) {
          grpc::ChannelArguments arguments;
          SetChannelArguments(&arguments);
          arguments.SetUserAgentPrefix(member.ToHex());
          return grpc::CreateCustomChannel(FormatHostPort(peer.address),
                                           grpc::InsecureChannelCredentials(),
                                           arguments);
        });
    transport->ShowProof("a voter");
    MutexLock lock(&mu_);
    ports_[member] = port;
    endpoints_[member] = std::move(endpoint);
    return transport;
  }

  void Disconnect(const MemberId& member) override {
    std::unique_ptr<Endpoint> endpoint;
    {
      MutexLock lock(&mu_);
      endpoint = std::move(endpoints_[member]);
    }
    // As the agent does: what was answered reaches its caller.
    endpoint->server->Shutdown(std::chrono::system_clock::now() +
                               std::chrono::milliseconds(200));
  }

  std::optional<HostPort> AddressOf(const MemberId& member) const override {
    const int port = PortOf(member);
    if (port == 0) return std::nullopt;
    return HostPort{"127.0.0.1", static_cast<uint16_t>(port)};
  }

 private:
  static absl::StatusOr<MemberId> Caller(
      const grpc::ServerContextBase& context) {
    const auto agent = context.client_metadata().find("user-agent");
    const std::string name(agent->second.data(), agent->second.size());
    const auto member = MemberId::FromHex(name.substr(0, 32));
    if (!member.has_value()) return absl::UnauthenticatedError("who?");
    return *member;
  }

  struct Endpoint {
    // All of them tell the truth.
    RaftService service{
        Caller, [](const ClusterId&, const MemberId&, const std::string&) {
          return LogIndex(kGreatestNumber);
        }};
    std::unique_ptr<grpc::Server> server;
  };

  int PortOf(const MemberId& member) const {
    MutexLock lock(&mu_);
    const auto at = ports_.find(member);
    return at == ports_.end() ? 0 : at->second;
  }

  mutable Mutex mu_;
  std::map<MemberId, int> ports_ ABSL_GUARDED_BY(mu_);
  std::map<MemberId, std::unique_ptr<Endpoint>> endpoints_ ABSL_GUARDED_BY(mu_);
};

INSTANTIATE_TEST_SUITE_P(Grpc, RaftNodeTest, testing::Values([] {
                           return std::make_unique<LoopbackNetwork>();
                         }));

// Heartbeats have a stream of their own and do not wait behind it.
TEST(RaftNodeGrpcTest, ALargeSnapshotDeposesNobody) {
  LoopbackNetwork network;
  TestingCluster cluster(&network);
  cluster.options.core.retained_entries = 8;
  cluster.options.applier.checkpoint_interval = 8;
  cluster.FormThree();
  const size_t away = cluster.Follower();
  cluster.Stop(away);
  const size_t writer = cluster.Leader();
  constexpr int kValues = 72;
  for (int i = 0; i < kValues; ++i) {
    ASSERT_OK(cluster.node(writer).Propose(
        absl::StrCat(i, "=", std::string(900 << 10, 'v')), kPatience));
  }
  // On a slow disk the writes themselves may have cost the lead.
  const size_t leader = cluster.Leader();
  const Term term = cluster.node(leader).Status().term;
  cluster.Start(away);
  EXPECT_TRUE(TestingCluster::Eventually([&] {
    return cluster.machine(away).Published().size() == size_t{kValues};
  }));
  const NodeStatus status = cluster.node(leader).Status();
  EXPECT_EQ(status.role, Role::kLeader);
  EXPECT_EQ(status.term, term);
  EXPECT_GE(status.metrics.snapshot_bytes_sent, uint64_t{64'000'000});
}

}  // namespace
}  // namespace microovn::raft
