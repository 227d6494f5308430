#include "agent/cluster/peer_client.h"

#include <memory>
#include <string>

#include "agent/server/testing/recording_server.h"
#include "base/error.h"
#include "base/grpc_status.h"
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
  grpc::Status IssueToken(grpc::ServerContext*,
                          const peerpb::IssueTokenRequest* request,
                          peerpb::IssueTokenResponse* response) override {
    response->set_encoded("token-of-" + request->member_name());
    return ToGrpcStatus(answer);
  }
  grpc::Status Withdraw(grpc::ServerContext*, const peerpb::WithdrawRequest*,
                        peerpb::WithdrawResponse*) override {
    return ToGrpcStatus(answer);
  }

  absl::Status answer;
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
    for (int port = 20'600; port < 20'800 && peer_.address.empty(); ++port) {
      const std::string address = absl::StrCat("127.0.0.1:", port);
      if (running_->Listen(address).ok()) peer_.address = address;
    }
    ASSERT_FALSE(peer_.address.empty()) << "no port is free";
    tls_.Set(TestMaterial(pki_, pki_.Member(pki_.Facts("node2"))));
  }

  // Nobody listens there.
  static Peer Nowhere() {
    return {std::string(32, '9'), "node9", "127.0.0.1:1"};
  }

  FakeClock clock_;
  pki::TestPki pki_;
  TempDir directory_;
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::TestLeaf server_ = pki_.Member(facts_);
  TlsIdentity server_tls_;
  OtherAgent other_;
  std::unique_ptr<Server> running_;
  Peer peer_ = {facts_.member_id, "node1", ""};
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, &clock_};
  PeerClient client_{&channels_};
};

TEST_F(PeerClientTest, AnAnswerIsTheOthers) {
  peerpb::IssueTokenRequest request;
  request.set_member_name("node4");
  const auto token = client_.IssueToken(peer_, request, kTimeout);
  ASSERT_OK(token);
  EXPECT_EQ(token->encoded(), "token-of-node4");
  EXPECT_OK(client_.Withdraw(peer_, {}, kTimeout));
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

TEST_F(PeerClientTest, WhoIsNobodyCallsNobody) {
  tls_.Clear();
  EXPECT_THAT(client_.Withdraw(peer_, {}, kTimeout),
              HasReason("NOT_INITIALIZED"));
  const auto answers = client_.Probe({peer_, Nowhere()}, kTimeout);
  ASSERT_EQ(answers.size(), 2u);
  for (const auto& [id, answer] : answers) {
    EXPECT_THAT(answer, HasReason("NOT_INITIALIZED"));
  }
}

}  // namespace
}  // namespace microovn::agent
