// SPDX-License-Identifier: Apache-2.0
// Private keys: made here, signing here, and leaving only as a SecretString to
// callers that show a KeyAccess.
//
// Nothing here prints a key, and there is no copy: a key has one owner, who
// knows when it is wiped.
#ifndef MICROOVN_PKI_KEY_PRIVATE_KEY_H_
#define MICROOVN_PKI_KEY_PRIVATE_KEY_H_

#include <openssl/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/crypto/secret_string.h"
#include "pki/key/key_access.h"
#include "pki/key/key_type.h"
#include "pki/key/public_key.h"
#include "pki/openssl/openssl_ptr.h"

namespace microovn::pki {

// Movable, not copyable; const use is thread-safe. OpenSSL wipes it when it
// dies. A moved-from key may only be assigned to or destroyed.
class PrivateKey {
 public:
  // P-256, P-384 or Ed25519.
  static absl::StatusOr<PrivateKey> Generate(KeyType type = KeyType::kP256);

  // The first unencrypted private key of at most 64 KiB of PEM; other blocks,
  // such as certificates, are skipped.
  // PKCS #8 (RFC 5958) as well as the older forms that users' CAs come in.
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem, KeyAccess);

  // Ed25519 from its 32-byte seed (RFC 8032), and back.
  static absl::StatusOr<PrivateKey> FromEd25519Seed(absl::string_view seed,
                                                    KeyAccess);
  absl::StatusOr<SecretString> Ed25519Seed(KeyAccess) const;

  // PKCS#8 PEM, which OVS and `openssl ec` read.
  absl::StatusOr<SecretString> ToPem(KeyAccess) const;

  const PublicKey& public_key() const { return public_key_; }
  KeyType type() const { return public_key_.type(); }

  // A signature by SignatureDigest(type()): raw for Ed25519, DER for ECDSA,
  // PKCS #1 v1.5 for RSA.
  // ECDSA draws a nonce: two signatures of one message differ.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

  // Borrowed, for signing certificates and TLS within this folder.
  EVP_PKEY* evp() const { return key_.get(); }

 private:
  static absl::StatusOr<PrivateKey> Adopt(EvpPkeyPtr key);
  PrivateKey(EvpPkeyPtr key, PublicKey public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}

  EvpPkeyPtr key_;
  PublicKey public_key_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_PRIVATE_KEY_H_
