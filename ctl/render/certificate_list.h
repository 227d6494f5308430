// SPDX-License-Identifier: Apache-2.0
// `certificates list` in MicroOVN's forms. Pure.
#ifndef MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_
#define MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_

#include <string>

#include "absl/time/time.h"
#include "ctl/render/table.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::ctl {

// Sections with files, dates and presence.
std::string CertificateText(const v1::ListCertificatesResponse& certificates);

// One object in MicroOVN's key order, null for what is absent, no newline.
// The same with what else is known of each: who issued it, its fingerprint, and
// what its port serves.
std::string CertificateDetails(
    const v1::ListCertificatesResponse& certificates);
std::string CertificateJson(const v1::ListCertificatesResponse& certificates);

// With validity and days left, for people.
Table CertificateTable(const v1::ListCertificatesResponse& certificates,
                       absl::Time now);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_
