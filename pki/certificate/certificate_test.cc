// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/certificate/certificate_request.h"
#include "pki/key/digest.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/name/distinguished_name.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

CertificateBuilder ExampleBuilder() {
  CertificateBuilder builder;
  builder.subject = {"node1", "MicroOVN", "ovnnb"};
  builder.names = {{"node1", "node1.example"},
                   {"10.0.0.1", "fd00::1"},
                   {"spiffe://c/member/m"}};
  builder.issued_at = kNow;
  builder.lifetime = absl::Hours(24);
  builder.server_auth = true;
  return builder;
}

TEST(Certificate, SaysWhatTheBuilderWasTold) {
  SeededRandom random(1);
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const absl::StatusOr<Certificate> made =
      ExampleBuilder().SelfSign(*key, random);
  ASSERT_OK(made);
  // What counts is what a reader of the PEM sees.
  const absl::StatusOr<Certificate> read = Certificate::FromPem(made->ToPem());
  ASSERT_OK(read);
  EXPECT_EQ(*read, *made);
  EXPECT_EQ(ToText(read->subject()), "CN=node1, OU=ovnnb, O=MicroOVN");
  EXPECT_EQ(read->issuer(), read->subject());
  EXPECT_THAT(read->names().dns, ElementsAre("node1", "node1.example"));
  EXPECT_THAT(read->names().ip, ElementsAre("10.0.0.1", "fd00::1"));
  EXPECT_THAT(read->names().uri, ElementsAre("spiffe://c/member/m"));
  EXPECT_EQ(read->not_before(), kNow - kBackdating);
  EXPECT_EQ(read->not_after(), kNow + absl::Hours(24));
  EXPECT_EQ(read->fingerprint(), Sha256Hex(read->der()));
  EXPECT_EQ(read->public_key(), key->public_key());
  EXPECT_FALSE(read->is_ca());
  EXPECT_FALSE(read->may_sign_certificates());
  EXPECT_TRUE(read->is_self_issued());
}

TEST(Certificate, SerialsHave128RandomBits) {
  SeededRandom random(1);
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const absl::StatusOr<Certificate> a = ExampleBuilder().SelfSign(*key, random);
  const absl::StatusOr<Certificate> b = ExampleBuilder().SelfSign(*key, random);
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_THAT(a->serial(), SizeIs(32));
  EXPECT_NE(a->serial(), b->serial());
}

TEST(Certificate, CaMaySignAndLeafDoesNotOutliveIt) {
  TestPki pki;
  const Certificate& ca = pki.cluster_ca().certificate();
  EXPECT_TRUE(ca.is_ca());
  EXPECT_TRUE(ca.may_sign_certificates());
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  CertificateBuilder builder = ExampleBuilder();
  builder.lifetime = absl::Hours(24 * 365 * 200);
  const absl::StatusOr<Certificate> leaf = builder.SignAndBuild(
      key->public_key(), ca, pki.cluster_ca().key(KeyAccess::Granted()),
      pki.random());
  ASSERT_OK(leaf);
  EXPECT_EQ(leaf->not_after(), ca.not_after());
  EXPECT_FALSE(leaf->is_self_issued());
  EXPECT_EQ(leaf->issuer(), ca.subject());
}

TEST(Certificate, BuilderRefusesForeignKeyEmptyLifeAndBadAddress) {
  TestPki pki;
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  EXPECT_FALSE(ExampleBuilder()
                   .SignAndBuild(key->public_key(), pki.ovn_ca().certificate(),
                                 *key, pki.random())
                   .ok());
  CertificateBuilder dead = ExampleBuilder();
  dead.lifetime = -absl::Hours(1);
  EXPECT_FALSE(dead.SelfSign(*key, pki.random()).ok());
  CertificateBuilder nowhere = ExampleBuilder();
  nowhere.names.ip = {"10.0.0"};
  EXPECT_THAT(nowhere.SelfSign(*key, pki.random()), HasReason("BAD_ADDRESS"));
}

TEST(Certificate, RefusesControlCharactersInNames) {
  SeededRandom random(1);
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  CertificateBuilder subject = ExampleBuilder();
  subject.subject.common_name = std::string("node1\0.evil", 11);
  EXPECT_THAT(subject.SelfSign(*key, random), HasReason("CERTIFICATE_INVALID"));
  CertificateBuilder uri = ExampleBuilder();
  uri.names.uri = {std::string("spiffe://c/member/m\0x", 21)};
  EXPECT_THAT(uri.SelfSign(*key, random), HasReason("CERTIFICATE_INVALID"));
}

TEST(Certificate, RefusesWhatIsNotExactlyOne) {
  TestPki pki;
  const Certificate& ca = pki.ovn_ca().certificate();
  EXPECT_THAT(Certificate::FromDer(ca.der() + "x"),
              HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(Certificate::FromDer(ca.der().substr(0, ca.der().size() - 1)),
              HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(Certificate::FromPem(""), HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(Certificate::FromPem(ca.ToPem() + ca.ToPem()),
              HasReason("CERTIFICATE_INVALID"));
  EXPECT_THAT(Certificate::FromPem(std::string((1 << 20) + 1, 'x')),
              HasReason("CERTIFICATE_INVALID"));
}

TEST(Certificate, FlippedBytesGiveAnErrorOrAnotherFingerprint) {
  TestPki pki;
  const std::string der = pki.Member(pki.Facts("node1")).certificate.der();
  for (size_t i = 0; i < der.size(); ++i) {
    std::string flipped = der;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    const absl::StatusOr<Certificate> read = Certificate::FromDer(flipped);
    if (!read.ok()) continue;
    // What is fingerprinted is what was received, not what was understood.
    EXPECT_EQ(read->der(), flipped) << i;
  }
}

TEST(Certificate, BundleKeepsOrderAndSkipsKeys) {
  TestPki pki;
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const std::string pem =
      absl::StrCat(pki.ovn_ca().certificate().ToPem(), "a remark\n",
                   key->ToPem(KeyAccess::Granted())->Reveal(),
                   pki.cluster_ca().certificate().ToPem());
  EXPECT_THAT(Certificate::BundleFromPem(pem),
              IsOkAndHolds(ElementsAre(pki.ovn_ca().certificate(),
                                       pki.cluster_ca().certificate())));
}

TEST(Certificate, BundleIsBounded) {
  TestPki pki;
  std::string pem;
  for (int i = 0; i < 65; ++i) pem += pki.ovn_ca().certificate().ToPem();
  EXPECT_THAT(
      Certificate::BundleFromPem(pem),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than 64")));
}

TEST(Certificate, BundleWithABrokenBlockIsRefused) {
  TestPki pki;
  const std::string broken =
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  EXPECT_THAT(
      Certificate::BundleFromPem(pki.ovn_ca().certificate().ToPem() + broken),
      HasReason("CERTIFICATE_INVALID"));
}

TEST(CertificateRequest, CarriesTheKeyAndItsProof) {
  for (const KeyType type :
       {KeyType::kP256, KeyType::kP384, KeyType::kEd25519}) {
    const absl::StatusOr<PrivateKey> key = PrivateKey::Generate(type);
    ASSERT_OK(key);
    const absl::StatusOr<CertificateRequest> made =
        CertificateRequest::Create(*key);
    ASSERT_OK(made);
    const absl::StatusOr<CertificateRequest> from_pem =
        CertificateRequest::FromPem(made->ToPem());
    ASSERT_OK(from_pem);
    EXPECT_EQ(from_pem->public_key(), key->public_key());
    EXPECT_EQ(from_pem->der(), made->der());
    EXPECT_EQ(from_pem->Fingerprint(), Sha256Hex(made->der()));
  }
}

// In particular one that carries somebody else's public key.
TEST(CertificateRequest, EveryFlippedByteIsRefused) {
  const absl::StatusOr<PrivateKey> key =
      PrivateKey::Generate(KeyType::kEd25519);
  ASSERT_OK(key);
  const absl::StatusOr<CertificateRequest> made =
      CertificateRequest::Create(*key);
  ASSERT_OK(made);
  for (size_t i = 0; i < made->der().size(); ++i) {
    std::string flipped = made->der();
    flipped[i] = static_cast<char>(flipped[i] ^ 0x01);
    EXPECT_FALSE(CertificateRequest::FromDer(flipped).ok()) << i;
  }
}

// A statement signs the fingerprint of all bytes, so none may be without
// effect.
TEST(CertificateRequest, RefusesBytesAfterItsEnd) {
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const absl::StatusOr<CertificateRequest> made =
      CertificateRequest::Create(*key);
  ASSERT_OK(made);
  ASSERT_OK(CertificateRequest::FromDer(made->der()));
  for (const std::string& more : {std::string("x"), made->der()}) {
    const absl::StatusOr<CertificateRequest> refused =
        CertificateRequest::FromDer(made->der() + more);
    EXPECT_THAT(refused, HasReason("CERTIFICATE_REQUEST_INVALID"));
    EXPECT_THAT(std::string(refused.status().message()),
                HasSubstr("bytes follow its end"));
  }
}

TEST(CertificateRequest, RefusesWhatIsNone) {
  EXPECT_THAT(CertificateRequest::FromDer(""),
              HasReason("CERTIFICATE_REQUEST_INVALID"));
  EXPECT_THAT(CertificateRequest::FromPem("no request"),
              HasReason("CERTIFICATE_REQUEST_INVALID"));
  EXPECT_THAT(CertificateRequest::FromDer(std::string((16 << 10) + 1, '0')),
              HasReason("CERTIFICATE_REQUEST_INVALID"));
}

}  // namespace
}  // namespace microovn::pki
