// SPDX-License-Identifier: Apache-2.0
// Whether a CA can serve OVN, found out before anything is changed for it.
//
// Leaves of each kind are issued in memory and verified as OpenSSL and OVS will
// do it: alone and beside the CA that is in use, in both orders, as server and
// client, and by a handshake of every version of TLS. Whatever a CA has in its
// extensions, dates and algorithms shows there and needs no list.
#ifndef MICROOVN_PKI_TRIAL_AUTHORITY_TRIAL_H_
#define MICROOVN_PKI_TRIAL_AUTHORITY_TRIAL_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/profile.h"

namespace microovn::pki {

// What it issues must last for some time.
inline constexpr absl::Duration kShortestCaLife = absl::Hours(24);

struct AuthorityTrial {
  const CertificateAuthority& authority;
  // What is trusted while the new CA is brought out; may be empty.
  std::vector<Certificate> beside;
  // Whom it will issue for; at least one.
  std::vector<MemberFacts> members;
  absl::Time now;
};

// CA_INVALID with what is wrong and what to do about it. The authority is of
// OVN's plane. Thread-safe; keeps nothing of what it issues.
absl::Status TryAuthority(const AuthorityTrial& trial, RandomSource& random);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_TRIAL_AUTHORITY_TRIAL_H_
