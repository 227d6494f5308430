// SPDX-License-Identifier: Apache-2.0
#include "agent/server/retired_ca.h"

#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/errors.h"
#include "pki/name/distinguished_name.h"

namespace microovn::agent {

bool IsOfRetired(absl::string_view retired_pem,
                 const pki::Certificate& certificate) {
  if (retired_pem.empty()) return false;
  const auto retired = pki::TrustBundle::FromPem(retired_pem);
  return retired.ok() && pki::IsOf(*retired, certificate);
}

absl::Status RetiredCa(const pki::Certificate& certificate) {
  return pki::CertificateRefused(pki::ToText(certificate.subject()),
                                 "it is of a CA that was replaced");
}

}  // namespace microovn::agent
