// SPDX-License-Identifier: Apache-2.0
#include "pki/key/key_type.h"

#include <openssl/evp.h>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

// 2048 bits is what kSecurityLevel of chain_verifier.cc accepts at least.
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 8192;

absl::StatusOr<KeyType> EcKeyType(const EVP_PKEY* key) {
  char group[64] = {};
  size_t size = 0;
  // A curve of explicit parameters that OpenSSL does not know has no name.
  // Taking a peer's own curve is what CVE-2020-0601 was.
  if (EVP_PKEY_get_group_name(key, group, sizeof(group), &size) != 1) {
    return PrivateKeyInvalid("its curve has no name");
  }
  const absl::string_view name(group, size);
  if (name == "prime256v1") return KeyType::kP256;
  if (name == "secp384r1") return KeyType::kP384;
  if (name == "secp521r1") return KeyType::kP521;
  return PrivateKeyInvalid(absl::StrCat("curve ", name, " is not supported"));
}

absl::StatusOr<KeyType> RsaKeyType(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return PrivateKeyInvalid(absl::StrCat("RSA of ", bits, " bits; ",
                                          kMinRsaBits, " to ", kMaxRsaBits,
                                          " are accepted"));
  }
  return KeyType::kRsa;
}

}  // namespace

absl::string_view KeyTypeName(KeyType type) {
  switch (type) {
    case KeyType::kP256:
      return "ECDSA P-256";
    case KeyType::kP384:
      return "ECDSA P-384";
    case KeyType::kP521:
      return "ECDSA P-521";
    case KeyType::kEd25519:
      return "Ed25519";
    case KeyType::kRsa:
      return "RSA";
  }
  LOG(FATAL) << "no such key type";
}

bool IsEc(KeyType type) {
  return type == KeyType::kP256 || type == KeyType::kP384 ||
         type == KeyType::kP521;
}

absl::StatusOr<KeyType> KeyTypeOf(const EVP_PKEY* key) {
  // By name: EVP_PKEY_get_id(3) may answer -1 for a key of a provider.
  if (EVP_PKEY_is_a(key, "EC") == 1) return EcKeyType(key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyType::kEd25519;
  if (EVP_PKEY_is_a(key, "RSA") == 1) return RsaKeyType(key);
  return PrivateKeyInvalid("only ECDSA, Ed25519 and RSA keys are supported");
}

// The digest is as wide as the curve; OpenSSL's default is SHA-256 for all.
const EVP_MD* SignatureDigest(KeyType type) {
  switch (type) {
    case KeyType::kP384:
      return EVP_sha384();
    case KeyType::kP521:
      return EVP_sha512();
    case KeyType::kEd25519:
      return nullptr;
    case KeyType::kP256:
    case KeyType::kRsa:
      return EVP_sha256();
  }
  LOG(FATAL) << "no such key type";
}

}  // namespace microovn::pki
