// SPDX-License-Identifier: Apache-2.0
// The one line that lets one named system join one cluster once.
//
// Base64 of a JSON object whose fields are, in this order: name, secret
// (base64 of an Ed25519 seed), fingerprint (SHA-256 of the cluster CA's public
// key in hex: the pin), join_addresses, certificate (base64 of the joiner
// certificate in DER, for the secret's key), cluster, expires (RFC 3339),
// checksum. The cluster keeps the public key only, so who reads its state
// cannot join.
#ifndef MICROOVN_PKI_JOIN_JOIN_TOKEN_H_
#define MICROOVN_PKI_JOIN_JOIN_TOKEN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/crypto/secret_string.h"
#include "base/text/host_port.h"
#include "pki/certificate/certificate.h"
#include "pki/key/private_key.h"
#include "pki/key/public_key.h"
#include "pki/name/member_name.h"

namespace microovn::pki {

// Room for kMaxJoinAddresses of any form and a certificate of ours.
inline constexpr size_t kMaxTokenBytes = 16 << 10;
inline constexpr size_t kMaxJoinAddresses = 64;

// Movable. Holds the secret.
// Whoever has it may join once under `name` until `expires`; it is no key to
// anything after that. It is never logged and never stored by the cluster.
struct JoinToken {
  // Of the system that may join.
  MemberName name;
  // The one-time Ed25519 key.
  PrivateKey key;
  // PublicKey::Fingerprint() of the cluster CA.
  std::string ca_pin;
  std::vector<HostPort> join_addresses;
  // For `key`, of the cluster plane, kind joiner.
  Certificate certificate;
  std::string cluster_id;
  // Whole seconds.
  absl::Time expires;
};

// What a token is listed, revoked and looked up by: the first 32 hex digits of
// its public key's fingerprint.
std::string TokenId(const PublicKey& public_key);

// One line. INVALID_ARGUMENT when a field breaks a bound.
absl::StatusOr<SecretString> EncodeJoinToken(const JoinToken& token);

// White space anywhere is ignored: terminals wrap long lines. TOKEN_MALFORMED,
// TOKEN_TRUNCATED, TOKEN_TOO_LONG or TOKEN_CORRUPT say what is wrong. The
// fields agree with each other afterwards; nothing is said about trust or time.
absl::StatusOr<JoinToken> DecodeJoinToken(absl::string_view text);

// TOKEN_NAME_MISMATCH when this system cannot use it. Whether it has expired is
// for the cluster to say, by its own clock: this system's may be wrong.
// Checked before anything is sent, so that a mistake does not use the token up.
absl::Status CheckJoinToken(const JoinToken& token, const MemberName& own_name);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_JOIN_JOIN_TOKEN_H_
