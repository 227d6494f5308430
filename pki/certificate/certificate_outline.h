// SPDX-License-Identifier: Apache-2.0
// A certificate's shape and its key, read by this code alone.
//
// For members of a cluster that must all say the same of the same bytes, now
// and when they read the log again after years. What OpenSSL takes for a
// certificate depends on its version, its configuration and the providers that
// are loaded, and the members' differ. So nothing of it is asked here: the
// answer follows from the bytes, in one pass, without a clock.
//
// Whoever is about to use a certificate reads all of it (certificate.h).
#ifndef MICROOVN_PKI_CERTIFICATE_CERTIFICATE_OUTLINE_H_
#define MICROOVN_PKI_CERTIFICATE_CERTIFICATE_OUTLINE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn::pki {

// By what a SubjectPublicKeyInfo says; whether its point is on the curve is not
// computed.
enum class OutlinedKey {
  // P-256, P-384 or P-521 by name, with the point whole: the only form in which
  // PublicKey has one fingerprint.
  kEc,
  // Of another curve, or written otherwise.
  kOtherEc,
  kEd25519,
  // Of 2048 to 8192 bits.
  kRsa,
  kOther,
};

struct CertificateOutline {
  OutlinedKey key = OutlinedKey::kOther;
  // SHA-256 in hex: PublicKey::Fingerprint(), if the key is in one form.
  std::string spki_sha256;
};

// Of one to `most` certificates exactly as Certificate::ToPem() writes them,
// one after the other, and nothing beside them. INVALID_ARGUMENT for all else.
absl::StatusOr<std::vector<CertificateOutline>> OutlinesFromPem(
    absl::string_view pem, size_t most);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_CERTIFICATE_OUTLINE_H_
