// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/chain_verifier.h"

#include <string>
#include <utility>
#include <vector>

#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/evp.h"
#include "openssl/x509.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ChainVerifier, AcceptsAMemberInBothRolesUnderAllItsNames) {
  TestPki pki;
  const MemberFacts facts = pki.Facts("node1", "10.0.0.1");
  const TestLeaf leaf = pki.Member(facts);
  for (const Purpose purpose :
       {Purpose::kAny, Purpose::kTlsServer, Purpose::kTlsClient}) {
    for (const std::string& name : {std::string(), std::string("node1"),
                                    std::string("10.0.0.1"), facts.member_id}) {
      EXPECT_OK(VerifyChain(pki.ClusterBundle(),
                            {leaf.certificate, {}, purpose, pki.now(), name}))
          << name;
    }
  }
}

// Signed by our CA, for a key or with a digest that are too weak.
absl::StatusOr<Certificate> Weak(const TestPki& pki, int bits,
                                 const EVP_MD* digest) {
  const CertificateAuthority& ca = pki.cluster_ca();
  const OpensslPtr<EVP_PKEY, EVP_PKEY_free> key(
      EVP_RSA_gen(static_cast<unsigned int>(bits)));
  const OpensslPtr<X509, X509_free> leaf(X509_new());
  X509_set_version(leaf.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(leaf.get()), 7);
  X509_set_pubkey(leaf.get(), key.get());
  X509_set_issuer_name(leaf.get(),
                       X509_get_subject_name(ca.certificate().x509()));
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(leaf.get()), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>("weak"), -1, -1, 0);
  ASN1_TIME_set(X509_getm_notBefore(leaf.get()),
                absl::ToTimeT(pki.now() - absl::Hours(1)));
  ASN1_TIME_set(X509_getm_notAfter(leaf.get()),
                absl::ToTimeT(pki.now() + absl::Hours(1)));
  X509_sign(leaf.get(), ca.key(KeyAccess::Granted()).evp(), digest);
  unsigned char* der = nullptr;
  const int size = i2d_X509(leaf.get(), &der);
  const OpensslMemory<unsigned char> owner(der);
  return Certificate::FromDer(absl::string_view(
      reinterpret_cast<const char*>(der), static_cast<size_t>(size)));
}

TEST(ChainVerifier, RefusesWeakKeysAndDigests) {
  const TestPki pki;
  const auto verify = [&pki](const absl::StatusOr<Certificate>& leaf) {
    return leaf.ok() ? VerifyChain(pki.ClusterBundle(),
                                   {*leaf, {}, Purpose::kAny, pki.now(), ""})
                     : leaf.status();
  };
  EXPECT_OK(verify(Weak(pki, 2048, EVP_sha256())));
  EXPECT_THAT(std::string(verify(Weak(pki, 1024, EVP_sha256())).message()),
              HasSubstr("RSA of 1024 bits"));
  EXPECT_THAT(std::string(verify(Weak(pki, 2048, EVP_sha1())).message()),
              HasSubstr("weak"));
}

TEST(ChainVerifier, SaysInASentenceWhyALeafIsRefused) {
  TestPki pki;
  const MemberFacts facts = pki.Facts("node1", "10.0.0.1");
  const TestLeaf good = pki.Member(facts);
  const TestLeaf expired = pki.Member(facts, absl::Hours(31 * 24));
  const TestLeaf early = pki.Member(facts, -absl::Hours(25));
  const absl::StatusOr<Profile> joiner =
      JoinerProfile(pki.cluster_id(), facts.member_id, absl::Hours(1));
  ASSERT_OK(joiner);
  const TestLeaf client_only =
      pki.Issue(pki.cluster_ca(), *joiner, pki.now(), KeyType::kEd25519);
  struct Case {
    const Certificate& leaf;
    Purpose purpose;
    std::string name;
    std::string why;
  };
  const Case cases[] = {
      {expired.certificate, Purpose::kAny, "", "it expired at 2023-11-13T"},
      {early.certificate, Purpose::kAny, "",
       "it is valid only from 2023-11-14T23:13:20"},
      {client_only.certificate, Purpose::kTlsServer, "",
       "may not be used by a TLS server"},
      {good.certificate, Purpose::kTlsServer, "node2",
       "it does not name node2"},
      {good.certificate, Purpose::kTlsServer, "10.0.0.2",
       "it does not name 10.0.0.2"},
      // The subject is no name.
      {client_only.certificate, Purpose::kTlsClient, facts.member_id,
       "it does not name"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(VerifyChain(pki.ClusterBundle(),
                            {c.leaf, {}, c.purpose, pki.now(), c.name}),
                AllOf(HasReason("CERTIFICATE_REFUSED"),
                      StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr(c.why))));
  }
}

TEST(ChainVerifier, PlanesDoNotTrustEachOther) {
  TestPki pki;
  const MemberFacts facts = pki.Facts("node1");
  const TestLeaf member = pki.Member(facts);
  const TestLeaf service = pki.Service(OvnService::kOvnNb, facts);
  EXPECT_THAT(VerifyChain(pki.OvnBundle(),
                          {member.certificate, pki.cluster_ca().chain(),
                           Purpose::kTlsClient, pki.now(), ""}),
              HasReason("CERTIFICATE_REFUSED"));
  EXPECT_THAT(VerifyChain(pki.ClusterBundle(),
                          {service.certificate, pki.ovn_ca().chain(),
                           Purpose::kTlsClient, pki.now(), ""}),
              HasReason("CERTIFICATE_REFUSED"));
}

TEST(ChainVerifier, RefusesACaThatOnlyHasTheSameName) {
  TestPki ours(absl::FromUnixSeconds(1'700'000'000), 1);
  TestPki impostor(absl::FromUnixSeconds(1'700'000'000), 2);
  const TestLeaf leaf = impostor.Member(ours.Facts("node1"));
  EXPECT_THAT(VerifyChain(ours.ClusterBundle(),
                          {leaf.certificate, impostor.cluster_ca().chain(),
                           Purpose::kAny, ours.now(), ""}),
              HasReason("CERTIFICATE_REFUSED"));
}

TEST(ChainVerifier, RefusesALeafThatSignedAnother) {
  TestPki pki;
  const TestLeaf member = pki.Member(pki.Facts("node1"));
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  CertificateBuilder minted;
  minted.subject = {"node2", "MicroOVN", "member"};
  minted.issued_at = pki.now();
  minted.lifetime = absl::Hours(1);
  const absl::StatusOr<Certificate> forged = minted.SignAndBuild(
      key->public_key(), member.certificate, member.key, pki.random());
  ASSERT_OK(forged);
  EXPECT_THAT(
      VerifyChain(
          pki.ClusterBundle(),
          {*forged, {member.certificate}, Purpose::kAny, pki.now(), ""}),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("of CN=node1, OU=member, O=MicroOVN above "
                         "it")));
}

TEST(ChainVerifier, EndsInARootAsOvsDoes) {
  // root -> intermediate -> leaf.
  SeededRandom random(1);
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  absl::StatusOr<PrivateKey> root_key = PrivateKey::Generate();
  absl::StatusOr<PrivateKey> middle_key = PrivateKey::Generate();
  absl::StatusOr<PrivateKey> leaf_key = PrivateKey::Generate();
  ASSERT_OK(root_key);
  ASSERT_OK(middle_key);
  ASSERT_OK(leaf_key);
  CertificateBuilder ca;
  ca.subject = {"Root", "", ""};
  ca.issued_at = now;
  ca.lifetime = absl::Hours(1);
  ca.is_ca = true;
  ca.path_length = 1;
  const absl::StatusOr<Certificate> root = ca.SelfSign(*root_key, random);
  ASSERT_OK(root);
  ca.subject = {"Middle", "", ""};
  ca.path_length = 0;
  const absl::StatusOr<Certificate> middle =
      ca.SignAndBuild(middle_key->public_key(), *root, *root_key, random);
  ASSERT_OK(middle);
  CertificateBuilder leaf_builder;
  leaf_builder.subject = {"Leaf", "", ""};
  leaf_builder.issued_at = now;
  leaf_builder.lifetime = absl::Hours(1);
  const absl::StatusOr<Certificate> leaf = leaf_builder.SignAndBuild(
      leaf_key->public_key(), *middle, *middle_key, random);
  ASSERT_OK(leaf);
  const absl::StatusOr<TrustBundle> with_root = TrustBundle::From({*root});
  const absl::StatusOr<TrustBundle> without = TrustBundle::From({*middle});
  ASSERT_OK(with_root);
  ASSERT_OK(without);
  EXPECT_OK(
      VerifyChain(*with_root, {*leaf, {*middle}, Purpose::kAny, now, ""}));
  EXPECT_THAT(VerifyChain(*with_root, {*leaf, {}, Purpose::kAny, now, ""}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("its issuer CN=Middle is not trusted here")));
  EXPECT_THAT(VerifyChain(*without, {*leaf, {}, Purpose::kAny, now, ""}),
              HasReason("CERTIFICATE_REFUSED"));
}

TEST(TrustBundle, HoldsEachCaOnceInOrder) {
  TestPki pki;
  TrustBundle bundle;
  EXPECT_TRUE(bundle.empty());
  ASSERT_OK(bundle.Add(pki.ovn_ca().certificate()));
  ASSERT_OK(bundle.Add(pki.cluster_ca().certificate()));
  ASSERT_OK(bundle.Add(pki.ovn_ca().certificate()));
  EXPECT_THAT(
      bundle.certificates(),
      ElementsAre(pki.ovn_ca().certificate(), pki.cluster_ca().certificate()));
  const absl::StatusOr<TrustBundle> again =
      TrustBundle::FromPem(bundle.ToPem());
  ASSERT_OK(again);
  EXPECT_EQ(again->certificates(), bundle.certificates());

  const std::string& fingerprint = pki.ovn_ca().certificate().fingerprint();
  ASSERT_NE(bundle.Find(fingerprint), nullptr);
  EXPECT_TRUE(bundle.Remove(fingerprint));
  EXPECT_FALSE(bundle.Remove(fingerprint));
  EXPECT_EQ(bundle.Find(fingerprint), nullptr);
}

TEST(TrustBundle, RefusesALeaf) {
  TestPki pki;
  TrustBundle bundle;
  EXPECT_THAT(bundle.Add(pki.Member(pki.Facts("node1")).certificate),
              HasReason("CA_INVALID"));
  EXPECT_TRUE(bundle.empty());
}

// OpenSSL takes a certificate for ended in the second that it names.
TEST(IsOf, LooksAtWhoIssuedAndAtNoDate) {
  TestPki pki;
  const TrustBundle anchors = pki.ClusterBundle();
  const MemberFacts facts = pki.Facts("node1");
  for (const absl::Duration age :
       {absl::ZeroDuration(), absl::Hours(24 * 29), -absl::Hours(24 * 365)}) {
    EXPECT_TRUE(IsOf(anchors, pki.Member(facts, age).certificate)) << age;
  }
  EXPECT_FALSE(IsOf(pki.OvnBundle(), pki.Member(facts).certificate));
  TestPki other(pki.now(), 2);
  EXPECT_FALSE(IsOf(anchors, other.Member(other.Facts("node1")).certificate));
}

TEST(WithinLife, IsATimeAtWhichTheDatesAreInOrder) {
  TestPki pki;
  const TestLeaf leaf = pki.Member(pki.Facts("node1", "10.0.0.1"));
  const absl::Duration years = absl::Hours(24 * 365 * 2);
  for (const absl::Time now : {pki.now() - years, pki.now(), pki.now() + years,
                               leaf.certificate.not_after()}) {
    EXPECT_OK(
        VerifyChain(pki.ClusterBundle(), {leaf.certificate,
                                          {},
                                          Purpose::kAny,
                                          WithinLife(leaf.certificate, now),
                                          ""}))
        << now;
  }
  EXPECT_EQ(WithinLife(leaf.certificate, pki.now()), pki.now());
}

}  // namespace
}  // namespace microovn::pki
