// SPDX-License-Identifier: Apache-2.0
// A public key as a value: its SubjectPublicKeyInfo in DER.
//
// Keys are compared, pinned and registered by these bytes. They are what
// OpenSSL writes for the key that it read, not what a peer chose to send.
#ifndef MICROOVN_PKI_KEY_PUBLIC_KEY_H_
#define MICROOVN_PKI_KEY_PUBLIC_KEY_H_

#include <openssl/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/key/key_type.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {

// Immutable, copyable.
class PublicKey {
 public:
  // Reads exactly one SubjectPublicKeyInfo; a trailing byte is an error.
  static absl::StatusOr<PublicKey> FromDer(absl::string_view der);
  static absl::StatusOr<PublicKey> FromEvp(const EVP_PKEY* key);

  const std::string& der() const { return der_; }
  KeyType type() const { return type_; }

  // SHA-256 of der(), in hex: what a pin or a token id is made of.
  std::string Fingerprint() const;

  // OK when `signature` over `message` was made with the matching private key;
  // PERMISSION_DENIED when not.
  absl::Status Verify(absl::string_view message,
                      absl::string_view signature) const;

  // A fresh OpenSSL object. For this folder.
  absl::StatusOr<EvpPkeyPtr> ToEvp() const;

  friend bool operator==(const PublicKey& a, const PublicKey& b) {
    return a.der_ == b.der_;
  }
  friend bool operator!=(const PublicKey& a, const PublicKey& b) {
    return !(a == b);
  }

 private:
  PublicKey(std::string der, KeyType type)
      : der_(std::move(der)), type_(type) {}

  std::string der_;
  KeyType type_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_PUBLIC_KEY_H_
