// SPDX-License-Identifier: Apache-2.0
// Certificates that have ended, or will before somebody has done something
// about it. Pure.
#ifndef MICROOVN_AGENT_HEALTH_CERTIFICATE_FINDINGS_H_
#define MICROOVN_AGENT_HEALTH_CERTIFICATE_FINDINGS_H_

#include <vector>

#include "absl/time/time.h"
#include "agent/health/facts.h"
#include "agent/health/finding.h"

namespace microovn::agent {

// Before the end of a CA, which takes people to replace: a quarter of a year,
// and then there is no time left.
inline constexpr absl::Duration kCaNearsItsEnd = absl::Hours(90 * 24);
inline constexpr absl::Duration kCaIsAtItsEnd = absl::Hours(10 * 24);
// A certificate is renewed at night from the tenth day before its end on; one
// that is here has been tried and failed.
inline constexpr absl::Duration kRenewalFailed = absl::Hours(7 * 24);
// One that nobody can renew is told of while there is time to mend that.
inline constexpr absl::Duration kCannotRenew = absl::Hours(30 * 24);
inline constexpr absl::Duration kCertificateIsAtItsEnd = absl::Hours(48);

// A rotation takes seconds; one that takes longer waits for somebody.
inline constexpr absl::Duration kRotationWaits = absl::Seconds(60);

std::vector<Observed> FindCertificateProblems(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CERTIFICATE_FINDINGS_H_
