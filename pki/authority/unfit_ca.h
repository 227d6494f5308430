// SPDX-License-Identifier: Apache-2.0
// What to do about a user's CA that cannot serve.
#ifndef MICROOVN_PKI_AUTHORITY_UNFIT_CA_H_
#define MICROOVN_PKI_AUTHORITY_UNFIT_CA_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "pki/certificate/certificate.h"

namespace microovn::pki {

// CA_INVALID with `why`, and the remedy for the first thing about `chain` that
// is known to keep a CA from serving. Pure.
absl::Status UnfitCa(const std::vector<Certificate>& chain, absl::Time now,
                     absl::string_view why);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_AUTHORITY_UNFIT_CA_H_
