// SPDX-License-Identifier: Apache-2.0
// What a command of the log does to the state: a pure function, the same on
// every member and at every replay.
//
//  * Time is the leader's stamp, see stamp.h.
//  * A refused command is a result with a code; it changes nothing but the
//    clocks and what is kept of its request.
//  * A repeated request is answered like its first try, see
//    completed_requests.h.
//  * Everything is validated here, whoever proposed it.
//  * Each thing that people may want to know of becomes an event and raises
//    the revision by one.
//
// Called by ReplicatedState and tests only.
#ifndef MICROOVN_AGENT_STATE_APPLY_H_
#define MICROOVN_AGENT_STATE_APPLY_H_

#include <cstdint>

#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// The newest format of commands that is understood.
inline constexpr uint32_t kCommandFormat = 1;

statepb::Result Apply(ClusterState& state, const statepb::Command& command);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_H_
