// What a command of the log does to the state: a pure function, the same on
// every member and at every replay.
//
//  * Time is cluster time: the greatest proposer's clock seen so far.
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

#include <cstddef>
#include <cstdint>

#include "agent/state/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// The newest format of commands that is understood.
inline constexpr uint32_t kCommandFormat = 1;
inline constexpr size_t kMaxEvents = 1000;
inline constexpr size_t kMaxTokens = 1000;
inline constexpr size_t kMaxTombstones = 10000;
inline constexpr size_t kMaxRunningOperations = 100;
inline constexpr size_t kMaxEndedOperations = 200;
inline constexpr int64_t kMaxTokenLifeSeconds = int64_t{24} * 3600;
// A joiner that has not confirmed by then is taken back. It waits for its log
// for half of that.
inline constexpr int64_t kJoinSeconds = 60;
// Wrong attempts after which a token locks.
inline constexpr uint32_t kMaxTokenFailures = 5;

statepb::Result Apply(ClusterState& state, const statepb::Command& command);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_APPLY_H_
