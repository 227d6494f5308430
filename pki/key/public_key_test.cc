// SPDX-License-Identifier: Apache-2.0
#include "pki/key/public_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "pki/key/private_key.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {
namespace {

// The public part of `key` in DER, with an EC key's parameter `name` set.
std::string DerWith(const PrivateKey& key, const char* name,
                    const char* value) {
  const auto own = key.public_key().ToEvp();
  EXPECT_OK(own);
  EXPECT_EQ(EVP_PKEY_set_utf8_string_param(own->get(), name, value), 1);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(own->get(), &der);
  EXPECT_GT(size, 0);
  const OpensslMemory<unsigned char> owner(der);
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

class PublicKeyForms : public ::testing::TestWithParam<KeyType> {};

// What a user's CA, a joiner or an operator sends: a registered key must be
// known again, and a retired one must not come back under another name.
TEST_P(PublicKeyForms, OneKeyHasOneFingerprint) {
  const auto key = PrivateKey::Generate(GetParam());
  ASSERT_OK(key);
  const std::string fingerprint = key->public_key().Fingerprint();
  for (const char* form : {"compressed", "hybrid", "uncompressed"}) {
    const std::string der =
        DerWith(*key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, form);
    EXPECT_EQ(der == key->public_key().der(),
              std::string(form) == "uncompressed")
        << "the test sends what it means to";
    const auto read = PublicKey::FromDer(der);
    ASSERT_OK(read) << form;
    EXPECT_EQ(read->Fingerprint(), fingerprint) << form;
    EXPECT_EQ(*read, key->public_key()) << form;
    const auto signature = key->Sign("message");
    ASSERT_OK(signature);
    EXPECT_OK(read->Verify("message", *signature)) << form;
  }
}

TEST_P(PublicKeyForms, ACurveInNumbersIsTheNamedOneOrRefused) {
  const auto key = PrivateKey::Generate(GetParam());
  ASSERT_OK(key);
  const std::string der = DerWith(*key, OSSL_PKEY_PARAM_EC_ENCODING,
                                  OSSL_PKEY_EC_ENCODING_EXPLICIT);
  EXPECT_NE(der, key->public_key().der());
  const auto read = PublicKey::FromDer(der);
  if (read.ok()) {
    EXPECT_EQ(*read, key->public_key());
  }
}

INSTANTIATE_TEST_SUITE_P(Curves, PublicKeyForms,
                         ::testing::Values(KeyType::kP256, KeyType::kP384));

}  // namespace
}  // namespace microovn::pki
