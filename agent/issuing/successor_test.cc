// SPDX-License-Identifier: Apache-2.0
// The CAs that a rotation brings, with real keys.
#include "agent/issuing/successor.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/issuing/testing/issuing_cluster.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/sealing/sealed_key.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SuccessorTest : public testing::Test {
 protected:
  SuccessorTest() : state_(*cluster_.leader().state()) {}

  absl::Time Now() { return cluster_.clock().Now(); }
  Recipients To() const { return {state_, voters_}; }
  const statepb::Authority& InUse(statepb::Plane plane) const {
    return *state_.authorities.Find(AuthorityKey(plane));
  }

  absl::StatusOr<Successor> MakeOvn(
      const std::optional<GivenAuthority>& given = std::nullopt) {
    return MakeOvnSuccessor(To(), given, Now(), RandomSource::Real());
  }

  // A CA as a user gives it, of a cluster that is none of ours.
  static GivenAuthority Given(const pki::CertificateAuthority& authority) {
    auto key = authority.key(pki::KeyAccess::Granted())
                   .ToPem(pki::KeyAccess::Granted());
    EXPECT_OK(key);
    return {authority.certificate().ToPem(), *std::move(key)};
  }
  pki::CertificateAuthority TheirCa(absl::Time at) {
    auto made = pki::CertificateAuthority::Create(
        pki::Plane::kOvn, pki::KeyType::kP256, at, RandomSource::Real());
    EXPECT_OK(made);
    return *std::move(made);
  }

  // `name` has a sealing key of its own from now on.
  pki::SealingKey GiveSealingKey(const std::string& name) {
    pki::SealingKey key = cluster_.OtherSealingKey();
    statepb::Member member = *state_.members.Find(TestId(name));
    member.set_sealing_certificate_pem(key.certificate().ToPem());
    state_.members.Put(member.member_id(), member);
    return key;
  }
  void LoseSealingKey(const std::string& name) {
    statepb::MemberReport report;
    report.set_member_id(TestId(name));
    report.set_sealing_key_out_of_reach(true);
    state_.reports.Put(TestId(name), report);
  }

  static bool Opens(const std::string& sealed, const pki::SealingKey& with) {
    const auto parsed = pki::SealedKey::FromDer(sealed);
    EXPECT_OK(parsed);
    return parsed.ok() && parsed->Open(with).ok();
  }

  IssuingCluster cluster_;
  ClusterState state_;
  std::vector<std::string> voters_ = {TestId("node1")};
};

TEST_F(SuccessorTest, EachPlaneGetsACaOfItsOwnThatIsNew) {
  const auto ovn = MakeOvn();
  ASSERT_OK(ovn);
  const auto cluster = MakeClusterSuccessor(To(), Now(), RandomSource::Real());
  ASSERT_OK(cluster);
  const struct {
    const Successor& made;
    statepb::Plane plane;
    const char* name;
  } cases[] = {{*ovn, statepb::PLANE_OVN, "OVN"},
               {*cluster, statepb::PLANE_CLUSTER, "luster"}};
  for (const auto& test : cases) {
    const statepb::Authority& record = test.made.authority;
    EXPECT_EQ(record.plane(), test.plane);
    EXPECT_FALSE(record.user_supplied());
    EXPECT_FALSE(record.from_request());
    EXPECT_NE(record.certificate_pem(), InUse(test.plane).certificate_pem());
    EXPECT_NE(record.sealed_key(), InUse(test.plane).sealed_key());
    EXPECT_THAT(record.sealed_for(), ElementsAre(TestId("node1")));
    EXPECT_TRUE(Opens(record.sealed_key(), cluster_.sealing_key()));
    EXPECT_FALSE(Opens(record.sealed_key(), cluster_.OtherSealingKey()));
    EXPECT_THAT(test.made.warnings, IsEmpty());
    const auto ca = pki::Certificate::FromPem(record.certificate_pem());
    ASSERT_OK(ca);
    EXPECT_THAT(ca->subject().common_name, HasSubstr(test.name));
  }
}

// The key is for those who hold the one in use, whoever votes meanwhile.
TEST_F(SuccessorTest, ItIsSealedForTheHoldersOfTheOneInUse) {
  const pki::SealingKey second = GiveSealingKey("node2");
  voters_ = {TestId("node2")};
  const auto made = MakeOvn();
  ASSERT_OK(made);
  EXPECT_THAT(made->authority.sealed_for(), ElementsAre(TestId("node1")));
  EXPECT_FALSE(Opens(made->authority.sealed_key(), second));
}

TEST_F(SuccessorTest, WhereNobodyOpensTheOneInUseTheVotersThatCanGetTheKey) {
  const pki::SealingKey second = GiveSealingKey("node2");
  LoseSealingKey("node1");
  voters_ = {TestId("node1"), TestId("node2")};
  const auto made = MakeOvn();
  ASSERT_OK(made);
  EXPECT_THAT(made->authority.sealed_for(), ElementsAre(TestId("node2")));
  EXPECT_TRUE(Opens(made->authority.sealed_key(), second));

  LoseSealingKey("node2");
  EXPECT_THAT(MakeOvn(), HasReason("CA_NOT_AVAILABLE"));
  EXPECT_THAT(MakeAuthorityRequest(To()), HasReason("CA_NOT_AVAILABLE"));
}

TEST_F(SuccessorTest, AUsersCaIsTakenWithItsKey) {
  const pki::CertificateAuthority theirs = TheirCa(Now());
  const auto made = MakeOvn(Given(theirs));
  ASSERT_OK(made);
  EXPECT_TRUE(made->authority.user_supplied());
  EXPECT_EQ(made->authority.certificate_pem(), theirs.certificate().ToPem());
  const auto sealed = pki::SealedKey::FromDer(made->authority.sealed_key());
  ASSERT_OK(sealed);
  const auto key = sealed->Open(cluster_.sealing_key());
  ASSERT_OK(key);
  EXPECT_TRUE(key->public_key() == theirs.certificate().public_key());
}

TEST_F(SuccessorTest, AUsersCaThatCannotServeChangesNothing) {
  const pki::CertificateAuthority theirs = TheirCa(Now());
  GivenAuthority of_another_key = Given(theirs);
  of_another_key.key_pem = std::move(Given(TheirCa(Now())).key_pem);
  EXPECT_THAT(MakeOvn(std::move(of_another_key)), HasReason("CA_INVALID"));

  GivenAuthority no_certificate = Given(theirs);
  no_certificate.certificate_pem = "none";
  EXPECT_THAT(MakeOvn(std::move(no_certificate)),
              HasReason("CERTIFICATE_INVALID"));

  const pki::CertificateAuthority ended =
      TheirCa(Now() - absl::Hours(24 * 365 * 30));
  EXPECT_THAT(MakeOvn(Given(ended)), HasReason("CA_INVALID"));
}

TEST_F(SuccessorTest, TheCaThatIssuesIsNoSuccessor) {
  EXPECT_THAT(MakeOvn(Given(cluster_.pki().ovn_ca())), HasReason("CA_IN_USE"));
}

// It serves, and cuts short whatever it issues: said, not refused.
TEST_F(SuccessorTest, ACaThatEndsSoonIsWarnedOf) {
  const pki::CertificateAuthority theirs = TheirCa(Now());
  const absl::Duration left = absl::Hours(24 * 30);
  cluster_.clock().Advance(theirs.certificate().not_after() - left - Now());
  const auto made = MakeOvn(Given(theirs));
  ASSERT_OK(made);
  ASSERT_EQ(made->warnings.size(), 1U);
  EXPECT_THAT(
      made->warnings[0],
      HasSubstr(absl::FormatTime("%Y-%m-%d", theirs.certificate().not_after(),
                                 absl::UTCTimeZone())));
}

TEST_F(SuccessorTest, ARequestIsOfAKeyThatOnlyTheHoldersHave) {
  const auto body = MakeAuthorityRequest(To());
  ASSERT_OK(body);
  EXPECT_EQ(body->plane(), statepb::PLANE_OVN);
  EXPECT_THAT(body->sealed_for(), ElementsAre(TestId("node1")));
  const auto request = pki::CertificateRequest::FromPem(body->request_pem());
  ASSERT_OK(request);
  const auto sealed = pki::SealedKey::FromDer(body->sealed_key());
  ASSERT_OK(sealed);
  const auto key = sealed->Open(cluster_.sealing_key());
  ASSERT_OK(key);
  EXPECT_TRUE(key->public_key() == request->public_key());
}

TEST_F(SuccessorTest, OnlyTheCertificateOfTheKeyThatWaitsIsTaken) {
  const auto take = [&](pki::PrivateKey key, const std::string& pem) {
    return MakeRequestedSuccessor(state_, std::move(key), pem, Now(),
                                  RandomSource::Real());
  };
  const pki::CertificateAuthority theirs = TheirCa(Now());
  const std::string pem = theirs.certificate().ToPem();
  const auto key_of = [](const pki::CertificateAuthority& authority) {
    auto key = pki::PrivateKey::FromPem(Given(authority).key_pem.Reveal(),
                                        pki::KeyAccess::Granted());
    EXPECT_OK(key);
    return *std::move(key);
  };
  EXPECT_THAT(take(key_of(theirs), pem), HasReason("CA_NOT_REQUESTED"));

  const auto body = MakeAuthorityRequest(To());
  ASSERT_OK(body);
  statepb::Authority waiting = InUse(statepb::PLANE_OVN);
  waiting.mutable_requested()->set_sealed_key(body->sealed_key());
  *waiting.mutable_requested()->mutable_sealed_for() = body->sealed_for();
  state_.authorities.Put(AuthorityKey(statepb::PLANE_OVN), waiting);
  EXPECT_THAT(take(key_of(TheirCa(Now())), pem), HasReason("CA_INVALID"));
  // What is recorded is the key that waits, as it was sealed then.
  const auto made = take(key_of(theirs), pem);
  ASSERT_OK(made);
  EXPECT_EQ(made->authority.sealed_key(), body->sealed_key());
  EXPECT_THAT(made->authority.sealed_for(), ElementsAre(TestId("node1")));
  EXPECT_TRUE(made->authority.from_request());
  EXPECT_TRUE(made->authority.user_supplied());
}

TEST_F(SuccessorTest, WithoutACaInUseThereIsNoSuccessor) {
  for (const auto plane : {statepb::PLANE_OVN, statepb::PLANE_CLUSTER}) {
    state_.authorities.Erase(AuthorityKey(plane));
  }
  EXPECT_THAT(MakeOvn(), HasReason("AUTHORITY_CHANGED"));
  EXPECT_THAT(MakeClusterSuccessor(To(), Now(), RandomSource::Real()),
              HasReason("AUTHORITY_CHANGED"));
  EXPECT_THAT(MakeAuthorityRequest(To()), HasReason("AUTHORITY_CHANGED"));
}

}  // namespace
}  // namespace microovn::agent
