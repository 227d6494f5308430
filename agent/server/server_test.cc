#include "agent/server/server.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/server/caller.h"
#include "agent/server/peer_channels.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
// Past the life of a member's certificate, and of a CA of ten years.
constexpr absl::Duration kMinutes = absl::Minutes(30 * 24 * 60 + 2);
constexpr absl::Duration kTenYears = absl::Hours(3653 * 24);

// A server of node1, on a port of its own, without services: a call that is
// let through hears UNIMPLEMENTED.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    tls_.Set(Material(server_));
    Server::Options options;
    options.socket_path = absl::StrCat(directory_.path(), "/socket");
    options.identity = &tls_;
    options.clock = &clock_;
    auto server = Server::Start(options);
    ASSERT_OK(server);
    running_ = *std::move(server);
    running_->SetServing(true);
    for (int port = 20'000; port < 20'200; ++port) {
      address_ = absl::StrCat("127.0.0.1:", port);
      if (running_->Listen(address_).ok()) return;
    }
    FAIL() << "no port is free";
  }

  TlsMaterial Material(const pki::TestLeaf& leaf) const {
    TlsMaterial material;
    material.roots_pem = pki_.cluster_ca().certificate().ToPem();
    material.chain_pem =
        absl::StrCat(leaf.certificate.ToPem(), material.roots_pem);
    auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
    if (key.ok()) material.key_pem = *std::move(key);
    return material;
  }

  // A call of `method` by who has `leaf`; by default to a server that may show
  // an expired certificate.
  grpc::StatusCode Call(const pki::TestLeaf& leaf, const std::string& method,
                        bool accepts_expired = true) {
    ServerCheck check;
    check.clock = &clock_;
    check.accepts_expired = [accepts_expired](const std::string&,
                                              const pki::Certificate&) {
      return accepts_expired;
    };
    const auto channel =
        MutualTlsChannel(Material(leaf), address_, facts_.member_id, check,
                         grpc::ChannelArguments());
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kDeadline));
    grpc::CompletionQueue queue;
    const auto call = stub.PrepareUnaryCall(&context, "/" + method,
                                            grpc::ByteBuffer(), &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, this);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    message_ = status.error_message();
    return status.error_code();
  }

  FakeClock clock_;
  TempDir directory_;
  pki::TestPki pki_;
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::TestLeaf server_ = pki_.Member(facts_);
  const pki::TestLeaf client_ = pki_.Member(pki_.Facts("node2"));
  TlsIdentity tls_;
  std::string address_;
  std::string message_;
  std::unique_ptr<Server> running_;
};

std::vector<std::string> AllMethods() {
  std::vector<std::string> methods = {
      "microovn.internal.raft.v1.RaftService/Deliver",
      "microovn.internal.raft.v1.RaftService/Propose",
      "grpc.health.v1.Health/Check",
      "grpc.health.v1.Health/Watch",
      "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
      "microovn.v1.ClusterService/NoSuchMethod",
  };
  for (const MethodRule& rule : MethodRules()) {
    methods.emplace_back(rule.method);
  }
  return methods;
}

TEST_F(ServerTest, EveryCallIsLetThroughWithinTheDates) {
  for (const std::string& method : AllMethods()) {
    EXPECT_NE(Call(client_, method), grpc::StatusCode::UNAUTHENTICATED)
        << method << ": " << message_;
    EXPECT_NE(message_, "failed to connect to all addresses") << method;
  }
}

TEST_F(ServerTest, AnExpiredCertificateOpensTheLogAndRenewalOnly) {
  for (const absl::Duration off : {kMinutes, kTenYears}) {
    clock_.Jump(off);
    for (const std::string& method : AllMethods()) {
      const bool open =
          method == "microovn.internal.raft.v1.RaftService/Deliver" ||
          method == "microovn.internal.peer.v1.PeerService/IssueCertificates";
      EXPECT_EQ(Call(client_, method), open ? grpc::StatusCode::UNIMPLEMENTED
                                            : grpc::StatusCode::UNAUTHENTICATED)
          << method << ": " << message_;
    }
    clock_.Jump(-off);
  }
}

TEST_F(ServerTest, ACertificateOfTheFutureIsAsGoodAsAnExpiredOne) {
  clock_.Jump(-absl::Hours(25));
  EXPECT_EQ(Call(client_, "grpc.health.v1.Health/Check"),
            grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Call(client_, "microovn.internal.raft.v1.RaftService/Deliver"),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(ServerTest, AServerWhoseCertificateHasExpiredIsNotCalled) {
  clock_.Jump(kMinutes);
  const pki::TestLeaf renewed =
      pki_.Issue(pki_.cluster_ca(), *pki::MemberProfile(pki_.Facts("node3")),
                 clock_.Now());
  const std::string method = "grpc.health.v1.Health/Check";
  EXPECT_NE(Call(renewed, method), grpc::StatusCode::UNAVAILABLE) << message_;
  EXPECT_EQ(Call(renewed, method, /*accepts_expired=*/false),
            grpc::StatusCode::UNAVAILABLE)
      << message_;
}

TEST_F(ServerTest, ACertificateOfAnotherAuthorityOpensNothing) {
  pki::TestPki elsewhere(pki_.now(), /*seed=*/2);
  const pki::TestLeaf stranger = elsewhere.Member(elsewhere.Facts("node2"));
  EXPECT_EQ(Call(stranger, "microovn.internal.raft.v1.RaftService/Deliver"),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, AnotherMemberIsNotTheOneThatIsMeant) {
  tls_.Set(Material(client_));
  EXPECT_EQ(Call(client_, "microovn.internal.raft.v1.RaftService/Deliver"),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ServerTest, NobodyIsServedWithoutAnIdentity) {
  tls_.Clear();
  EXPECT_EQ(Call(client_, "grpc.health.v1.Health/Check"),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace microovn::agent
