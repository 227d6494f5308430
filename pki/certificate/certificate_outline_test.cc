// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/certificate_outline.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "base/crypto/random.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_builder.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

std::string RsaKeyPem(unsigned int bits) {
  const EvpPkeyPtr key(EVP_RSA_gen(bits));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                     nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

Certificate SelfSigned(const PrivateKey& key, RandomSource& random) {
  CertificateBuilder builder;
  builder.subject.common_name = "node1";
  builder.issued_at = absl::FromUnixSeconds(1'700'000'000);
  builder.lifetime = absl::Hours(24);
  auto certificate = builder.SelfSign(key, random);
  EXPECT_OK(certificate);
  return *std::move(certificate);
}

std::string PemOf(const std::string& der) {
  const std::string text = absl::Base64Escape(der);
  std::string pem = "-----BEGIN CERTIFICATE-----\n";
  for (size_t at = 0; at < text.size(); at += 64) {
    absl::StrAppend(&pem, text.substr(at, 64), "\n");
  }
  return pem + "-----END CERTIFICATE-----\n";
}

bool Reads(absl::string_view pem, size_t most = 1) {
  return OutlinesFromPem(pem, most).ok();
}

TEST(CertificateOutlineTest, SaysOfAKeyWhatOpensslSays) {
  TestPki pki;
  const auto rsa = PrivateKey::FromPem(RsaKeyPem(2048), KeyAccess::Granted());
  const auto p256 = PrivateKey::Generate(KeyType::kP256);
  const auto p384 = PrivateKey::Generate(KeyType::kP384);
  const auto ed25519 = PrivateKey::Generate(KeyType::kEd25519);
  const struct {
    const absl::StatusOr<PrivateKey>& key;
    OutlinedKey expected;
  } cases[] = {
      {p256, OutlinedKey::kEc},
      {p384, OutlinedKey::kEc},
      {ed25519, OutlinedKey::kEd25519},
      {rsa, OutlinedKey::kRsa},
  };
  for (const auto& test : cases) {
    ASSERT_OK(test.key);
    const Certificate certificate = SelfSigned(*test.key, pki.random());
    const auto outlines = OutlinesFromPem(certificate.ToPem(), 1);
    ASSERT_OK(outlines);
    ASSERT_EQ(outlines->size(), 1u);
    EXPECT_EQ(outlines->front().key, test.expected);
    EXPECT_EQ(outlines->front().spki_sha256,
              certificate.public_key().Fingerprint());
  }
}

TEST(CertificateOutlineTest, ReadsChainsUpToALimit) {
  TestPki pki;
  const std::string one = pki.cluster_ca().certificate().ToPem();
  const std::string other = pki.ovn_ca().certificate().ToPem();
  const auto both = OutlinesFromPem(one + other, 2);
  ASSERT_OK(both);
  EXPECT_EQ(both->at(0).spki_sha256,
            pki.cluster_ca().certificate().public_key().Fingerprint());
  EXPECT_EQ(both->at(1).spki_sha256,
            pki.ovn_ca().certificate().public_key().Fingerprint());
  EXPECT_FALSE(Reads(one + other, 1));
  EXPECT_FALSE(Reads("", 2));
}

// Two members whose readers of PEM differ in what they forgive would part.
TEST(CertificateOutlineTest, ReadsOneFormOfPemOnly) {
  TestPki pki;
  const std::string pem = pki.cluster_ca().certificate().ToPem();
  ASSERT_TRUE(Reads(pem));
  const std::string der = pki.cluster_ca().certificate().der();
  ASSERT_EQ(PemOf(der), pem);
  const std::string cases[] = {
      "x" + pem,
      pem + "x",
      pem + "\n",
      pem.substr(0, pem.size() - 1),
      absl::StrReplaceAll(pem, {{"\n", "\r\n"}}),
      absl::StrReplaceAll(pem, {{"-----\n", "----- \n"}}),
      absl::StrReplaceAll(pem, {{"CERTIFICATE", "TRUSTED CERTIFICATE"}}),
      absl::StrReplaceAll(pem, {{"-----BEGIN", "-----BEGIN X"}}),
      "-----BEGIN CERTIFICATE-----\n" + absl::Base64Escape(der) +
          "\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE-----\n",
      PemOf(std::string(70'000, '0')),
  };
  for (const std::string& text : cases) EXPECT_FALSE(Reads(text)) << text;
}

// Whatever it reads otherwise than OpenSSL, the key of both is the same.
TEST(CertificateOutlineTest, NoDamagedByteGivesAnotherKeyThanOpensslFinds) {
  TestPki pki;
  const auto key = PrivateKey::Generate(KeyType::kP256);
  ASSERT_OK(key);
  const std::string der = SelfSigned(*key, pki.random()).der();
  size_t both = 0;
  for (size_t i = 0; i < der.size(); ++i) {
    EXPECT_FALSE(Reads(PemOf(der.substr(0, i)))) << i;
    for (const int flipped : {0x01, 0x20, 0x80, 0xff}) {
      std::string damaged = der;
      damaged[i] = static_cast<char>(damaged[i] ^ flipped);
      const auto outlines = OutlinesFromPem(PemOf(damaged), 1);
      const auto certificate = Certificate::FromDer(damaged);
      if (!outlines.ok() || !certificate.ok()) continue;
      if (outlines->front().key != OutlinedKey::kEc) continue;
      ++both;
      EXPECT_EQ(outlines->front().spki_sha256,
                certificate->public_key().Fingerprint())
          << i;
    }
  }
  EXPECT_GT(both, 100u) << "names, dates and signatures can be anything";
  EXPECT_FALSE(Reads(PemOf(der + "x")));
}

// SEQUENCE { SEQUENCE { serial, four SEQUENCEs, key, rest }, SEQUENCE, BITS }
std::string Der(char tag, const std::string& content) {
  EXPECT_LT(content.size(), 256u);
  std::string der(1, tag);
  if (content.size() > 127) der += '\x81';
  return der + static_cast<char>(content.size()) + content;
}
std::string WithKey(const std::string& algorithm, const std::string& bits,
                    const std::string& rest = "") {
  const std::string empty = Der('\x30', "");
  const std::string spki =
      Der('\x30', Der('\x30', algorithm) + Der('\x03', bits));
  const std::string body =
      Der('\x02', "\x01") + empty + empty + empty + empty + spki + rest;
  return PemOf(Der('\x30', Der('\x30', body) + empty + Der('\x03', "")));
}

TEST(CertificateOutlineTest, SaysWhichKeysAreNoneOfOurs) {
  const std::string ec = absl::HexStringToBytes("06072a8648ce3d0201");
  const std::string p256 = absl::HexStringToBytes("06082a8648ce3d030107");
  const std::string ed25519 = absl::HexStringToBytes("06032b6570");
  const std::string zero(1, '\0');
  const std::string whole = zero + "\x04" + std::string(64, 'x');
  const struct {
    const char* what;
    std::string pem;
    OutlinedKey expected;
  } cases[] = {
      {"as it should be", WithKey(ec + p256, whole), OutlinedKey::kEc},
      {"with ids and extensions",
       WithKey(ec + p256, whole,
               Der('\x81', "") + Der('\x82', "") + Der('\xa3', "")),
       OutlinedKey::kEc},
      {"a compressed point",
       WithKey(ec + p256, zero + "\x02" + std::string(32, 'x')),
       OutlinedKey::kOtherEc},
      {"a hybrid point",
       WithKey(ec + p256, zero + "\x06" + std::string(64, 'x')),
       OutlinedKey::kOtherEc},
      {"a curve of its own", WithKey(ec + Der('\x30', "x"), whole),
       OutlinedKey::kOtherEc},
      {"a point that is too long", WithKey(ec + p256, whole + "x"),
       OutlinedKey::kOtherEc},
      {"Ed25519", WithKey(ed25519, zero + std::string(32, 'x')),
       OutlinedKey::kEd25519},
      {"Ed25519 of 31 bytes", WithKey(ed25519, zero + std::string(31, 'x')),
       OutlinedKey::kOther},
      {"an algorithm that nobody knows", WithKey("\x06\x01\x01", whole),
       OutlinedKey::kOther},
      {"RSA without numbers",
       WithKey(absl::HexStringToBytes("06092a864886f70d0101010500"), whole),
       OutlinedKey::kOther},
      {"RSA of 1024 bits",
       WithKey(absl::HexStringToBytes("06092a864886f70d0101010500"),
               zero + Der('\x30', Der('\x02', zero + std::string(128, '\xff')) +
                                      Der('\x02', "\x03"))),
       OutlinedKey::kOther},
  };
  for (const auto& test : cases) {
    const auto outlines = OutlinesFromPem(test.pem, 1);
    ASSERT_OK(outlines) << test.what;
    EXPECT_EQ(outlines->front().key, test.expected) << test.what;
  }
  EXPECT_FALSE(Reads(WithKey(ec + p256, whole, "x")));
  EXPECT_FALSE(
      Reads(WithKey(ec + p256, whole, Der('\xa3', "") + Der('\x81', ""))))
      << "not in their order";
  EXPECT_FALSE(Reads(WithKey(ec + p256, "\x01" + whole.substr(1))))
      << "bits that are not used";
  EXPECT_FALSE(Reads(WithKey(ec + p256, "")));
}

// A length that could be shorter, and one of BER's that is not definite.
TEST(CertificateOutlineTest, ReadsDerAndNotBer) {
  const std::string ec =
      absl::HexStringToBytes("06072a8648ce3d020106082a8648ce3d030107");
  ASSERT_TRUE(Reads(WithKey(ec, std::string("\0\x04", 2) + "x")));
  for (const char* hex :
       {"308100", "30820080", "3080", "3084000000", "3f2000", "30830000ff"}) {
    EXPECT_FALSE(
        Reads(PemOf(absl::HexStringToBytes(hex) + std::string(255, '\0'))))
        << hex;
  }
}

}  // namespace
}  // namespace microovn::pki
