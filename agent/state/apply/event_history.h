// SPDX-License-Identifier: Apache-2.0
// Which events the state keeps, so that neither a storm of one kind nor
// something that comes and goes pushes out what happened beside it. Pure.
#ifndef MICROOVN_AGENT_STATE_APPLY_EVENT_HISTORY_H_
#define MICROOVN_AGENT_STATE_APPLY_EVENT_HISTORY_H_

#include <cstdint>

#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// Of one type and resource within kRepeatSeconds of the cluster's clock, so
// many stand one by one; those after them are one event that counts.
inline constexpr int kToldOneByOne = 3;
inline constexpr int64_t kRepeatSeconds = 600;

// The newest event. What makes room is the oldest of the type that there is
// most of; Cluster.forgotten_revision tells of it.
void KeepEvent(ClusterState& state, const statepb::Event& event);

// `event` with what it repeats taken into it, which is kept no longer.
statepb::Event TakeInRepeated(ClusterState& state, statepb::Event event);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_EVENT_HISTORY_H_
