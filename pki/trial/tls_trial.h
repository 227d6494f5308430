// SPDX-License-Identifier: Apache-2.0
// A TLS connection between two of OVN's daemons, made in memory.
//
// As Open vSwitch makes it: the trusted CAs from one bundle, the peer's
// certificate demanded on both sides, no names looked at. What fails here fails
// between daemons.
#ifndef MICROOVN_PKI_TRIAL_TLS_TRIAL_H_
#define MICROOVN_PKI_TRIAL_TLS_TRIAL_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/private_key.h"

namespace microovn::pki {

struct TlsParty {
  const TrustBundle& trusts;
  const Certificate& certificate;
  const PrivateKey& key;
};

// With `version` of TLS (TLS1_2_VERSION, TLS1_3_VERSION), at `now`.
// CERTIFICATE_REFUSED says which side refused and why. Thread-safe.
absl::Status TryTls(const TlsParty& server, const TlsParty& client, int version,
                    absl::Time now);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_TRIAL_TLS_TRIAL_H_
