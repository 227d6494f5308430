// SPDX-License-Identifier: Apache-2.0
// Whether this agent lives: pure.
#ifndef MICROOVN_AGENT_WATCHDOG_PROOF_OF_LIFE_H_
#define MICROOVN_AGENT_WATCHDOG_PROOF_OF_LIFE_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "agent/member/life_signs.h"

namespace microovn::agent {

// The raft thread has a turn several times a second; what it waits for is never
// a disk or a peer.
inline constexpr absl::Duration kLongestLogTurn = absl::Seconds(10);
// A pass may begin so late on a busy machine.
inline constexpr absl::Duration kLatestPass = absl::Seconds(30);

// Names the thread that is stuck and says for how long; empty if none is.
// `signs` is empty on a node that is no member, `now` monotonic time.
std::string WhatIsStuck(const std::optional<LifeSigns>& signs,
                        absl::Duration now);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCHDOG_PROOF_OF_LIFE_H_
