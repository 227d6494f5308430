// SPDX-License-Identifier: Apache-2.0
// Which certificates Apply lets into the state.
//
// All members must say the same of one entry, whatever OpenSSL they run with
// and whenever they read the log: see pki/certificate/certificate_outline.h.
// What can be judged only with more than that (names, dates, signatures) is the
// leader's to judge before it writes the entry.
//
// Pure. COMMAND_MALFORMED, with a stable word for why.
#ifndef MICROOVN_AGENT_STATE_APPLY_CERTIFICATE_RULES_H_
#define MICROOVN_AGENT_STATE_APPLY_CERTIFICATE_RULES_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/state/values/cluster_state.h"
#include "google/protobuf/repeated_field.h"

namespace microovn::agent {

inline constexpr size_t kMaxCertificateBytes = 16 << 10;
inline constexpr size_t kMaxBundleBytes = 256 << 10;

// How an entry's certificates are read.
enum class CertificateReading {
  // By the line that begins one: as logs were applied before all members could
  // do better.
  kByMarker,
  kInFull,
};

CertificateReading ReadingOf(const ClusterState& state);
// Of a cluster that this member founds, which no older agent is in.
CertificateReading ReadingOfFounder(const statepb::Member& founder);

// One certificate, whose key is one of `spki_sha256` and of a kind that OVS and
// TLS take.
absl::Status CheckMemberCertificate(
    absl::string_view pem,
    const google::protobuf::RepeatedPtrField<std::string>& spki_sha256,
    CertificateReading reading);
// One certificate of a key that can be sealed for.
absl::Status CheckSealingCertificate(absl::string_view pem,
                                     CertificateReading reading);
// Of a CA, or several: `field` names them in the error.
absl::Status CheckCaCertificates(absl::string_view field, absl::string_view pem,
                                 size_t limit, CertificateReading reading);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_CERTIFICATE_RULES_H_
