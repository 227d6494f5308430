// `certificates list` in MicroOVN's forms. Pure.
#ifndef MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_
#define MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_

#include <string>

#include "absl/time/time.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::ctl {

// Sections with files, dates and presence.
std::string CertificateText(const v1::ListCertificatesResponse& certificates);

// One object in MicroOVN's key order, null for what is absent, no newline.
std::string CertificateJson(const v1::ListCertificatesResponse& certificates);

// With validity and days left, for people.
std::string CertificateScreen(const v1::ListCertificatesResponse& certificates,
                              absl::Time now);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_CERTIFICATE_LIST_H_
