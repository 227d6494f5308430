// SPDX-License-Identifier: Apache-2.0
// Whether a certificate is good for a purpose, here and now, and if not, which
// link of its chain failed and why.
//
// Free function, thread-safe, reads no clock.
// X509_verify_cert(3) does the work, and is told nothing that OVS does not tell
// it, so that what passes here passes in a daemon's handshake. Used before a
// certificate is published or believed; gRPC's handshakes do not come here.
// Nobody asks CRLs or OCSP: a removed member is one that the registry does not
// know.
#ifndef MICROOVN_PKI_CERTIFICATE_CHAIN_VERIFIER_H_
#define MICROOVN_PKI_CERTIFICATE_CHAIN_VERIFIER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/trust_bundle.h"

namespace microovn::pki {

// kAny for authorities, whose certificates carry no extendedKeyUsage.
enum class Purpose { kAny, kTlsServer, kTlsClient };

struct ChainQuery {
  Certificate leaf;
  // Untrusted certificates that may link the leaf to an anchor.
  // In any order; the leaf and the anchor itself may be among them.
  std::vector<Certificate> intermediates;
  Purpose purpose = Purpose::kAny;
  absl::Time at;
  // When not empty, an alternative name that the leaf must have: a DNS name or
  // an IP address.
  std::string name;
};

// OK, or CERTIFICATE_REFUSED with one sentence. The chain must end in a
// self-signed certificate of `anchors`, as it must for OVS.
absl::Status VerifyChain(const TrustBundle& anchors, const ChainQuery& query);

// Whether `leaf` is of one of `anchors`; its dates are for others to judge.
bool IsOf(const TrustBundle& anchors, const Certificate& leaf);

// The time next to `now` at which the certificate's own dates are in order, for
// where they are another's matter. In its last second it counts as ended.
absl::Time WithinLife(const Certificate& certificate, absl::Time now);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_CHAIN_VERIFIER_H_
