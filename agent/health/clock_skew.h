// SPDX-License-Identifier: Apache-2.0
// Which members' wall clocks are wrong. Nothing of the cluster lives by them
// but the certificates: those of a member that is a day off are not valid yet,
// or not any more, in the eyes of the others (pki::kBackdating). Pure.
#ifndef MICROOVN_AGENT_HEALTH_CLOCK_SKEW_H_
#define MICROOVN_AGENT_HEALTH_CLOCK_SKEW_H_

#include <map>
#include <string>

#include "absl/time/time.h"

namespace microovn::agent {

// Far more than a clock that is set by the network is off.
inline constexpr absl::Duration kMaxClockSkew = absl::Minutes(1);

// Who is further than kMaxClockSkew from the clock in the middle, and by how
// much; a positive number is ahead. `offsets` are against one clock of any of
// them. Of an even number the middle is that of the two which is nearer to
// `reference_id`: with two members, one of them has to be believed.
std::map<std::string, absl::Duration> SkewedClocks(
    const std::map<std::string, absl::Duration>& offsets,
    const std::string& reference_id);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_CLOCK_SKEW_H_
