// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/served_identity.h"

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_access.h"
#include "pki/key/private_key.h"
#include "pki/name/distinguished_name.h"
#include "pki/wire/served_tls.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(1);

}  // namespace

absl::Status SeeServed(const HostPort& address, const ClusterCredentials& shown,
                       const Clock& clock) {
  ASSIGN_OR_RETURN(const pki::Certificate certificate,
                   pki::Certificate::FromPem(shown.certificate_pem));
  ASSIGN_OR_RETURN(const pki::PrivateKey key,
                   pki::PrivateKey::FromPem(shown.key_pem.Reveal(),
                                            pki::KeyAccess::Granted()));
  ASSIGN_OR_RETURN(const pki::TrustBundle bundle,
                   pki::TrustBundle::FromPem(shown.cluster_ca_pem));
  const std::string at = FormatHostPort(address);
  const auto served =
      pki::ObserveTls(address, certificate, key, kTimeout, clock);
  if (!served.ok()) {
    return absl::UnavailableError(
        absl::StrCat(at, " does not answer: ", served.status().message()));
  }
  if (served->leaf != certificate) {
    return absl::UnavailableError(
        absl::StrCat(at, " still serves the certificate before"));
  }
  for (const pki::Certificate& ca : bundle.certificates()) {
    if (pki::AsksFor(*served, ca)) continue;
    return absl::UnavailableError(absl::StrCat(
        at, " does not trust ", pki::ToText(ca.subject()), " yet"));
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
