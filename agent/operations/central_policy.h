// SPDX-License-Identifier: Apache-2.0
// Which member takes the place of a central that was removed or is lost: pure.
//
// The rules, each of which holds after every single change:
//  * One change at a time, and none while an operation runs.
//  * A member takes the place of one that was removed, or that has been silent
//    for as long as ovn.central-replacement says; never of one on which central
//    was disabled: that was somebody's wish.
//  * No more centrals that answer than ovn.central-count.
//  * Nothing while the centrals that answer are no majority of the servers:
//    the databases cannot change then, and ovn recover is a person's.
//  * A lost server goes only once the one in its place has the databases, so
//    that they never have fewer copies than before.
//  * Who takes the place is active, in contact and no worker.
#ifndef MICROOVN_AGENT_OPERATIONS_CENTRAL_POLICY_H_
#define MICROOVN_AGENT_OPERATIONS_CENTRAL_POLICY_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

struct CentralChange {
  // Borrowed from the state.
  const statepb::Member* member = nullptr;
  // Central is enabled on it, or disabled.
  bool enable = false;
  // For the log, a clause.
  std::string reason;
};

// How long a member has been silent, as the leader has seen it; zero for one
// that is in contact.
using SilentFor = std::function<absl::Duration(const std::string& member_id)>;

std::optional<CentralChange> DecideCentral(const ClusterState& state,
                                           const SilentFor& silent_for);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_CENTRAL_POLICY_H_
