// SPDX-License-Identifier: Apache-2.0
// The cluster CA was replaced while a member was off: what its certificate is
// still good for, and how it knows the others again. Real handshakes.
#include "agent/server/retired_ca.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "agent/server/server_check.h"
#include "agent/server/testing/recording_server.h"
#include "agent/server/tls_identity.h"
#include "base/crypto/secret_string.h"
#include "base/mutex.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"
#include "pki/key/key_type.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;

constexpr char kDeliver[] = "microovn.internal.raft.v1.RaftService/Deliver";

// node1 has followed the new CA, node2 was off.
class RetiredCaTest : public testing::Test {
 protected:
  TlsMaterial Followed(const pki::TestLeaf& leaf) {
    TlsMaterial material = TestMaterial(pki_, leaf);
    material.roots_pem = after_.certificate().ToPem();
    material.chain_pem =
        absl::StrCat(leaf.certificate.ToPem(), material.roots_pem);
    return material;
  }
  CaLink Link() {
    const auto cross = pki_.cluster_ca().CrossCertify(
        after_.certificate(), pki_.now(), pki_.random());
    EXPECT_OK(cross);
    return {cross->ToPem(), pki_.cluster_ca().certificate().ToPem()};
  }
  // With what connections use.
  static TlsMaterial Shown(TlsMaterial material, const CaLink& link) {
    TlsIdentity identity;
    identity.Set(std::move(material));
    identity.SetLink(link);
    const auto current = identity.Current();
    TlsMaterial shown;
    shown.chain_pem = current->chain_pem;
    shown.key_pem = SecretString(std::string(current->key_pem.Reveal()));
    shown.roots_pem = current->roots_pem;
    shown.retired_pem = current->retired_pem;
    return shown;
  }
  void See(const grpc::ServerContextBase& context) {
    MutexLock lock(&mu_);
    seen_ = CallerOf(context, pki_.cluster_id(), clock_.Now());
  }

  FakeClock clock_;
  pki::TestPki pki_;
  const pki::CertificateAuthority after_ = *pki::CertificateAuthority::Create(
      pki::Plane::kCluster, pki::KeyType::kP256, pki_.now(), pki_.random());
  const pki::MemberFacts node1_ = pki_.Facts("node1");
  const pki::MemberFacts node2_ = pki_.Facts("node2");
  const pki::TestLeaf new1_ =
      pki_.Issue(after_, *pki::MemberProfile(node1_), pki_.now());
  const pki::TestLeaf old2_ = pki_.Member(node2_);
  Mutex mu_;
  absl::StatusOr<Caller> seen_ ABSL_GUARDED_BY(mu_);
};

TEST_F(RetiredCaTest, OpensTheWayBackAndNothingElse) {
  RecordingServer server(&pki_, new1_, node1_.member_id, &clock_,
                         [this](const auto& context) { See(context); });
  server.tls().Set(Followed(new1_));
  EXPECT_EQ(server.Call(old2_, kDeliver).error_code(),
            grpc::StatusCode::UNAVAILABLE)
      << "nobody was set aside";
  server.tls().SetLink(Link());
  std::vector<std::string> open;
  for (const MethodRule& rule : MethodRules()) {
    const grpc::Status status = server.Call(old2_, std::string(rule.method));
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
      open.emplace_back(rule.method);
    } else {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
          << rule.method << ": " << status.error_message();
    }
  }
  EXPECT_THAT(
      open,
      ElementsAre("microovn.internal.peer.v1.PeerService/IssueCertificates"));
  EXPECT_EQ(server.Call(old2_, kDeliver).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  {
    MutexLock lock(&mu_);
    ASSERT_OK(seen_);
    EXPECT_TRUE(seen_->expired) << "so that handlers look at it, too";
  }
  server.tls().SetLink(CaLink());
  EXPECT_EQ(server.Call(old2_, kDeliver).error_code(),
            grpc::StatusCode::UNAVAILABLE)
      << "all are back";
}

TEST_F(RetiredCaTest, AMemberThatFollowedIsWhoItWas) {
  RecordingServer server(&pki_, new1_, node1_.member_id, &clock_,
                         [this](const auto& context) { See(context); });
  server.tls().Set(Followed(new1_));
  server.tls().SetLink(Link());
  const pki::TestLeaf new2 =
      pki_.Issue(after_, *pki::MemberProfile(node2_), pki_.now());
  EXPECT_EQ(server.Call(Shown(Followed(new2), Link()), kDeliver, nullptr)
                .error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  MutexLock lock(&mu_);
  ASSERT_OK(seen_);
  EXPECT_FALSE(seen_->expired);
}

TEST_F(RetiredCaTest, ThatMemberIsCalledByWhoPutsUpWithItOnly) {
  RecordingServer server(&pki_, old2_, node2_.member_id, &clock_,
                         [](const auto&) {});
  std::vector<std::string> asked;
  const auto answers = [&asked](bool answer) {
    return [&asked, answer](const std::string& id, const pki::Certificate&) {
      asked.push_back(id);
      return answer;
    };
  };
  const auto code = [&](const CaLink& link,
                        decltype(ServerCheck::accepts_expired) accepts) {
    return server
        .Call(Shown(Followed(new1_), link), kDeliver, std::move(accepts))
        .error_code();
  };
  EXPECT_EQ(code(Link(), nullptr), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code(CaLink(), answers(true)), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(asked, ElementsAre()) << "its CA is nobody's";
  EXPECT_EQ(code(Link(), answers(false)), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(asked, testing::Contains(node2_.member_id));
  EXPECT_EQ(code(Link(), answers(true)), grpc::StatusCode::UNIMPLEMENTED)
      << "it knows who calls by the link";
}

}  // namespace
}  // namespace microovn::agent
