// SPDX-License-Identifier: Apache-2.0
// What the leader does about the ends of CAs, by its wall clock. Pure.
#ifndef MICROOVN_AGENT_OPERATIONS_CA_DATES_H_
#define MICROOVN_AGENT_OPERATIONS_CA_DATES_H_

#include <set>
#include <string>

#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// A renewal that somebody has cancelled does not begin again at once.
inline constexpr absl::Duration kAfterCancelledRenewal = absl::Hours(24);

// Keys of the cluster's own CAs whose successors are due: they near their end,
// have ended, or were made under a clock that was ahead. None while most
// agents' certificates are not valid at `now`: then that may be wrong.
std::set<std::string> DueRenewals(const ClusterState& state, absl::Time now);

// Keys of CAs whose successor is trusted beside them and that end, or have
// ended, before a member that is off could be waited for: what it serves ends
// with them.
std::set<std::string> EndingAuthorities(const ClusterState& state,
                                        absl::Time now);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_CA_DATES_H_
