// SPDX-License-Identifier: Apache-2.0
#include "pki/trial/authority_trial.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/openssl/openssl_ptr.h"
#include "pki/testing/test_pki.h"
#include "pki/trial/tls_trial.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

EvpPkeyPtr MakeKey(const std::string& kind) {
  if (kind == "RSA") {
    return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", size_t{2048}));
  }
  if (kind == "ED25519") {
    return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  return EvpPkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", kind.c_str()));
}

std::string Text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT
  return std::string(data, static_cast<size_t>(size));
}

// A certificate as a user's tools make it, whatever is wrong with it.
struct Made {
  X509Ptr x509;
  EvpPkeyPtr key;
  std::string pem;

  std::string KeyPem() const {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr);
    return Text(bio.get());
  }
};

struct Wish {
  std::string name = "Their CA";
  std::string key = "P-256";
  // In OpenSSL's words: "2.5.29.37" and "serverAuth".
  std::vector<std::pair<int, std::string>> extensions = {
      {NID_basic_constraints, "critical,CA:TRUE"},
      {NID_key_usage, "critical,keyCertSign,cRLSign"},
      {NID_subject_key_identifier, "hash"}};
  absl::Time from = kNow - absl::Hours(48);
  absl::Time until = kNow + absl::Hours(24 * 365);
  const EVP_MD* digest = EVP_sha256();
};

Made Make(const Wish& wish, const Made* issuer = nullptr) {
  Made made;
  made.key = MakeKey(wish.key);
  made.x509.reset(X509_new());
  X509* x509 = made.x509.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 77);
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509* signs = issuer == nullptr ? x509 : issuer->x509.get();
  X509_set_issuer_name(x509, X509_get_subject_name(signs));
  ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(wish.from));
  ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(wish.until));
  X509_set_pubkey(x509, made.key.get());
  X509V3_CTX context;
  X509V3_set_ctx(&context, signs, x509, nullptr, nullptr, 0);
  for (const auto& [nid, value] : wish.extensions) {
    const X509ExtensionPtr extension(
        X509V3_EXT_nconf_nid(nullptr, &context, nid, value.c_str()));
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(x509, extension.get(), -1);
  }
  EVP_PKEY* key = issuer == nullptr ? made.key.get() : issuer->key.get();
  X509_sign(x509, key,
            EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 ? nullptr : wish.digest);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), x509);
  made.pem = Text(bio.get());
  return made;
}

Wish With(int nid, const std::string& value) {
  Wish wish;
  wish.extensions.emplace_back(nid, value);
  return wish;
}

class AuthorityTrialTest : public testing::Test {
 protected:
  // As set-ca does it.
  absl::Status Try(const std::string& chain, const Made& issuer) {
    auto authority = CertificateAuthority::FromUser(Plane::kOvn, chain,
                                                    issuer.KeyPem(), kNow);
    if (!authority.ok()) return authority.status();
    return TryAuthority(
        {*authority,
         beside_,
         {pki_.Facts("node1", "10.0.0.1"), pki_.Facts("node2", "fd00::2"),
          pki_.Facts("node3", "10.0.0.3")},
         kNow},
        pki_.random());
  }
  absl::Status Try(const Wish& wish) {
    const Made made = Make(wish);
    return Try(made.pem, made);
  }

  TestPki pki_{kNow};
  std::vector<Certificate> beside_ = pki_.ovn_ca().chain();
};

TEST_F(AuthorityTrialTest, EveryAlgorithmThatServesIsTaken) {
  for (const char* key : {"P-256", "P-384", "P-521", "RSA", "ED25519"}) {
    Wish wish;
    wish.key = key;
    EXPECT_OK(Try(wish)) << key;
  }
}

TEST_F(AuthorityTrialTest, OurOwnIsTaken) {
  EXPECT_OK(TryAuthority({pki_.ovn_ca(), beside_, {pki_.Facts("node1")}, kNow},
                         pki_.random()));
}

TEST_F(AuthorityTrialTest, AChainIsTaken) {
  const Made root = Make({.name = "Root"});
  const Made middle = Make({.name = "Middle", .key = "RSA"}, &root);
  const Made issuer = Make({.name = "Issuer"}, &middle);
  EXPECT_OK(Try(absl::StrCat(issuer.pem, middle.pem, root.pem), issuer));
}

struct UnfitCase {
  const char* what;
  Wish wish;
  const char* why;
  const char* remedy;
};

TEST_F(AuthorityTrialTest, WhatCannotServeIsRefusedWithItsRemedy) {
  Wish expired;
  expired.until = kNow - absl::Hours(1);
  Wish ending;
  ending.until = kNow + absl::Hours(5);
  Wish early;
  early.from = kNow + absl::Hours(5);
  const UnfitCase cases[] = {
      {"expired", expired, "expired", "has not expired"},
      {"ends in hours", ending, "would last a day", ""},
      {"not valid yet", early, "valid only from", "clock"},
      {"server only", With(NID_ext_key_usage, "serverAuth"), "client",
       "extendedKeyUsage"},
      {"code signing", With(NID_ext_key_usage, "codeSigning"), "server",
       "extendedKeyUsage"},
      {"other names",
       With(NID_name_constraints, "critical,permitted;DNS:corp.example"),
       "permitted subtree", "name constraints"},
      {"one member's address is forbidden",
       With(NID_name_constraints, "critical,excluded;IP:fd00::/ffff::"),
       "node2", "name constraints"},
  };
  for (const UnfitCase& c : cases) {
    const absl::Status tried = Try(c.wish);
    EXPECT_EQ(ReasonOf(tried), "CA_INVALID") << c.what << ": " << tried;
    EXPECT_THAT(std::string(tried.message()), HasSubstr(c.why)) << c.what;
    EXPECT_THAT(DetailOf(tried).remedy, HasSubstr(c.remedy)) << c.what;
  }
}

TEST_F(AuthorityTrialTest, LinksOfAChainAreTriedToo) {
  Wish short_root{.name = "Root"};
  short_root.extensions[0].second = "critical,CA:TRUE,pathlen:0";
  const Made root = Make(short_root);
  const Made issuer = Make({.name = "Issuer"}, &root);
  const absl::Status tried = Try(absl::StrCat(issuer.pem, root.pem), issuer);
  EXPECT_EQ(ReasonOf(tried), "CA_INVALID");
  EXPECT_THAT(DetailOf(tried).remedy, HasSubstr("path length"));

  const Made strong = Make({.name = "Root"});
  Wish weak{.name = "Issuer"};
  weak.digest = EVP_sha1();
  const Made signed_weakly = Make(weak, &strong);
  const absl::Status refused =
      Try(absl::StrCat(signed_weakly.pem, strong.pem), signed_weakly);
  EXPECT_EQ(ReasonOf(refused), "CA_INVALID");
  EXPECT_THAT(DetailOf(refused).remedy, HasSubstr("SHA-256"));
}

TEST_F(AuthorityTrialTest, TheNameOfTheCaInUseNeedsAnIdentifier) {
  Wish wish;
  wish.extensions.pop_back();
  const Made before = Make(wish);
  beside_ = {*Certificate::FromPem(before.pem)};
  const absl::Status tried = Try(wish);
  EXPECT_EQ(ReasonOf(tried), "CA_INVALID");
  EXPECT_THAT(std::string(tried.message()), HasSubstr("tells the two apart"));
  wish.name = "Another CA";
  EXPECT_OK(Try(wish));
  // One that has an identifier is not enough, whichever it is.
  EXPECT_THAT(std::string(Try(Wish()).message()),
              HasSubstr("tells the two apart"));
  beside_ = {*Certificate::FromPem(Make(Wish()).pem)};
  wish.name = Wish().name;
  EXPECT_THAT(std::string(Try(wish).message()),
              HasSubstr("tells the two apart"));
  // With identifiers one name does no harm.
  beside_ = {*Certificate::FromPem(Make(Wish()).pem)};
  EXPECT_OK(Try(Wish()));
}

TEST(TlsTrialTest, SaysWhoRefusesWhom) {
  TestPki pki(kNow);
  TestPki others(kNow, 2);
  const TestLeaf mine = pki.Service(OvnService::kOvnSb, pki.Facts("node1"));
  const TestLeaf foreign =
      others.Service(OvnService::kClient, others.Facts("stranger"));
  const TrustBundle bundle = pki.OvnBundle();
  const TrustBundle theirs = others.OvnBundle();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EXPECT_OK(TryTls({bundle, mine.certificate, mine.key},
                     {bundle, mine.certificate, mine.key}, version, kNow));
    absl::Status refused =
        TryTls({bundle, mine.certificate, mine.key},
               {bundle, foreign.certificate, foreign.key}, version, kNow);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("stranger"));
    refused = TryTls({bundle, mine.certificate, mine.key},
                     {theirs, mine.certificate, mine.key}, version, kNow);
    EXPECT_THAT(std::string(refused.message()), HasSubstr("node1"));
    EXPECT_FALSE(TryTls({bundle, mine.certificate, mine.key},
                        {bundle, mine.certificate, mine.key}, version,
                        kNow + absl::Hours(24 * 900))
                     .ok())
        << "after its end";
  }
}

}  // namespace
}  // namespace microovn::pki
