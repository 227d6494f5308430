// SPDX-License-Identifier: Apache-2.0
#include "pki/key/public_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <utility>

#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/key/digest.h"
#include "pki/openssl/openssl_error.h"

namespace microovn::pki {
namespace {

// An RSA key of 8192 bits takes about 1 KiB.
constexpr size_t kMaxDerBytes = 4096;

const unsigned char* Bytes(absl::string_view data) {
  return reinterpret_cast<const unsigned char*>(data.data());
}

absl::StatusOr<std::string> DerOf(const EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) return OpensslError("encoding a public key");
  const OpensslMemory<unsigned char> owner(der);
  return std::string(reinterpret_cast<const char*>(der),
                     static_cast<size_t>(size));
}

// OpenSSL writes an EC key in the form in which it was read (RFC 5480, 2.2: the
// point whole or compressed; the curve by name or by its numbers), so one key
// would have several fingerprints.
absl::StatusOr<std::string> InOneForm(const std::string& der) {
  const unsigned char* at = Bytes(der);
  const EvpPkeyPtr key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));  // NOLINT
  if (key == nullptr ||
      EVP_PKEY_set_utf8_string_param(
          key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
          OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) != 1 ||
      EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_ENCODING,
                                     OSSL_PKEY_EC_ENCODING_GROUP) != 1) {
    return OpensslError("encoding a public key");
  }
  return DerOf(key.get());
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::FromDer(absl::string_view der) {
  const ScopedOpensslErrors errors;
  if (der.size() > kMaxDerBytes) {
    return PrivateKeyInvalid("its public part is too long");
  }
  const unsigned char* at = Bytes(der);
  const EvpPkeyPtr key(
      d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));  // NOLINT
  if (key == nullptr) return PrivateKeyInvalid(TakeOpensslError());
  if (at != Bytes(der) + der.size()) {
    return PrivateKeyInvalid("bytes follow its public part");
  }
  return FromEvp(key.get());
}

absl::StatusOr<PublicKey> PublicKey::FromEvp(const EVP_PKEY* key) {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const KeyType type, KeyTypeOf(key));
  ASSIGN_OR_RETURN(std::string der, DerOf(key));
  if (IsEc(type)) {
    ASSIGN_OR_RETURN(der, InOneForm(der));
  }
  return PublicKey(std::move(der), type);
}

std::string PublicKey::Fingerprint() const { return Sha256Hex(der_); }

absl::Status PublicKey::Verify(absl::string_view message,
                               absl::string_view signature) const {
  const ScopedOpensslErrors errors;
  ASSIGN_OR_RETURN(const EvpPkeyPtr key, ToEvp());
  const EvpMdCtxPtr context(EVP_MD_CTX_new());
  if (context == nullptr ||
      EVP_DigestVerifyInit(context.get(), nullptr, SignatureDigest(type_),
                           nullptr, key.get()) != 1) {
    return OpensslError("starting to verify a signature");
  }
  // 0 is a wrong signature and -1 a malformed one; neither is good.
  if (EVP_DigestVerify(context.get(), Bytes(signature), signature.size(),
                       Bytes(message), message.size()) != 1) {
    TakeOpensslError();
    return absl::PermissionDeniedError("the signature does not match");
  }
  return absl::OkStatus();
}

absl::StatusOr<EvpPkeyPtr> PublicKey::ToEvp() const {
  const ScopedOpensslErrors errors;
  const unsigned char* at = Bytes(der_);
  EvpPkeyPtr key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der_.size())));
  if (key == nullptr) return OpensslError("decoding a public key");
  return key;
}

}  // namespace microovn::pki
