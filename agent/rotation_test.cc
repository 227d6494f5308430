// SPDX-License-Identifier: Apache-2.0
// Both CAs are replaced on a member that is real but for its daemons: its log,
// its leader's duties, its files, and its agent's port.
#include "agent/service/rotation.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "agent/member/testing/founded_node.h"
#include "agent/server/server.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/certificate.pb.h"
#include "pki/certificate/certificate.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using google::longrunning::Operation;
using Request = v1::RotateAuthorityRequest;
using testing::HasSubstr;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);
constexpr uint16_t kPort = 21'350;

class RotationTest : public testing::Test {
 protected:
  RotationTest() {
    auto member = node_.Start();
    EXPECT_OK(member);
    member_ = *std::move(member);
    FoundedNode::AwaitLead(*member_);
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &node_.tls();
    options.clock = &Clock::Real();
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    EXPECT_OK(server_->Listen({"127.0.0.1", kPort}));
    EXPECT_TRUE(Eventually([this] { return !Published().empty(); }));
    // Announced with the first report.
    EXPECT_TRUE(Eventually([this] {
      return member_->state()->features.Find("ca-rotation") != nullptr;
    }));
  }
  ~RotationTest() override {
    server_ = nullptr;
    member_->Stop();
  }

  static bool Eventually(const std::function<bool()>& condition) {
    const absl::Time end = absl::Now() + kPatience;
    while (!condition()) {
      if (absl::Now() > end) return false;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return true;
  }

  // The CAs that OVN's daemons trust.
  std::string Published() {
    return ReadFile(node_.paths().ca_certificate()).value_or("");
  }
  std::vector<pki::Certificate> Trusted() {
    return pki::Certificate::BundleFromPem(Published())
        .value_or(std::vector<pki::Certificate>());
  }

  absl::StatusOr<Operation> Ask(Request request) {
    request.set_request_id(RandomSource::Real().Id());
    return RotateAuthority(*member_, request, {}, Clock::Real().Now(),
                           RandomSource::Real());
  }
  bool Ends(const Operation& operation) {
    const std::string id = operation.name().substr(sizeof("operations"));
    return Eventually([this, id] {
      const auto* known = member_->state()->operations.Find(id);
      return known != nullptr && known->done() && known->error_code() == 0;
    });
  }

  TempDir directory_;
  FoundedNode node_{kPort};
  std::shared_ptr<RunningMembership> member_;
  std::unique_ptr<Server> server_;
};

TEST_F(RotationTest, OvnGetsANewCaOfTheClusters) {
  const std::string before = Published();
  Request request;
  request.set_authority(Request::AUTHORITY_OVN);
  const auto started = Ask(request);
  ASSERT_OK(started.status());
  ASSERT_TRUE(Ends(*started));
  EXPECT_NE(Published(), before);
  EXPECT_THAT(Trusted(), SizeIs(1)) << "the old one is trusted no more";
  const auto leaf = ReadFile(node_.paths().Certificate("client"));
  EXPECT_EQ(pki::Certificate::FromPem(*leaf)->issuer(),
            Trusted().front().subject());
}

TEST_F(RotationTest, AUsersCaIsTakenOnceAndAnUnfitOneNever) {
  pki::TestPki theirs(Clock::Real().Now());
  pki::TestPki ended(Clock::Real().Now() - absl::Hours(24 * 4000));
  const auto of = [](const pki::CertificateAuthority& ca) {
    Request request;
    request.set_authority(Request::AUTHORITY_OVN);
    request.set_ca_certificate_pem(ca.certificate().ToPem());
    const auto key =
        ca.key(pki::KeyAccess::Granted()).ToPem(pki::KeyAccess::Granted());
    request.set_ca_private_key_pem(std::string(key->Reveal()));
    return request;
  };
  const std::string before = Published();
  EXPECT_THAT(Ask(of(ended.ovn_ca())), HasReason("CA_INVALID"));
  EXPECT_EQ(Published(), before);
  EXPECT_EQ(member_->state()->operations.size(), 0u);

  const auto started = Ask(of(theirs.ovn_ca()));
  ASSERT_OK(started.status());
  ASSERT_TRUE(Ends(*started));
  EXPECT_EQ(Published(), theirs.ovn_ca().certificate().ToPem());

  const auto again = Ask(of(theirs.ovn_ca()));
  ASSERT_OK(again.status());
  v1::RotateAuthorityResult result;
  ASSERT_TRUE(again->response().UnpackTo(&result));
  EXPECT_TRUE(again->done());
  EXPECT_FALSE(result.issued());
}

TEST_F(RotationTest, TheAgentsGetANewCa) {
  const auto before = node_.store().LoadCredentials();
  ASSERT_OK(before.status());
  Request request;
  request.set_authority(Request::AUTHORITY_CLUSTER);
  const auto started = Ask(request);
  ASSERT_OK(started.status());
  ASSERT_TRUE(Ends(*started));
  const auto after = node_.store().LoadCredentials();
  ASSERT_OK(after.status());
  EXPECT_NE(after->cluster_ca_pem, before->cluster_ca_pem);
  EXPECT_EQ(node_.tls().Current()->roots_pem, after->cluster_ca_pem);
  const auto leaf = pki::Certificate::FromPem(after->certificate_pem);
  const auto ca = pki::Certificate::BundleFromPem(after->cluster_ca_pem);
  ASSERT_OK(leaf.status());
  ASSERT_THAT(*ca, SizeIs(1));
  EXPECT_EQ(leaf->issuer(), ca->front().subject());
  // And a token is of it.
  internal::peer::v1::IssueTokenRequest token;
  token.set_member_name("node2");
  token.set_ttl_seconds(600);
  EXPECT_OK(member_->issuance().IssueToken(token).status());
}

TEST_F(RotationTest, NobodyHasToBeLeftBehind) {
  Request request;
  request.set_authority(Request::AUTHORITY_CLUSTER);
  request.set_set_aside_offline(true);
  const auto started = Ask(request);
  ASSERT_OK(started.status());
  ASSERT_TRUE(Ends(*started));
  const auto* ca =
      member_->state()->authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  EXPECT_FALSE(ca->has_retired());
  EXPECT_EQ(ca->cross_certificate_pem(), "");
}

TEST_F(RotationTest, WhatCannotBeAskedIsRefused) {
  Request request;
  EXPECT_THAT(Ask(request), HasReason("CA_INVALID")) << "which CA?";
  request.set_authority(Request::AUTHORITY_CLUSTER);
  request.set_ca_certificate_pem("x");
  EXPECT_THAT(Ask(request), HasReason("CA_INVALID")) << "without a key";
  request.set_ca_private_key_pem("x");
  EXPECT_THAT(Ask(request), HasReason("CA_INVALID")) << "always its own";
  request.set_authority(Request::AUTHORITY_OVN);
  EXPECT_THAT(Ask(request), HasReason("PRIVATE_KEY_INVALID"));
}

TEST_F(RotationTest, AKeyIsMadeOnceAndTakesItsOwnCertificateOnly) {
  pki::TestPki theirs(Clock::Real().Now());
  Request given;
  given.set_authority(Request::AUTHORITY_OVN);
  given.set_ca_certificate_pem(theirs.ovn_ca().certificate().ToPem());
  EXPECT_THAT(Ask(given), HasReason("CA_NOT_REQUESTED"));

  v1::RequestAuthorityCertificateRequest request;
  request.set_validate_only(true);
  const auto planned = RequestAuthorityCertificate(*member_, request, {});
  ASSERT_OK(planned.status());
  EXPECT_EQ(planned->certificate_request_pem(), "");
  request.set_validate_only(false);
  const auto first = RequestAuthorityCertificate(*member_, request, {});
  ASSERT_OK(first.status());
  EXPECT_THAT(first->certificate_request_pem(),
              HasSubstr("BEGIN CERTIFICATE REQUEST"));
  const auto again = RequestAuthorityCertificate(*member_, request, {});
  ASSERT_OK(again.status());
  EXPECT_EQ(again->certificate_request_pem(), first->certificate_request_pem());
  request.set_new_key(true);
  const auto another = RequestAuthorityCertificate(*member_, request, {});
  ASSERT_OK(another.status());
  EXPECT_NE(another->certificate_request_pem(),
            first->certificate_request_pem());
  EXPECT_THAT(Ask(given), HasReason("CA_INVALID")) << "of another key";
  EXPECT_EQ(member_->state()->operations.size(), 0u);
}

TEST_F(RotationTest, APlanChangesNothing) {
  const std::string before = Published();
  Request request;
  request.set_authority(Request::AUTHORITY_OVN);
  request.set_validate_only(true);
  const auto planned = Ask(request);
  ASSERT_OK(planned.status());
  v1::OperationMetadata metadata;
  ASSERT_TRUE(planned->metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.plan().steps_size(), 5);
  EXPECT_THAT(metadata.plan().steps(1).members(),
              testing::ElementsAre("node1"));
  EXPECT_EQ(member_->state()->operations.size(), 0u);
  EXPECT_EQ(Published(), before);
}

}  // namespace
}  // namespace microovn::agent
