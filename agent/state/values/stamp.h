// SPDX-License-Identifier: Apache-2.0
// The leader's stamp on a command: the only time that the log knows.
//
// Whoever proposes, the leader writes both times when it appends the entry;
// what a proposer wrote there is gone. `clock_seconds` is the cluster's clock
// as the leader reckons it, and what tokens, joins, operations and kept answers
// live by. `time_seconds` is the leader's wall clock: a label, which nothing is
// decided by. `passed_by` is for who hears of it: no member speaks for another.
// Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_STAMP_H_
#define MICROOVN_AGENT_STATE_VALUES_STAMP_H_

#include <cstdint>
#include <string>

namespace microovn::agent {

// The end of the year 9999; sums of times cannot overflow below it.
inline constexpr int64_t kMaxSeconds = 253402300799;
// How far one command takes the cluster's clock at the most: whatever lives by
// it ends sooner. So even a leader that lies cannot bring it near its end.
inline constexpr int64_t kMaxClockStep = int64_t{48} * 3600;

struct Stamp {
  int64_t clock_seconds = 0;
  int64_t time_seconds = 0;
  // Who passed the command to the leader, by its certificate; empty: the leader
  // itself.
  std::string passed_by = "";
};

// Of the bytes of a Command. Bytes that are none are returned as they are:
// Apply refuses them.
std::string StampCommand(const std::string& command, const Stamp& stamp);

// Both within [0, kMaxSeconds].
Stamp Bounded(const Stamp& stamp);
// The cluster's clock after a command with `stamped`.
int64_t AdvanceClock(int64_t known, int64_t stamped);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_STAMP_H_
