// SPDX-License-Identifier: Apache-2.0
// The way from one election timer of OVN's databases to another: pure.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_H_

#include <optional>

#include "absl/time/time.h"

namespace microovn::agent {

// What a large database has while its schema is converted.
inline constexpr absl::Duration kConversionElectionTimer = absl::Seconds(16);

// What to ask the leader for next; empty when there is nothing to ask for, or
// `now` is not known. A server takes any that is shorter, and at most twice
// the one it has: a follower that has not heard of a longer one yet must not
// take the leader for dead.
std::optional<absl::Duration> NextElectionTimer(absl::Duration now,
                                                absl::Duration wanted);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_H_
