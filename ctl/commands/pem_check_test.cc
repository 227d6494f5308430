// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/pem_check.h"

#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::HasSubstr;

TEST(CheckPem, TellsHowToConvertWhatIsNot) {
  const std::string der("\x30\x82\x01\x0a\x30\x82", 6);
  const std::string pkcs12("\x30\x82\x01\x0a\x02\x01\x03", 7);
  const struct {
    std::string content;
    PemKind kind;
    const char* remedy;
  } cases[] = {
      {der, PemKind::kCertificate,
       "convert it with: openssl x509 -inform der -in ca -out ca.pem"},
      {der, PemKind::kPrivateKey,
       "convert it with: openssl pkey -inform der -in ca -out key.pem"},
      {pkcs12, PemKind::kCertificate,
       "convert it with: openssl pkcs12 -in ca -nokeys -out ca.pem"},
      {pkcs12, PemKind::kPrivateKey,
       "convert it with: openssl pkcs12 -in ca -nocerts -nodes -out key.pem"},
      {"", PemKind::kPrivateKey,
       "give a file with a line -----BEGIN PRIVATE KEY-----"},
      {"\x30\x82", PemKind::kCertificate,
       "give a file with a line -----BEGIN CERTIFICATE-----"},
  };
  for (const auto& test : cases) {
    const absl::Status status = CheckPem("ca", test.content, test.kind);
    EXPECT_THAT(status, HasReason("FILE_NOT_PEM"));
    EXPECT_EQ(DetailOf(status).remedy, test.remedy);
  }
}

TEST(CheckPem, BlocksThatRunTogetherAreToldApart) {
  const std::string block =
      "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----";
  EXPECT_OK(CheckPem("ca", block, PemKind::kCertificate));
  EXPECT_OK(CheckPem("ca", block + "\n" + block, PemKind::kCertificate));
  const absl::Status glued =
      CheckPem("ca", block + block, PemKind::kCertificate);
  EXPECT_THAT(glued, HasReason("FILE_NOT_PEM"));
  EXPECT_THAT(DetailOf(glued).remedy, HasSubstr("line break"));
}

TEST(SplitPemTest, TakesAllCertificatesAndTheFirstKey) {
  const SplitPem split = Split(
      "text\n-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"
      "-----BEGIN EC PARAMETERS-----\nP\n-----END EC PARAMETERS-----\n"
      "-----BEGIN EC PRIVATE KEY-----\nK\n-----END EC PRIVATE KEY-----\n"
      "-----BEGIN PRIVATE KEY-----\nL\n-----END PRIVATE KEY-----\n"
      "-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(split.certificates,
            "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"
            "-----BEGIN CERTIFICATE-----\nB\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(
      split.key.Reveal(),
      "-----BEGIN EC PRIVATE KEY-----\nK\n-----END EC PRIVATE KEY-----\n");
}

TEST(SplitPemTest, StopsAtWhatHasNoEnd) {
  for (const char* text :
       {"", "-----BEGIN ", "-----BEGIN CERTIFICATE-----\nA",
        "-----BEGIN PRIVATE KEY-----\nK\n-----END CERTIFICATE-----"}) {
    EXPECT_EQ(Split(text).certificates, "") << text;
    EXPECT_TRUE(Split(text).key.empty()) << text;
  }
}

}  // namespace
}  // namespace microovn::ctl
