// SPDX-License-Identifier: Apache-2.0
// The certificate that a port serves now, as its fingerprint. Files say what a
// daemon should serve; this is what it does.
//
// Blocking, thread-safe; opens and closes one connection.
#ifndef MICROOVN_PKI_PUBLISHING_SERVED_CERTIFICATE_H_
#define MICROOVN_PKI_PUBLISHING_SERVED_CERTIFICATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/text/host_port.h"

namespace microovn::pki {

// Certificate::fingerprint() of what is served at `address`, an IP address.
// Shows the published client certificate of `pki_directory`, if there is one:
// Open vSwitch logs who has none. Nothing is verified: what is served is what
// is asked. UNAVAILABLE when nothing answers within `timeout`.
absl::StatusOr<std::string> ServedFingerprint(const HostPort& address,
                                              const std::string& pki_directory,
                                              absl::Duration timeout);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_PUBLISHING_SERVED_CERTIFICATE_H_
