// SPDX-License-Identifier: Apache-2.0
#include "pki/key/private_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/key/digest.h"
#include "pki/key/key_access.h"
#include "pki/key/public_key.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// `key` in PKCS#8 under a passphrase.
std::string Encrypted(const PrivateKey& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  char passphrase[] = "secret";
  EXPECT_EQ(PEM_write_bio_PKCS8PrivateKey(
                bio.get(), key.evp(), EVP_aes_256_cbc(), passphrase,
                sizeof(passphrase) - 1, nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

// RSA of `bits`, which we do not make but users have.
std::string RsaPem(size_t bits) {
  const EvpPkeyPtr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
  const BioPtr bio(BIO_new(BIO_s_mem()));
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0,
                                     nullptr, nullptr),
            1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

class PrivateKeyTypes : public ::testing::TestWithParam<KeyType> {};

TEST_P(PrivateKeyTypes, SurvivesPemAndSignsAlike) {
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate(GetParam());
  ASSERT_OK(key);
  EXPECT_EQ(key->type(), GetParam());
  const absl::StatusOr<SecretString> pem = key->ToPem(KeyAccess::Granted());
  ASSERT_OK(pem);
  // PKCS#8, which OVS and "openssl ec" read.
  EXPECT_TRUE(absl::StartsWith(pem->Reveal(), "-----BEGIN PRIVATE KEY-----\n"));
  const absl::StatusOr<PrivateKey> again =
      PrivateKey::FromPem(pem->Reveal(), KeyAccess::Granted());
  ASSERT_OK(again);
  EXPECT_EQ(again->public_key(), key->public_key());

  const absl::StatusOr<std::string> signature = again->Sign("message");
  ASSERT_OK(signature);
  EXPECT_OK(key->public_key().Verify("message", *signature));
  EXPECT_THAT(key->public_key().Verify("messagf", *signature),
              StatusIs(absl::StatusCode::kPermissionDenied));
  std::string flipped = *signature;
  flipped.back() = static_cast<char>(flipped.back() ^ 1);
  EXPECT_THAT(key->public_key().Verify("message", flipped),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_P(PrivateKeyTypes, PublicKeySurvivesDer) {
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate(GetParam());
  ASSERT_OK(key);
  const std::string& der = key->public_key().der();
  const absl::StatusOr<PublicKey> again = PublicKey::FromDer(der);
  ASSERT_OK(again);
  EXPECT_EQ(*again, key->public_key());
  EXPECT_EQ(again->Fingerprint(), Sha256Hex(der));
  EXPECT_THAT(PublicKey::FromDer(der + "x"), HasReason("PRIVATE_KEY_INVALID"));
  EXPECT_THAT(PublicKey::FromDer(der.substr(1)),
              HasReason("PRIVATE_KEY_INVALID"));
}

INSTANTIATE_TEST_SUITE_P(All, PrivateKeyTypes,
                         ::testing::Values(KeyType::kP256, KeyType::kP384,
                                           KeyType::kEd25519));

TEST(PrivateKey, TwoAreNeverAlike) {
  const absl::StatusOr<PrivateKey> a = PrivateKey::Generate();
  const absl::StatusOr<PrivateKey> b = PrivateKey::Generate();
  ASSERT_OK(a);
  ASSERT_OK(b);
  EXPECT_NE(a->public_key(), b->public_key());
}

TEST(PrivateKey, UserAlgorithmsAreNotGenerated) {
  EXPECT_FALSE(PrivateKey::Generate(KeyType::kRsa).ok());
  EXPECT_FALSE(PrivateKey::Generate(KeyType::kP521).ok());
}

TEST(PrivateKey, SeedGivesTheSameKeyAgain) {
  const absl::StatusOr<PrivateKey> key =
      PrivateKey::Generate(KeyType::kEd25519);
  ASSERT_OK(key);
  const absl::StatusOr<SecretString> seed =
      key->Ed25519Seed(KeyAccess::Granted());
  ASSERT_OK(seed);
  EXPECT_EQ(seed->Reveal().size(), 32u);
  const absl::StatusOr<PrivateKey> again =
      PrivateKey::FromEd25519Seed(seed->Reveal(), KeyAccess::Granted());
  ASSERT_OK(again);
  EXPECT_EQ(again->public_key(), key->public_key());
  EXPECT_THAT(PrivateKey::FromEd25519Seed("short", KeyAccess::Granted()),
              HasReason("PRIVATE_KEY_INVALID"));
  const absl::StatusOr<PrivateKey> ec = PrivateKey::Generate();
  ASSERT_OK(ec);
  EXPECT_FALSE(ec->Ed25519Seed(KeyAccess::Granted()).ok());
}

// RFC 4231, test cases 1 and 2.
TEST(Digest, HmacIsThatOfTheStandard) {
  EXPECT_EQ(
      absl::BytesToHexString(HmacSha256(std::string(20, '\x0b'), "Hi There")),
      "b0344c61d8db38535ca8afceaf0bf12b"
      "881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(absl::BytesToHexString(
                HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c7"
            "5a003f089d2739839dec58b964ec3843");
}

TEST(PrivateKey, FirstKeyOfSeveralBlocksCounts) {
  const absl::StatusOr<PrivateKey> first = PrivateKey::Generate();
  const absl::StatusOr<PrivateKey> second = PrivateKey::Generate();
  ASSERT_OK(first);
  ASSERT_OK(second);
  const std::string both =
      absl::StrCat("-----BEGIN OTHER-----\nAAAA\n-----END OTHER-----\n",
                   first->ToPem(KeyAccess::Granted())->Reveal(),
                   second->ToPem(KeyAccess::Granted())->Reveal());
  const absl::StatusOr<PrivateKey> read =
      PrivateKey::FromPem(both, KeyAccess::Granted());
  ASSERT_OK(read);
  EXPECT_EQ(read->public_key(), first->public_key());
}

TEST(PrivateKey, UsersRsaKeysAreReadUnlessTheyAreWeak) {
  const absl::StatusOr<PrivateKey> key =
      PrivateKey::FromPem(RsaPem(2048), KeyAccess::Granted());
  ASSERT_OK(key);
  EXPECT_EQ(key->type(), KeyType::kRsa);
  const absl::StatusOr<std::string> signature = key->Sign("message");
  ASSERT_OK(signature);
  EXPECT_OK(key->public_key().Verify("message", *signature));
  EXPECT_THAT(PrivateKey::FromPem(RsaPem(1024), KeyAccess::Granted()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("RSA of 1024 bits")));
}

TEST(PrivateKey, RefusesWhatIsNoUsableKey) {
  const absl::StatusOr<PrivateKey> good = PrivateKey::Generate();
  ASSERT_OK(good);
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"no key here", ""},
      {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", ""},
      {Encrypted(*good), "it is encrypted"},
      {std::string((64 << 10) + 1, 'x'), "too long"},
  };
  for (const auto& [pem, why] : cases) {
    const absl::StatusOr<PrivateKey> key =
        PrivateKey::FromPem(pem, KeyAccess::Granted());
    EXPECT_THAT(key, HasReason("PRIVATE_KEY_INVALID")) << pem.substr(0, 80);
    EXPECT_THAT(std::string(key.status().message()), HasSubstr(why));
    EXPECT_THAT(std::string(key.status().message()),
                StartsWith("the private key is not usable: "));
  }
}

}  // namespace
}  // namespace microovn::pki
