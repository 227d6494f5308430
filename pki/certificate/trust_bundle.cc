// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/trust_bundle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"

namespace microovn::pki {
namespace {

auto HasFingerprint(absl::string_view fingerprint) {
  return [fingerprint](const Certificate& certificate) {
    return certificate.fingerprint() == fingerprint;
  };
}

}  // namespace

absl::StatusOr<TrustBundle> TrustBundle::FromPem(absl::string_view pem) {
  ASSIGN_OR_RETURN(const std::vector<Certificate> certificates,
                   Certificate::BundleFromPem(pem));
  return From(certificates);
}

absl::StatusOr<TrustBundle> TrustBundle::From(
    const std::vector<Certificate>& certificates) {
  TrustBundle bundle;
  for (const Certificate& certificate : certificates) {
    RETURN_IF_ERROR(bundle.Add(certificate));
  }
  return bundle;
}

absl::Status TrustBundle::Add(const Certificate& certificate) {
  // A self-signed leaf among the anchors would be trusted as its own issuer.
  if (!certificate.is_ca()) {
    return CaInvalid(
        absl::StrCat(ToText(certificate.subject()), " is not a CA"));
  }
  if (Find(certificate.fingerprint()) != nullptr) return absl::OkStatus();
  if (certificates_.size() == kMaxCertificates) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "more than ", kMaxCertificates, " CA certificates in one bundle"));
  }
  certificates_.push_back(certificate);
  return absl::OkStatus();
}

bool TrustBundle::Remove(absl::string_view fingerprint) {
  const auto end = std::remove_if(certificates_.begin(), certificates_.end(),
                                  HasFingerprint(fingerprint));
  const bool found = end != certificates_.end();
  certificates_.erase(end, certificates_.end());
  return found;
}

const Certificate* TrustBundle::Find(absl::string_view fingerprint) const {
  const auto found = std::find_if(certificates_.begin(), certificates_.end(),
                                  HasFingerprint(fingerprint));
  return found == certificates_.end() ? nullptr : &*found;
}

std::string TrustBundle::ToPem() const {
  std::string pem;
  for (const Certificate& certificate : certificates_) {
    pem += certificate.ToPem();
  }
  return pem;
}

}  // namespace microovn::pki
