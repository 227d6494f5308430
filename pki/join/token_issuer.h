// SPDX-License-Identifier: Apache-2.0
// Makes join tokens: a one-time key, a joiner certificate for it, and what a
// new system must know to find the cluster.
//
// Free function, thread-safe as far as the RandomSource is.
// Whether the caller may ask, and whether the name is free, is not decided
// here; a token is worth something once the replicated state knows it.
#ifndef MICROOVN_PKI_JOIN_TOKEN_ISSUER_H_
#define MICROOVN_PKI_JOIN_TOKEN_ISSUER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/text/host_port.h"
#include "pki/authority/certificate_authority.h"
#include "pki/join/join_token.h"
#include "pki/name/member_name.h"

namespace microovn::pki {

// MicroOVN's default.
// Long enough to install a system, short enough for a token left in a shell's
// history.
inline constexpr absl::Duration kTokenLifetime = absl::Hours(3);
// As long as the state keeps one (agent/state/values/limits.h).
inline constexpr absl::Duration kMaxTokenLifetime = absl::Hours(24);

struct TokenRequest {
  std::string cluster_id;
  // Of the system that may join.
  MemberName name;
  // Of all members, at most kMaxJoinAddresses; more are cut off.
  std::vector<HostPort> join_addresses;
  absl::Duration lifetime = kTokenLifetime;
  // Of the request that asks for it. Requests with the same id and name get
  // the same key, from any member that can use the CA, because an answer that
  // was lost must be repeatable and the token is not kept. Empty: a key of its
  // own.
  std::string request_id = "";
};

// What the cluster keeps of it: TokenId(key.public_key()), the public key's
// DER, name and expiry; the token itself is given out and forgotten.
absl::StatusOr<JoinToken> IssueJoinToken(const CertificateAuthority& cluster_ca,
                                         const TokenRequest& request,
                                         absl::Time now, RandomSource& random);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_JOIN_TOKEN_ISSUER_H_
