// SPDX-License-Identifier: Apache-2.0
#include "pki/sealing/sealed_key.h"

#include <openssl/cms.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/sealing/key_custody.h"
#include "pki/sealing/sealing_key.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<SealingKey> Load(const TempDir& state) {
  const FakeClock clock;
  return SealingKey::LoadOrCreate({state.path(), {}}, clock,
                                  RandomSource::Real());
}

class SealedKeyTest : public ::testing::Test {
 protected:
  SealedKeyTest()
      : a_(*Load(state_a_)), b_(*Load(state_b_)), c_(*Load(state_c_)) {}

  TempDir state_a_, state_b_, state_c_;
  SealingKey a_, b_, c_;
  TestPki pki_;
  const PrivateKey& ca_key_ = pki_.ovn_ca().key(KeyAccess::Granted());
};

TEST_F(SealedKeyTest, EachRecipientAndNobodyElseOpensIt) {
  const absl::StatusOr<SealedKey> sealed =
      SealedKey::Seal(ca_key_, {a_.certificate(), b_.certificate()});
  ASSERT_OK(sealed);
  // From the replicated state, as a voter reads it.
  const absl::StatusOr<SealedKey> read = SealedKey::FromDer(sealed->der());
  ASSERT_OK(read);
  for (const SealingKey* key : {&a_, &b_}) {
    const absl::StatusOr<PrivateKey> opened = read->Open(*key);
    ASSERT_OK(opened);
    EXPECT_EQ(opened->public_key(), ca_key_.public_key());
  }
  EXPECT_THAT(read->Open(c_), HasReason("SEALED_KEY_UNREADABLE"));
}

TEST_F(SealedKeyTest, OpensCasOfEveryAlgorithm) {
  for (const KeyType type :
       {KeyType::kP256, KeyType::kP384, KeyType::kEd25519}) {
    const absl::StatusOr<PrivateKey> key = PrivateKey::Generate(type);
    ASSERT_OK(key);
    const absl::StatusOr<SealedKey> sealed =
        SealedKey::Seal(*key, {a_.certificate()});
    ASSERT_OK(sealed);
    const absl::StatusOr<PrivateKey> opened = sealed->Open(a_);
    ASSERT_OK(opened);
    EXPECT_EQ(opened->public_key(), key->public_key());
  }
}

TEST_F(SealedKeyTest, RewrapMovesItToOtherRecipients) {
  const absl::StatusOr<SealedKey> before =
      SealedKey::Seal(ca_key_, {a_.certificate(), b_.certificate()});
  ASSERT_OK(before);
  const absl::StatusOr<SealedKey> after =
      before->Rewrap(a_, {a_.certificate(), c_.certificate()});
  ASSERT_OK(after);
  EXPECT_OK(after->Open(c_));
  EXPECT_THAT(after->Open(b_), HasReason("SEALED_KEY_UNREADABLE"));
  EXPECT_THAT(before->Rewrap(c_, {c_.certificate()}),
              HasReason("SEALED_KEY_UNREADABLE"));
}

TEST_F(SealedKeyTest, HoldsNoKeyInTheClearAndNoSha1) {
  const absl::StatusOr<SealedKey> sealed =
      SealedKey::Seal(ca_key_, {a_.certificate()});
  ASSERT_OK(sealed);
  EXPECT_THAT(sealed->der(), ::testing::Not(HasSubstr("PRIVATE KEY")));
  const absl::StatusOr<SecretString> pem = ca_key_.ToPem(KeyAccess::Granted());
  ASSERT_OK(pem);
  // dhSinglePass-stdDH-sha256kdf-scheme (1.3.132.1.11.1), not the SHA-1 one.
  EXPECT_THAT(sealed->der(), HasSubstr("\x2b\x81\x04\x01\x0b\x01"));
  // Any line of the PEM would do.
  EXPECT_FALSE(absl::StrContains(sealed->der(), pem->Reveal().substr(30, 32)));
}

// Whatever byte changes: an error, or the very same key. (A recipient's
// identifier may change without harm to a reader who does not need it.)
TEST_F(SealedKeyTest, FlippedByteIsDetected) {
  const absl::StatusOr<SealedKey> sealed =
      SealedKey::Seal(ca_key_, {a_.certificate()});
  ASSERT_OK(sealed);
  int refused = 0;
  for (size_t i = 0; i < sealed->der().size(); ++i) {
    std::string der = sealed->der();
    der[i] = static_cast<char>(der[i] ^ 0x10);
    const absl::StatusOr<SealedKey> read = SealedKey::FromDer(der);
    const absl::StatusOr<PrivateKey> opened =
        read.ok() ? read->Open(a_) : read.status();
    if (!opened.ok()) {
      ++refused;
      continue;
    }
    EXPECT_EQ(opened->public_key(), ca_key_.public_key()) << i;
  }
  // The ciphertext and its tag alone are more than 200 bytes.
  EXPECT_GT(refused, 200);
}

TEST_F(SealedKeyTest, RefusesCiphertextWithoutAuthentication) {
  const BioPtr input(BIO_new_mem_buf("x", 1));
  const X509StackPtr recipients(sk_X509_new_null());
  X509_add_cert(recipients.get(), a_.certificate().x509(),
                X509_ADD_FLAG_UP_REF);
  CMS_ContentInfo* plain =
      CMS_encrypt(recipients.get(), input.get(), EVP_aes_256_cbc(), CMS_BINARY);
  ASSERT_NE(plain, nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(plain, &der);
  CMS_ContentInfo_free(plain);
  ASSERT_GT(size, 0);
  const OpensslMemory<unsigned char> owner(der);
  EXPECT_THAT(
      SealedKey::FromDer(absl::string_view(reinterpret_cast<const char*>(der),
                                           static_cast<size_t>(size))),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("not authenticated")));
}

TEST_F(SealedKeyTest, BoundsItsInput) {
  EXPECT_THAT(SealedKey::FromDer(""), HasReason("SEALED_KEY_UNREADABLE"));
  EXPECT_THAT(SealedKey::FromDer(std::string((64 << 10) + 1, '0')),
              HasReason("SEALED_KEY_UNREADABLE"));
  EXPECT_FALSE(SealedKey::Seal(ca_key_, {}).ok());
  EXPECT_FALSE(
      SealedKey::Seal(ca_key_, std::vector<Certificate>(17, a_.certificate()))
          .ok());
}

TEST(SealingKey, IsMadeOnceAndKept) {
  const TempDir state;
  const absl::StatusOr<SealingKey> made = Load(state);
  ASSERT_OK(made);
  EXPECT_THAT(ListDirectory(state.path()),
              IsOkAndHolds(ElementsAre("sealing-key.pem")));
  struct stat info = {};
  ASSERT_EQ(stat(state.File("sealing-key.pem").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  const absl::StatusOr<SealingKey> again = Load(state);
  ASSERT_OK(again);
  EXPECT_EQ(again->certificate(), made->certificate());
  EXPECT_EQ(CustodyText(again->custody()), "file (mode 0600)");
}

TEST(SealingKey, IsNeverReplacedWhenItCannotBeRead) {
  const TempDir state;
  const std::string path = state.File("sealing-key.pem");
  ASSERT_OK(WriteFile(path, "damaged", 0600));
  EXPECT_THAT(Load(state), HasReason("PRIVATE_KEY_INVALID"));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("damaged")));
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  EXPECT_THAT(Load(state), HasReason("PRIVATE_FILE_REFUSED"));
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(std::string("damaged")));
}

TEST(SealingKey, RefusesAKeyBesideAnothersCertificate) {
  const TempDir one;
  const TempDir other;
  ASSERT_OK(Load(one));
  const absl::StatusOr<SealingKey> foreign = Load(other);
  ASSERT_OK(foreign);
  const absl::StatusOr<std::string> content =
      ReadFile(one.File("sealing-key.pem"));
  ASSERT_OK(content);
  const size_t end = content->find("-----BEGIN CERTIFICATE");
  ASSERT_OK(WriteFile(one.File("sealing-key.pem"),
                      content->substr(0, end) + foreign->certificate().ToPem(),
                      0600));
  EXPECT_THAT(Load(one), HasReason("PRIVATE_KEY_INVALID"));
}

}  // namespace
}  // namespace microovn::pki
