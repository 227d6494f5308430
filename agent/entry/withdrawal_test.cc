// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/withdrawal.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(20);

ClusterCredentials CredentialsOf(const pki::TestPki& pki,
                                 const pki::TestLeaf& leaf) {
  ClusterCredentials credentials;
  credentials.certificate_pem = leaf.certificate.ToPem();
  credentials.cluster_ca_pem = pki.cluster_ca().certificate().ToPem();
  auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
  if (key.ok()) credentials.key_pem = *std::move(key);
  return credentials;
}

// A member that says `answer` to each withdrawal.
class Seed final : public peerpb::PeerService::Service {
 public:
  Seed(pki::TestPki* pki, const std::string& name, uint16_t port,
       const Clock* clock)
      : facts_(pki->Facts(name)) {
    ClusterCredentials shown = CredentialsOf(*pki, pki->Member(facts_));
    TlsMaterial material;
    material.chain_pem =
        absl::StrCat(shown.certificate_pem, shown.cluster_ca_pem);
    material.key_pem = std::move(shown.key_pem);
    material.roots_pem = shown.cluster_ca_pem;
    tls_.Set(std::move(material));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &tls_;
    options.clock = clock;
    options.services = {this};
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    for (uint16_t next = port; next < port + 50 && address_.port == 0; ++next) {
      const HostPort address = {"127.0.0.1", next};
      if (server_->Listen(address).ok()) address_ = address;
    }
    EXPECT_NE(address_.port, 0) << "no port is free";
  }

  void AddTo(internal::node::v1::NodeIdentity& identity) const {
    auto* seed = identity.add_seeds();
    seed->set_member_id(facts_.member_id);
    seed->set_name(facts_.name.text());
    seed->set_address(FormatHostPort(address_));
  }

  grpc::Status Withdraw(grpc::ServerContext*,
                        const peerpb::WithdrawRequest* request,
                        peerpb::WithdrawResponse*) override {
    asked.push_back(request->reason());
    member_id = request->member_id();
    return ToGrpcStatus(answer);
  }

  absl::Status answer;
  std::vector<std::string> asked;
  std::string member_id;

 private:
  const pki::MemberFacts facts_;
  TempDir directory_;
  TlsIdentity tls_;
  HostPort address_;
  std::unique_ptr<Server> server_;
};

class WithdrawalTest : public testing::Test {
 protected:
  void SetUp() override {
    identity_.set_member_id(joiner_.member_id);
    first_.AddTo(identity_);
    second_.AddTo(identity_);
  }

  absl::Status Withdraw(int round = 0, absl::Duration patience = kPatience) {
    return WithdrawJoin(identity_, CredentialsOf(pki_, pki_.Member(joiner_)),
                        clock_, absl::InternalError("no service started"),
                        patience, round);
  }
  static absl::Status Because(const std::string& reason) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "no", {reason, ""});
  }

  FakeClock clock_;
  pki::TestPki pki_;
  const pki::MemberFacts joiner_ = pki_.Facts("node3");
  Seed first_{&pki_, "node1", 20'800, &clock_};
  Seed second_{&pki_, "node2", 20'850, &clock_};
  internal::node::v1::NodeIdentity identity_;
};

TEST_F(WithdrawalTest, OneMemberIsToldWhy) {
  EXPECT_OK(Withdraw());
  EXPECT_THAT(first_.asked, ElementsAre("no service started"));
  EXPECT_EQ(first_.member_id, joiner_.member_id);
  EXPECT_TRUE(second_.asked.empty());
  // The next round begins with another one.
  EXPECT_OK(Withdraw(/*round=*/1));
  EXPECT_EQ(second_.asked.size(), 1u);
  EXPECT_OK(Withdraw(/*round=*/2));
  EXPECT_EQ(first_.asked.size(), 2u);
}

TEST_F(WithdrawalTest, WhoCannotTellIsFollowedByTheNext) {
  first_.answer = absl::UnavailableError("no leader");
  EXPECT_OK(Withdraw());
  EXPECT_EQ(first_.asked.size(), 1u);
  EXPECT_EQ(second_.asked.size(), 1u);
}

TEST_F(WithdrawalTest, AJoinThatStandsIsSaidTo) {
  first_.answer = Because("MEMBER_NOT_JOINING");
  EXPECT_THAT(Withdraw(), HasReason("MEMBER_NOT_JOINING"));
  EXPECT_TRUE(second_.asked.empty()) << "that is an answer";
}

TEST_F(WithdrawalTest, WhoHasBeenForgottenIsTakenBack) {
  for (const char* reason : {"MEMBER_REMOVED", "MEMBER_NOT_FOUND"}) {
    first_.answer = Because(reason);
    EXPECT_OK(Withdraw()) << reason;
  }
  EXPECT_TRUE(second_.asked.empty());
}

TEST_F(WithdrawalTest, SilenceIsNoAnswer) {
  first_.answer = absl::UnavailableError("no leader");
  second_.answer = absl::InternalError("broken");
  EXPECT_FALSE(Withdraw().ok());
  identity_.clear_seeds();
  EXPECT_THAT(Withdraw(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(WithdrawalTest, WithoutPatienceNobodyIsAsked) {
  EXPECT_FALSE(Withdraw(0, absl::ZeroDuration()).ok());
  EXPECT_TRUE(first_.asked.empty());
}

}  // namespace
}  // namespace microovn::agent
