// SPDX-License-Identifier: Apache-2.0
#include "agent/server/server.h"

#include <sys/stat.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "agent/server/key_registry.h"
#include "agent/server/peer_channels.h"
#include "agent/server/server_check.h"
#include "base/mutex.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(10);
// Past the life of a member's certificate, and of a CA of ten years.
constexpr absl::Duration kMinutes = absl::Minutes(30 * 24 * 60 + 2);
constexpr absl::Duration kTenYears = absl::Hours(3653 * 24);

// Says who called, to the test; to the caller it says UNIMPLEMENTED.
class Recorder final : public grpc::CallbackGenericService {
 public:
  Recorder(std::string cluster_id, const Clock* clock)
      : cluster_id_(std::move(cluster_id)), clock_(clock) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    MutexLock lock(&mu_);
    caller_ = CallerOf(*context, cluster_id_, clock_->Now());
    return CallbackGenericService::CreateReactor(context);
  }

  absl::StatusOr<Caller> Take() {
    MutexLock lock(&mu_);
    return std::exchange(caller_, absl::NotFoundError("nobody has called"));
  }
  void Become(const std::string& cluster_id) {
    MutexLock lock(&mu_);
    cluster_id_ = cluster_id;
  }

 private:
  Mutex mu_;
  std::string cluster_id_ ABSL_GUARDED_BY(mu_);
  const Clock* const clock_;
  absl::StatusOr<Caller> caller_ ABSL_GUARDED_BY(mu_) =
      absl::NotFoundError("nobody has called");
};

// A server of node1, on a port of its own, without services: a call that is
// let through hears UNIMPLEMENTED.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    tls_.Set(Material(server_));
    KeyRegistry::Questions questions;
    questions.is_registered = [](const pki::Certificate&) { return true; };
    tls_.registry()->Set(std::move(questions));
    Server::Options options;
    options.socket_path = absl::StrCat(directory_.path(), "/socket");
    options.identity = &tls_;
    options.clock = &clock_;
    options.configure = [this](grpc::ServerBuilder* builder) {
      builder->RegisterCallbackGenericService(&recorder_);
    };
    auto server = Server::Start(options);
    ASSERT_OK(server);
    running_ = *std::move(server);
    for (uint16_t port = 20'000; port < 20'200; ++port) {
      address_ = {"127.0.0.1", port};
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

  // Who the server takes the holder of `leaf` for.
  absl::StatusOr<Caller> CallerWith(const pki::TestLeaf& leaf) {
    Call(leaf, "microovn.internal.raft.v1.RaftService/Deliver");
    return recorder_.Take();
  }
  pki::TestLeaf Operator(pki::OperatorRole role) {
    return pki_.Issue(
        pki_.cluster_ca(),
        *pki::OperatorProfile(pki_.cluster_id(), "alice", role, absl::Hours(1)),
        pki_.now());
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
  HostPort address_;
  std::string message_;
  Recorder recorder_{pki_.cluster_id(), &clock_};
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
  clock_.Jump(-pki::kBackdating - absl::Hours(1));
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

TEST_F(ServerTest, ACallerIsWhatItsCertificateSays) {
  const auto member = CallerWith(client_);
  ASSERT_OK(member) << message_;
  EXPECT_EQ(member->role, Role::kMember);
  EXPECT_EQ(member->spki_sha256,
            client_.certificate.public_key().Fingerprint());
  EXPECT_FALSE(member->expired);

  const std::string token = std::string(32, '7');
  const auto joiner = CallerWith(
      pki_.Issue(pki_.cluster_ca(),
                 *pki::JoinerProfile(pki_.cluster_id(), token, absl::Hours(1)),
                 pki_.now(), pki::KeyType::kEd25519));
  ASSERT_OK(joiner) << message_;
  EXPECT_EQ(joiner->role, Role::kJoiner);
  EXPECT_EQ(joiner->id, token);

  const std::pair<pki::OperatorRole, Role> roles[] = {
      {pki::OperatorRole::kAdmin, Role::kAdmin},
      {pki::OperatorRole::kOperator, Role::kOperator},
      {pki::OperatorRole::kViewer, Role::kViewer}};
  for (const auto& [role, expected] : roles) {
    const auto caller = CallerWith(Operator(role));
    ASSERT_OK(caller) << message_;
    EXPECT_EQ(caller->role, expected);
  }
}

TEST_F(ServerTest, ACallerWhoseCertificateHasExpiredIsKnownToHave) {
  clock_.Jump(kMinutes);
  const auto caller = CallerWith(client_);
  ASSERT_OK(caller) << message_;
  EXPECT_TRUE(caller->expired);
}

TEST_F(ServerTest, ACallerOfAnotherClusterIsNobody) {
  recorder_.Become(std::string(32, '9'));
  EXPECT_THAT(CallerWith(client_), HasReason("BAD_PEER_CERTIFICATE"));
  // A node that is in no cluster yet.
  recorder_.Become("");
  EXPECT_OK(CallerWith(client_));
}

TEST_F(ServerTest, TheSocketIsForItsGroup) {
  struct stat info = {};
  ASSERT_EQ(stat(absl::StrCat(directory_.path(), "/socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0660u);
}

TEST_F(ServerTest, AChannelIsKeptUntilThereIsANewCertificate) {
  TlsIdentity identity;
  PeerChannels channels(&identity, &clock_);
  const auto to = [&](const HostPort& address, ChannelUse use) {
    auto channel = channels.To({facts_.member_id, address, use});
    EXPECT_OK(channel);
    return channel.ok() ? *channel : nullptr;
  };
  const ChannelUse calls = ChannelUse::kCalls;
  EXPECT_EQ(to(address_, calls), nullptr);
  identity.Set(Material(client_));
  const auto first = to(address_, calls);
  EXPECT_EQ(to(address_, calls), first);
  EXPECT_NE(to({"127.0.0.1", 1}, calls), first);
  EXPECT_NE(to(address_, ChannelUse::kRenewal), first);
  identity.Set(Material(client_));
  EXPECT_NE(to(address_, calls), first);
}

TEST_F(ServerTest, OnlyARenewalGoesToAPeerThatHasExpired) {
  clock_.Jump(kMinutes);
  const pki::TestLeaf renewed =
      pki_.Issue(pki_.cluster_ca(), *pki::MemberProfile(pki_.Facts("node3")),
                 clock_.Now());
  TlsIdentity identity;
  identity.Set(Material(renewed));
  std::vector<ExpiredUse> asked;
  KeyRegistry::Questions questions;
  questions.accepts_expired = [&asked](ExpiredUse use, const std::string&,
                                       const pki::Certificate&) {
    asked.push_back(use);
    return true;
  };
  identity.registry()->Set(std::move(questions));
  PeerChannels channels(&identity, &clock_);
  const auto connects = [&](ChannelUse use) {
    const auto channel = channels.To({facts_.member_id, address_, use});
    return channel.ok() &&
           (*channel)->WaitForConnected(absl::ToChronoTime(
               absl::Now() +
               (use == ChannelUse::kRenewal ? kDeadline : absl::Seconds(1))));
  };
  EXPECT_FALSE(connects(ChannelUse::kCalls));
  EXPECT_TRUE(asked.empty());
  EXPECT_TRUE(connects(ChannelUse::kRenewal));
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked[0], ExpiredUse::kRenewal);
}

TEST(CheckServer, IsTheMemberThatIsMeant) {
  FakeClock clock;
  pki::TestPki pki(clock.Now());
  const pki::MemberFacts facts = pki.Facts("node1");
  const pki::TestLeaf member = pki.Member(facts);
  ServerCheck check;
  check.clock = &clock;
  EXPECT_OK(CheckServer(member.certificate.ToPem(), facts.member_id, check));
  EXPECT_FALSE(CheckServer(member.certificate.ToPem(),
                           pki.Facts("node2").member_id, check)
                   .ok());
  const pki::TestLeaf person = pki.Issue(
      pki.cluster_ca(),
      *pki::OperatorProfile(pki.cluster_id(), "alice",
                            pki::OperatorRole::kAdmin, absl::Hours(1)),
      clock.Now());
  EXPECT_FALSE(CheckServer(person.certificate.ToPem(), "alice", check).ok())
      << "a person is no member, whatever the name";
  EXPECT_FALSE(CheckServer("no certificate", facts.member_id, check).ok());
  clock.Jump(kMinutes);
  EXPECT_FALSE(
      CheckServer(member.certificate.ToPem(), facts.member_id, check).ok());
}

}  // namespace
}  // namespace microovn::agent
