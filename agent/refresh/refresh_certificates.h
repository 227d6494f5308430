// SPDX-License-Identifier: Apache-2.0
// What the timer refresh-expiring-certs runs: has the agent of this node issue
// those OVN certificates anew that end soon. The agent renews them by itself,
// too; this is for whoever does not want to depend on that, as MicroOVN's
// timer is.
#ifndef MICROOVN_AGENT_REFRESH_REFRESH_CERTIFICATES_H_
#define MICROOVN_AGENT_REFRESH_REFRESH_CERTIFICATES_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "microovn/v1/certificate.pb.h"

namespace microovn::agent {

// Services, other than the CA, whose certificate ends within `left` of `now`,
// has ended, or cannot be used. Pure.
std::vector<std::string> ServicesToReissue(
    const v1::ListCertificatesResponse& certificates, absl::Time now,
    absl::Duration left);

// Asks the agent at `socket`. A line for each service on `out`. A node that is
// no member has nothing to refresh.
absl::Status RefreshCertificates(const std::string& socket, absl::Time now,
                                 absl::Duration left, std::ostream& out);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_REFRESH_REFRESH_CERTIFICATES_H_
