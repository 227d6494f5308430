// SPDX-License-Identifier: Apache-2.0
// The key algorithms we work with.
#ifndef MICROOVN_PKI_KEY_KEY_TYPE_H_
#define MICROOVN_PKI_KEY_KEY_TYPE_H_

#include <openssl/types.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

// P-521 and RSA come only with a user's CA.
// P-256 is the default: each connection costs a signature on both sides, and
// those are the cheapest that OVS takes.
enum class KeyType { kP256, kP384, kP521, kEd25519, kRsa };

// "ECDSA P-256", "Ed25519", ...
absl::string_view KeyTypeName(KeyType type);

// Whether `openssl ec` and OVS take it for an EC key.
// Ed25519 is elliptic as well and is none of these.
bool IsEc(KeyType type);

// PRIVATE_KEY_INVALID for any other algorithm and for RSA outside 2048 to 8192
// bits: shorter is weak, longer costs a handshake too much.
absl::StatusOr<KeyType> KeyTypeOf(const EVP_PKEY* key);

// What a signature by such a key hashes with; null for Ed25519, which hashes
// by itself.
const EVP_MD* SignatureDigest(KeyType type);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_KEY_KEY_TYPE_H_
