// SPDX-License-Identifier: Apache-2.0
// Files that fit and files that do not, before anybody is called.
#include "ctl/client/credentials.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::HasSubstr;

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

// A certificate and its key, as TLS has them and as files do.
class Pair {
 public:
  // Signed by itself without an issuer.
  Pair(const std::string& name, const Pair* issuer, absl::Time from,
       absl::Time to)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    ASN1_TIME_set(X509_getm_notBefore(certificate_), absl::ToTimeT(from));
    ASN1_TIME_set(X509_getm_notAfter(certificate_), absl::ToTimeT(to));
    X509_NAME_add_entry_by_txt(
        X509_get_subject_name(certificate_), "CN", MBSTRING_UTF8,
        reinterpret_cast<const unsigned char*>(name.data()),
        static_cast<int>(name.size()), -1, 0);
    const Pair& signer = issuer == nullptr ? *this : *issuer;
    X509_set_issuer_name(certificate_,
                         X509_get_subject_name(signer.certificate_));
    X509_set_pubkey(certificate_, key_);
    X509_EXTENSION* basic = X509V3_EXT_conf_nid(
        nullptr, nullptr, NID_basic_constraints,
        issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    X509_add_ext(certificate_, basic, -1);
    X509_EXTENSION_free(basic);
    X509_sign(certificate_, signer.key_, EVP_sha256());
  }
  ~Pair() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  std::string Certificate() const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate_);
    return TextOf(bio);
  }
  std::string Key(const char* passphrase = nullptr) const {
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(
        bio, key_, passphrase == nullptr ? nullptr : EVP_aes_256_cbc(),
        passphrase, passphrase == nullptr ? 0 : 4, nullptr, nullptr);
    return TextOf(bio);
  }

 private:
  EVP_PKEY* const key_;
  X509* const certificate_;
};

class CredentialsTest : public testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& content) {
    EXPECT_OK(WriteFile(directory_.File(name), content, 0600));
    return directory_.File(name);
  }
  absl::StatusOr<Credentials> Read(const std::string& certificate,
                                   const std::string& key,
                                   const std::string& ca) {
    Endpoint endpoint;
    endpoint.address = "10.0.0.1:6686";
    endpoint.certificate = File("cert", certificate);
    endpoint.private_key = File("key", key);
    endpoint.ca_certificate = File("ca", ca);
    return ReadCredentials(endpoint, now_);
  }
  void ExpectRefused(const absl::StatusOr<Credentials>& read,
                     absl::string_view why) {
    EXPECT_THAT(read, HasReason("CREDENTIALS_REFUSED"));
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr(std::string(why)));
  }

  const absl::Time now_ = absl::Now();
  TempDir directory_;
  const Pair ca_{"ca", nullptr, now_ - absl::Hours(1), now_ + absl::Hours(9)};
  const Pair user_{"ada", &ca_, now_ - absl::Hours(1), now_ + absl::Hours(1)};
  const Pair other_{"other", nullptr, now_ - absl::Hours(1),
                    now_ + absl::Hours(9)};
};

TEST_F(CredentialsTest, ThreeFilesThatFit) {
  const auto read = Read(user_.Certificate(), user_.Key(), ca_.Certificate());
  ASSERT_OK(read);
  EXPECT_EQ(read->certificate_pem, user_.Certificate());
  EXPECT_EQ(read->key_pem.Reveal(), user_.Key());
  EXPECT_EQ(read->ca_pem, ca_.Certificate());
}

// As "cluster user add" writes it: nobody trusts the user's own as a CA.
TEST_F(CredentialsTest, OneFileWithAllThree) {
  const std::string all = user_.Certificate() + user_.Key() + ca_.Certificate();
  const auto read = Read(all, all, all);
  ASSERT_OK(read);
  EXPECT_EQ(read->certificate_pem, user_.Certificate());
  EXPECT_EQ(read->ca_pem, ca_.Certificate());
}

TEST_F(CredentialsTest, TwoCasWhileOneIsReplaced) {
  EXPECT_OK(Read(user_.Certificate(), user_.Key(),
                 other_.Certificate() + ca_.Certificate()));
}

TEST_F(CredentialsTest, WhatDoesNotFitIsSaid) {
  ExpectRefused(Read("", user_.Key(), ca_.Certificate()),
                "there is no certificate in");
  ExpectRefused(Read(user_.Certificate(), "", ca_.Certificate()),
                "there is no private key in");
  ExpectRefused(Read(user_.Certificate(), user_.Key("word"), ca_.Certificate()),
                "without a passphrase");
  ExpectRefused(Read(user_.Certificate(), other_.Key(), ca_.Certificate()),
                "is not that of the certificate");
  ExpectRefused(Read(user_.Certificate(), user_.Key(), other_.Certificate()),
                "is not signed by the CA");
  ExpectRefused(Read(user_.Certificate(), user_.Key(), ""),
                "is not signed by the CA");
}

TEST_F(CredentialsTest, WhatIsNotValidNowIsSaid) {
  const Pair past{"ada", &ca_, now_ - absl::Hours(2), now_ - absl::Hours(1)};
  ExpectRefused(Read(past.Certificate(), past.Key(), ca_.Certificate()),
                "has expired at 20");
  const Pair future{"ada", &ca_, now_ + absl::Hours(1), now_ + absl::Hours(2)};
  ExpectRefused(Read(future.Certificate(), future.Key(), ca_.Certificate()),
                "clock is before that");
}

}  // namespace
}  // namespace microovn::ctl
