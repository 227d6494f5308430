// SPDX-License-Identifier: Apache-2.0
// What is wrong with single daemons, by what they answer now. Pure.
#ifndef MICROOVN_AGENT_HEALTH_DAEMON_FINDINGS_H_
#define MICROOVN_AGENT_HEALTH_DAEMON_FINDINGS_H_

#include <vector>

#include "agent/health/facts.h"
#include "agent/health/finding.h"

namespace microovn::agent {

// A daemon that answers nothing for this long is said to hang; one that has
// used the processor meanwhile works on something, for as long as the second.
inline constexpr absl::Duration kHangs = absl::Seconds(3);
inline constexpr absl::Duration kWorks = absl::Seconds(30);
// Listeners come and go in less.
inline constexpr absl::Duration kSettling = absl::Seconds(3);
// A client that looks for the leader goes from one server to the next.
inline constexpr absl::Duration kDisconnected = absl::Milliseconds(4500);
// Clients of a database that was away try again after eight seconds at most, at
// one server after the other.
inline constexpr absl::Duration kReconnecting = absl::Seconds(15);
// An ovn-northd needs a database's leader, asks one server after another for it
// and waits up to eight seconds after each: with five servers that is forty
// seconds from the moment on which it can reach them again.
inline constexpr absl::Duration kLeaderSearch = absl::Seconds(60);
// While no other is connected, the half of it after an election: the one that
// it has found may be the leader before, or the search has begun once more.
inline constexpr absl::Duration kLeaderSearchAfterElection = absl::Seconds(30);
// ovn-controller has registered itself long before.
inline constexpr absl::Duration kRegistering = absl::Seconds(5);
// How long chassis may have tunnels as they were set before, and agents not
// know better.
inline constexpr absl::Duration kMovingTunnels = absl::Seconds(15);
// Ends by itself that are no accident any more.
inline constexpr uint32_t kManyEnds = 3;

std::vector<Observed> FindDaemonProblems(const ClusterFacts& facts);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_DAEMON_FINDINGS_H_
