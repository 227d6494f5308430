// SPDX-License-Identifier: Apache-2.0
// Certificates of the cluster CA that was retired last: members that were set
// aside show them until they have come back. Like expired ones they are good
// for nothing else (ADR 21, ADR 26). Pure.
#ifndef MICROOVN_AGENT_SERVER_RETIRED_CA_H_
#define MICROOVN_AGENT_SERVER_RETIRED_CA_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "pki/certificate/certificate.h"

namespace microovn::agent {

// `retired_pem` is empty when no CA is remembered.
bool IsOfRetired(absl::string_view retired_pem,
                 const pki::Certificate& certificate);

// CERTIFICATE_REFUSED, for that.
absl::Status RetiredCa(const pki::Certificate& certificate);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_RETIRED_CA_H_
