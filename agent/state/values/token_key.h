// SPDX-License-Identifier: Apache-2.0
// A token's public key as the replicated state keeps it: the 32 bytes of
// RFC 8032, without the SubjectPublicKeyInfo around them (RFC 8410). Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_TOKEN_KEY_H_
#define MICROOVN_AGENT_STATE_VALUES_TOKEN_KEY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "pki/key/public_key.h"

namespace microovn::agent {

// SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING (32 bytes) }
inline constexpr char kEd25519Prefix[] =
    "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21";
inline constexpr size_t kEd25519PrefixSize = 12;

inline std::string RawTokenKey(const pki::PublicKey& key) {
  return key.der().substr(kEd25519PrefixSize);
}

inline absl::StatusOr<pki::PublicKey> TokenKeyOf(
    const internal::state::v1::JoinToken& token) {
  // The prefix ends with a zero byte, which the literal's terminator is.
  return pki::PublicKey::FromDer(
      absl::StrCat(absl::string_view(kEd25519Prefix, kEd25519PrefixSize),
                   token.public_key()));
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_TOKEN_KEY_H_
