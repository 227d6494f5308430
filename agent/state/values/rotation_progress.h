// SPDX-License-Identifier: Apache-2.0
// How far the members have come with a CA's rotation, by what they say in their
// reports. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_ROTATION_PROGRESS_H_
#define MICROOVN_AGENT_STATE_VALUES_ROTATION_PROGRESS_H_

#include <vector>

#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// What a member says of itself.
enum class Said {
  // Its files agree with a generation of the CA.
  kPublished,
  // It has seen that served.
  kObserved,
};

// Members that have not come as far as the authority, in their order. One that
// leaves keeps what it has.
std::vector<const statepb::Member*> Behind(const ClusterState& state,
                                           const statepb::Authority& authority,
                                           Said said);

// Whether members that do not answer may be left behind by the rotation of
// `authority`. On OVN's plane always: their agents come back on the other one.
// On the cluster's while the old CA's key can be opened, which signs what they
// come back by, and while nobody is left behind by the rotation before.
bool CanBeSetAside(const ClusterState& state,
                   const statepb::Authority& authority);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_ROTATION_PROGRESS_H_
