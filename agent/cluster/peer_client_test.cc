// SPDX-License-Identifier: Apache-2.0
#include "agent/cluster/peer_client.h"

#include <memory>
#include <string>
#include <utility>

#include "agent/server/testing/recording_server.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Seconds(10);

TEST(IsRenewal, IsForTheMembersOwnCertificateAlone) {
  peerpb::IssueCertificatesRequest request;
  EXPECT_FALSE(IsRenewal(request));
  request.add_demands()->set_service("client");
  EXPECT_FALSE(IsRenewal(request));
  request.mutable_demands(0)->set_service("member");
  EXPECT_TRUE(IsRenewal(request));
  request.add_demands()->set_service("client");
  EXPECT_FALSE(IsRenewal(request));
  request.mutable_demands(1)->set_service("member");
  EXPECT_FALSE(IsRenewal(request));
}

// Another agent, as far as it is asked.
class OtherAgent final : public peerpb::PeerService::Service {
 public:
  grpc::Status GetLocalStatus(
      grpc::ServerContext*, const peerpb::GetLocalStatusRequest*,
      peerpb::GetLocalStatusResponse* response) override {
    response->set_member_id("other");
    return ToGrpcStatus(answer);
  }
  grpc::Status Admit(grpc::ServerContext* context,
                     const peerpb::AdmitRequest* request,
                     peerpb::AdmitResponse* response) override {
    response->set_certificate_pem("certificate-of-" + request->name());
    const auto passed = context->client_metadata().find("microovn-asker-bin");
    if (passed != context->client_metadata().end()) {
      asker.ParseFromArray(passed->second.data(),
                           static_cast<int>(passed->second.size()));
    }
    return ToGrpcStatus(answer);
  }
  grpc::Status Withdraw(grpc::ServerContext*, const peerpb::WithdrawRequest*,
                        peerpb::WithdrawResponse*) override {
    return ToGrpcStatus(answer);
  }

  absl::Status answer;
  internal::state::v1::Asker asker;
};

class PeerClientTest : public testing::Test {
 protected:
  void SetUp() override {
    server_tls_.Set(TestMaterial(pki_, server_));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &server_tls_;
    options.clock = &clock_;
    options.services = {&other_};
    auto server = Server::Start(options);
    ASSERT_OK(server);
    running_ = *std::move(server);
    for (uint16_t port = 20'600; port < 20'800 && peer_.address.port == 0;
         ++port) {
      const HostPort address = {"127.0.0.1", port};
      if (running_->Listen(address).ok()) peer_.address = address;
    }
    ASSERT_NE(peer_.address.port, 0) << "no port is free";
    tls_.Set(TestMaterial(pki_, pki_.Member(pki_.Facts("node2"))));
  }

  // Nobody listens there.
  static Peer Nowhere() {
    return {std::string(32, '9'), "node9", {"127.0.0.1", 1}};
  }

  FakeClock clock_;
  pki::TestPki pki_;
  TempDir directory_;
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::TestLeaf server_ = pki_.Member(facts_);
  TlsIdentity server_tls_;
  OtherAgent other_;
  std::unique_ptr<Server> running_;
  Peer peer_ = {facts_.member_id, "node1", {}};
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, &clock_};
  PeerClient client_{&channels_};
};

TEST_F(PeerClientTest, AnAnswerIsTheOthers) {
  peerpb::AdmitRequest request;
  request.set_name("node4");
  const auto admitted = client_.Admit(peer_, request, kTimeout);
  ASSERT_OK(admitted);
  EXPECT_EQ(admitted->certificate_pem(), "certificate-of-node4");
  EXPECT_OK(client_.Withdraw(peer_, {}, kTimeout));
}

// Of any type, known by its method's name alone.
TEST_F(PeerClientTest, ARequestIsPassedOnAsItIs) {
  peerpb::AdmitRequest request;
  request.set_name("node4");
  PassedRequest passed;
  passed.method = "microovn.internal.peer.v1.PeerService/Admit";
  passed.request = &request;
  passed.asker.set_uid(4242);
  peerpb::AdmitResponse response;
  ASSERT_OK(client_.PassOn(peer_, passed, kTimeout, &response));
  EXPECT_EQ(response.certificate_pem(), "certificate-of-node4");
  EXPECT_EQ(other_.asker.uid(), 4242u);
  other_.answer = MakeError(absl::StatusCode::kNotFound, "no such key",
                            {"CONFIG_UNKNOWN", "look"});
  EXPECT_THAT(client_.PassOn(peer_, passed, kTimeout, &response),
              HasReason("CONFIG_UNKNOWN"));
  EXPECT_THAT(client_.PassOn(Nowhere(), passed, kTimeout, &response),
              HasReason("MEMBER_UNREACHABLE"));
}

TEST_F(PeerClientTest, ARefusalKeepsItsReasonAndSilenceNamesTheMember) {
  other_.answer = MakeError(absl::StatusCode::kUnavailable, "no leader",
                            {"NO_LEADER", "wait"});
  const absl::Status refused = client_.Withdraw(peer_, {}, kTimeout);
  EXPECT_THAT(refused, HasReason("NO_LEADER"));
  EXPECT_EQ(refused.message(), "no leader");
  const absl::Status silent = client_.Withdraw(Nowhere(), {}, absl::Seconds(2));
  EXPECT_THAT(silent, HasReason("MEMBER_UNREACHABLE"));
  EXPECT_THAT(std::string(silent.message()),
              HasSubstr("member node9 at 127.0.0.1:1 does not answer"));
  // What another program would answer.
  other_.answer = absl::UnimplementedError("no such method");
  EXPECT_THAT(client_.Withdraw(peer_, {}, kTimeout),
              HasReason("MEMBER_UNREACHABLE"));
}

// Another machine's words end up on terminals and in logs here.
TEST_F(PeerClientTest, APeersWordsAreFitToBeShown) {
  const std::string words = "no\x1b[1m\nleader " + std::string(3000, 'x');
  other_.answer =
      MakeError(absl::StatusCode::kUnavailable, words, {"NO_LEADER", "wait"});
  for (const bool reason : {true, false}) {
    if (!reason) other_.answer = absl::UnavailableError(words);
    const absl::Status status = client_.Withdraw(peer_, {}, kTimeout);
    EXPECT_THAT(status, HasReason(reason ? "NO_LEADER" : "MEMBER_UNREACHABLE"));
    const std::string message(status.message());
    EXPECT_LT(message.size(), 1200u);
    EXPECT_THAT(message, HasSubstr("no\\x1b[1m\\nleader"));
  }
}

TEST_F(PeerClientTest, AProbeHasAnAnswerOfEverybody) {
  auto answers = client_.Probe({peer_, Nowhere()}, absl::Seconds(2));
  ASSERT_EQ(answers.size(), 2u);
  const auto& here = answers.at(facts_.member_id);
  ASSERT_OK(here);
  EXPECT_EQ(here->member_id(), "other");
  EXPECT_THAT(answers.at(Nowhere().member_id), HasReason("MEMBER_UNREACHABLE"));
  other_.answer = MakeError(absl::StatusCode::kUnauthenticated, "removed",
                            {"MEMBER_REMOVED", ""});
  answers = client_.Probe({peer_}, kTimeout);
  EXPECT_THAT(answers.at(facts_.member_id), HasReason("MEMBER_REMOVED"));
  EXPECT_TRUE(client_.Probe({}, kTimeout).empty());
}

TEST_F(PeerClientTest, APeerOfAnotherClusterCaIsToldFromSilence) {
  pki::TestPki other(pki_.now(), 2);
  tls_.Set(TestMaterial(other, other.Member(other.Facts("node2"))));
  const auto answers = client_.Probe({peer_}, kTimeout);
  EXPECT_THAT(answers.at(facts_.member_id), HasReason("MEMBER_NOT_TRUSTED"))
      << answers.at(facts_.member_id).status();
}

// Neither is asked again at once; nor is the answer another one by that.
TEST_F(PeerClientTest, APeerThatIsNotTrustedIsLeftAlone) {
  pki::TestPki other(pki_.now(), 2);
  tls_.Set(TestMaterial(other, other.Member(other.Facts("node2"))));
  const absl::Status first = client_.Withdraw(peer_, {}, kTimeout);
  EXPECT_THAT(first, HasReason("MEMBER_NOT_TRUSTED")) << first;
  EXPECT_EQ(client_.Withdraw(peer_, {}, kTimeout), first);
  const auto answers = client_.Probe({peer_}, kTimeout);
  EXPECT_EQ(answers.at(facts_.member_id).status(), first);
  // With a certificate that is good there it is another matter.
  tls_.Set(TestMaterial(pki_, pki_.Member(pki_.Facts("node2"))));
  EXPECT_OK(client_.Withdraw(peer_, {}, kTimeout));
}

// In TLS 1.3 that is told from nothing but an end without a word.
TEST_F(PeerClientTest, APeerThatDoesNotTrustThisMemberIsLeftAlone) {
  pki::TestPki other(pki_.now(), 2);
  TlsMaterial material =
      TestMaterial(other, other.Member(other.Facts("node2")));
  material.roots_pem = pki_.cluster_ca().certificate().ToPem();
  tls_.Set(std::move(material));
  const absl::Status first = client_.Withdraw(peer_, {}, kTimeout);
  EXPECT_THAT(first, HasReason("MEMBER_UNREACHABLE")) << first;
  EXPECT_FALSE(channels_.To({peer_.member_id, peer_.address}).ok());
  EXPECT_EQ(client_.Withdraw(peer_, {}, kTimeout), first);
  clock_.Advance(absl::Milliseconds(200));
  EXPECT_OK(channels_.To({peer_.member_id, peer_.address}));
}

TEST_F(PeerClientTest, WhoIsNobodyCallsNobody) {
  tls_.Clear();
  EXPECT_THAT(client_.Withdraw(peer_, {}, kTimeout),
              HasReason("NOT_BOOTSTRAPPED"));
  const auto answers = client_.Probe({peer_, Nowhere()}, kTimeout);
  ASSERT_EQ(answers.size(), 2u);
  for (const auto& [id, answer] : answers) {
    EXPECT_THAT(answer, HasReason("NOT_BOOTSTRAPPED"));
  }
}

}  // namespace
}  // namespace microovn::agent
