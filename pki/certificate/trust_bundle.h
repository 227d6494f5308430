// SPDX-License-Identifier: Apache-2.0
// The CA certificates that are trusted at a time: one as a rule, the old and
// the new during a rotation, a chain with a user's CA.
//
// All of it is trusted in full by everyone who gets it as cacert.pem, so
// nothing is ever added because it came along with something else.
#ifndef MICROOVN_PKI_CERTIFICATE_TRUST_BUNDLE_H_
#define MICROOVN_PKI_CERTIFICATE_TRUST_BUNDLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pki/certificate/certificate.h"

namespace microovn::pki {

// A value: copyable, thread-compatible. Order is that of adding.
class TrustBundle {
 public:
  // Two chains, as during a rotation, fit many times.
  static constexpr size_t kMaxCertificates = 64;

  TrustBundle() = default;
  static absl::StatusOr<TrustBundle> FromPem(absl::string_view pem);
  static absl::StatusOr<TrustBundle> From(
      const std::vector<Certificate>& certificates);

  // Nothing happens when it is there already. CA_INVALID when it is not a CA,
  // RESOURCE_EXHAUSTED at the limit.
  absl::Status Add(const Certificate& certificate);
  // Whether it was there.
  // By Certificate::fingerprint(), not by name: during a rotation two CAs have
  // the same subject.
  bool Remove(absl::string_view fingerprint);
  // Null when it is not there; valid until the bundle changes.
  const Certificate* Find(absl::string_view fingerprint) const;

  const std::vector<Certificate>& certificates() const { return certificates_; }
  bool empty() const { return certificates_.empty(); }
  std::string ToPem() const;

 private:
  std::vector<Certificate> certificates_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_TRUST_BUNDLE_H_
