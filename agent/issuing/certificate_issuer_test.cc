// SPDX-License-Identifier: Apache-2.0
// What a leader signs, with real keys.
#include "agent/issuing/certificate_issuer.h"

#include <string>
#include <vector>

#include "agent/issuing/testing/issuing_cluster.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/token_key.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/join/join_token.h"
#include "pki/key/private_key.h"
#include "pki/name/member_name.h"
#include "pki/name/peer_identity.h"
#include "pki/sealing/sealed_key.h"

namespace microovn::agent {
namespace {

class CertificateIssuerTest : public testing::Test {
 protected:
  statepb::Member MemberOf(const std::string& name) {
    return *cluster_.leader().state()->members.Find(TestId(name));
  }
  const statepb::Authority AuthorityOf(statepb::Plane plane) {
    return *cluster_.leader().state()->authorities.Find(AuthorityKey(plane));
  }

  IssuingCluster cluster_;
  CertificateIssuer& issuer_ = cluster_.issuer();
};

// Of a request only the key counts.
TEST_F(CertificateIssuerTest, AMembersCertificateNamesTheMember) {
  const auto state = cluster_.leader().state();
  const auto leaf =
      issuer_.IssueMember(*state, MemberOf("node2"), cluster_.Request());
  ASSERT_OK(leaf);
  const auto certificate = pki::Certificate::FromPem(leaf->certificate_pem);
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->subject().common_name, "node2");
  const auto identity = pki::ParsePeerIdentity(certificate->names().uri);
  ASSERT_OK(identity);
  EXPECT_EQ(identity->kind, pki::PeerKind::kMember);
  EXPECT_EQ(identity->id, TestId("node2"));
  EXPECT_EQ(identity->cluster_id, state->cluster().cluster_id());
  EXPECT_OK(pki::VerifyChain(cluster_.pki().ClusterBundle(),
                             {*certificate,
                              {},
                              pki::Purpose::kTlsServer,
                              cluster_.clock().Now(),
                              TestId("node2")}));

  EXPECT_EQ(leaf->record.plane(), statepb::PLANE_CLUSTER);
  EXPECT_EQ(leaf->record.member_id(), TestId("node2"));
  EXPECT_EQ(leaf->record.service(), "member");
  EXPECT_EQ(leaf->record.serial(), certificate->serial());
  EXPECT_EQ(leaf->record.spki_sha256(),
            certificate->public_key().Fingerprint());
  EXPECT_EQ(leaf->record.not_after_seconds(),
            absl::ToUnixSeconds(certificate->not_after()));
}

TEST_F(CertificateIssuerTest, AMembersCertificateLastsAsLongAsConfigured) {
  ASSERT_OK(cluster_.leader().Propose(
      SetConfigCommand(kConfigCertificateLifetime, "3600"), kProposeTimeout));
  const auto leaf = issuer_.IssueMember(*cluster_.leader().state(),
                                        MemberOf("node2"), cluster_.Request());
  ASSERT_OK(leaf);
  const auto certificate = pki::Certificate::FromPem(leaf->certificate_pem);
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->not_after(),
            cluster_.clock().Now() + absl::Seconds(3600));
}

TEST_F(CertificateIssuerTest, AnOvnCertificateIsOfTheOtherPlane) {
  const auto leaf =
      issuer_.IssueOvn(*cluster_.leader().state(), MemberOf("node1"), "ovnsb",
                       cluster_.Request());
  ASSERT_OK(leaf);
  const auto certificate = pki::Certificate::FromPem(leaf->certificate_pem);
  ASSERT_OK(certificate);
  EXPECT_EQ(certificate->subject().organizational_unit, "ovnsb");
  EXPECT_EQ(leaf->record.plane(), statepb::PLANE_OVN);
  EXPECT_EQ(leaf->record.service(), "ovnsb");
  const pki::ChainQuery query = {
      *certificate, {}, pki::Purpose::kAny, cluster_.clock().Now(), ""};
  EXPECT_OK(pki::VerifyChain(cluster_.pki().OvnBundle(), query));
  EXPECT_FALSE(pki::VerifyChain(cluster_.pki().ClusterBundle(), query).ok());
  EXPECT_FALSE(issuer_
                   .IssueOvn(*cluster_.leader().state(), MemberOf("node1"),
                             "mail", cluster_.Request())
                   .ok());
}

TEST_F(CertificateIssuerTest, ACaOfAClockThatWasAheadIssuesNothing) {
  cluster_.clock().Advance(absl::Hours(-100));
  EXPECT_THAT(issuer_.IssueOvn(*cluster_.leader().state(), MemberOf("node1"),
                               "ovnsb", cluster_.Request()),
              HasReason("CA_NOT_AVAILABLE"));
}

TEST_F(CertificateIssuerTest, ARequestThatIsNoneIsRefused) {
  const auto state = cluster_.leader().state();
  EXPECT_FALSE(issuer_.IssueMember(*state, MemberOf("node2"), "request").ok());
  EXPECT_FALSE(
      issuer_.IssueOvn(*state, MemberOf("node1"), "client", "request").ok());
}

// Who cannot admit is no address to join at.
TEST_F(CertificateIssuerTest, ATokensAddressesAreOfActiveMembers) {
  const pki::MemberName node9 = *pki::MemberName::Parse("node9");
  const auto issued = issuer_.IssueToken(*cluster_.leader().state(), node9, "",
                                         absl::Minutes(5));
  ASSERT_OK(issued);
  const auto token = pki::DecodeJoinToken(issued->encoded.Reveal());
  ASSERT_OK(token);
  std::vector<std::string> hosts;
  for (const HostPort& address : token->join_addresses) {
    hosts.push_back(address.host);
  }
  EXPECT_EQ(hosts, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
  EXPECT_EQ(token->name, node9);
  EXPECT_EQ(issued->record.token_id(), pki::TokenId(token->key.public_key()));
  EXPECT_EQ(issued->record.life_seconds(), 300);
  const auto key = TokenKeyOf(issued->record);
  ASSERT_OK(key);
  EXPECT_EQ(key->Fingerprint(), token->key.public_key().Fingerprint());
}

TEST_F(CertificateIssuerTest, ARequestIdAndANameMakeOneTokenKey) {
  const auto state = cluster_.leader().state();
  const auto id = [&](const std::string& name, const std::string& request) {
    const auto issued = issuer_.IssueToken(
        *state, *pki::MemberName::Parse(name), request, absl::Minutes(5));
    EXPECT_OK(issued);
    return issued.ok() ? issued->record.token_id() : "";
  };
  EXPECT_EQ(id("node8", "r"), id("node8", "r"));
  EXPECT_NE(id("node8", "r"), id("node9", "r"));
  EXPECT_NE(id("node8", "r"), id("node8", "s"));
  EXPECT_NE(id("node8", ""), id("node8", ""));
}

TEST_F(CertificateIssuerTest, AResealedKeyOpensForItsRecipientsOnly) {
  const pki::SealingKey second = cluster_.OtherSealingKey();
  const pki::SealingKey third = cluster_.OtherSealingKey();
  const pki::SealingKey outsider = cluster_.OtherSealingKey();
  statepb::Member node2 = MemberOf("node2");
  node2.set_sealing_certificate_pem(second.certificate().ToPem());
  statepb::Member node3 = MemberOf("node3");
  node3.set_sealing_certificate_pem(third.certificate().ToPem());
  const auto resealed =
      issuer_.Reseal(AuthorityOf(statepb::PLANE_CLUSTER), {&node2, &node3});
  ASSERT_OK(resealed);
  ASSERT_EQ(resealed->sealed_for_size(), 2);
  EXPECT_EQ(resealed->sealed_for(0), TestId("node2"));
  EXPECT_EQ(resealed->sealed_for(1), TestId("node3"));
  const auto sealed = pki::SealedKey::FromDer(resealed->sealed_key());
  ASSERT_OK(sealed);
  EXPECT_OK(sealed->Open(second));
  EXPECT_OK(sealed->Open(third));
  EXPECT_FALSE(sealed->Open(outsider).ok());
  EXPECT_FALSE(sealed->Open(cluster_.sealing_key()).ok());

  node3.set_sealing_certificate_pem("");
  EXPECT_FALSE(issuer_.Reseal(AuthorityOf(statepb::PLANE_OVN), {&node3}).ok());
}

// Whoever becomes a voter during a rotation can go on with it, and back.
TEST_F(CertificateIssuerTest, BothCasOfARotationAreResealed) {
  const pki::SealingKey second = cluster_.OtherSealingKey();
  statepb::Member node2 = MemberOf("node2");
  node2.set_sealing_certificate_pem(second.certificate().ToPem());
  statepb::Authority rotated = AuthorityOf(statepb::PLANE_OVN);
  *rotated.mutable_other() = AuthorityOf(statepb::PLANE_CLUSTER);
  const auto resealed = issuer_.Reseal(rotated, {&node2});
  ASSERT_OK(resealed);
  for (const std::string& der :
       {resealed->sealed_key(), resealed->other().sealed_key()}) {
    const auto sealed = pki::SealedKey::FromDer(der);
    ASSERT_OK(sealed);
    EXPECT_OK(sealed->Open(second));
    EXPECT_FALSE(sealed->Open(cluster_.sealing_key()).ok());
  }
}

// A CA that nobody opens is rotated away from, and voters may change meanwhile.
TEST_F(CertificateIssuerTest, WhatCannotBeOpenedBesideStaysAsItIs) {
  const pki::SealingKey second = cluster_.OtherSealingKey();
  const pki::SealingKey lost = cluster_.OtherSealingKey();
  statepb::Member node2 = MemberOf("node2");
  node2.set_sealing_certificate_pem(second.certificate().ToPem());
  statepb::Authority rotated = AuthorityOf(statepb::PLANE_OVN);
  *rotated.mutable_requested() = AuthorityOf(statepb::PLANE_CLUSTER);
  *rotated.mutable_other() = AuthorityOf(statepb::PLANE_CLUSTER);
  rotated.mutable_other()->clear_sealed_for();
  const auto key = pki::PrivateKey::Generate(pki::KeyType::kP256);
  ASSERT_OK(key);
  const auto closed = pki::SealedKey::Seal(*key, {lost.certificate()});
  ASSERT_OK(closed);
  rotated.mutable_other()->set_sealed_key(closed->der());
  const auto resealed = issuer_.Reseal(rotated, {&node2});
  ASSERT_OK(resealed);
  EXPECT_EQ(resealed->other().sealed_key(), closed->der());
  EXPECT_EQ(resealed->other().sealed_for_size(), 0);
  EXPECT_EQ(resealed->requested().sealed_for(0), TestId("node2"));
  const auto requested =
      pki::SealedKey::FromDer(resealed->requested().sealed_key());
  ASSERT_OK(requested);
  EXPECT_OK(requested->Open(second));
}

TEST_F(CertificateIssuerTest, WhoHasNoKeyIssuesNothing) {
  const pki::SealingKey key = cluster_.OtherSealingKey();
  CertificateIssuer stranger(&key, &cluster_.clock(), &RandomSource::Real());
  const auto state = cluster_.leader().state();
  EXPECT_THAT(
      stranger.IssueMember(*state, MemberOf("node2"), cluster_.Request()),
      HasReason("CA_NOT_AVAILABLE"));
  EXPECT_THAT(stranger.IssueToken(*state, *pki::MemberName::Parse("node9"), "",
                                  absl::Minutes(5)),
              HasReason("CA_NOT_AVAILABLE"));
  ClusterState none = *state;
  none.authorities.Erase(AuthorityKey(statepb::PLANE_OVN));
  EXPECT_THAT(
      issuer_.IssueOvn(none, MemberOf("node1"), "client", cluster_.Request()),
      HasReason("CA_NOT_AVAILABLE"));
}

// An opened CA is kept, but not beyond its record.
TEST_F(CertificateIssuerTest, ACaThatHasChangedIsNotUsedAnyMore) {
  ClusterState state = *cluster_.leader().state();
  ASSERT_OK(issuer_.IssueMember(state, MemberOf("node2"), cluster_.Request()));
  pki::TestPki next(cluster_.clock().Now(), /*seed=*/2);
  auto record = FoundAuthority(next.cluster_ca(), TestId("node1"),
                               cluster_.sealing_key().certificate(),
                               /*user_supplied=*/false);
  ASSERT_OK(record);
  state.authorities.Put(AuthorityKey(statepb::PLANE_CLUSTER), *record);
  const auto leaf =
      issuer_.IssueMember(state, MemberOf("node2"), cluster_.Request());
  ASSERT_OK(leaf);
  const auto certificate = pki::Certificate::FromPem(leaf->certificate_pem);
  ASSERT_OK(certificate);
  EXPECT_OK(pki::VerifyChain(next.ClusterBundle(), {*certificate,
                                                    {},
                                                    pki::Purpose::kTlsClient,
                                                    cluster_.clock().Now(),
                                                    TestId("node2")}));
}

TEST_F(CertificateIssuerTest, AFoundedAuthorityIsSealedAndSaysWhoseItIs) {
  const statepb::Authority ours = AuthorityOf(statepb::PLANE_OVN);
  EXPECT_FALSE(ours.user_supplied());
  EXPECT_EQ(ours.generation(), 1u);
  EXPECT_EQ(ours.plane(), statepb::PLANE_OVN);
  EXPECT_EQ(ours.DebugString().find("PRIVATE"), std::string::npos);
  ASSERT_EQ(ours.sealed_for_size(), 1);
  EXPECT_EQ(ours.sealed_for(0), TestId("node1"));
  const auto given = FoundAuthority(cluster_.pki().ovn_ca(), TestId("node1"),
                                    cluster_.sealing_key().certificate(),
                                    /*user_supplied=*/true);
  ASSERT_OK(given);
  EXPECT_TRUE(given->user_supplied());
}

}  // namespace
}  // namespace microovn::agent
