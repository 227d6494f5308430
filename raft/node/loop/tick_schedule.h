// SPDX-License-Identifier: Apache-2.0
// When the core is told that time has passed. Pure.
#ifndef MICROOVN_RAFT_NODE_LOOP_TICK_SCHEDULE_H_
#define MICROOVN_RAFT_NODE_LOOP_TICK_SCHEDULE_H_

#include "raft/core/values/options.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// The core asks for a time (NextWakeup); the rest is so that deadlines it does
// not know are met, and that a long sleep is not mistaken for a process that
// was stopped.
class TickSchedule {
 public:
  explicit TickSchedule(const Options& options)
      : longest_silence_(options.election_timeout / 4) {}

  // Whether who is awake tells it: something is due, or it has not been told
  // for a while and it costs nothing now.
  static bool IsDue(Time now, Time wanted, Time last_tick) {
    return now >= wanted || now >= last_tick + kGrain;
  }

  // When to wake for it if nothing else happens. `wanted` is the core's own
  // deadline. Where somebody waits for a deadline that the core does not know,
  // it is looked at every kGrain.
  Time NextWake(Time wanted, Time last_tick, bool somebody_waits) const {
    const Time latest =
        last_tick + (somebody_waits ? kGrain : longest_silence_);
    return wanted < latest ? wanted : latest;
  }

 private:
  static constexpr Micros kGrain = 50'000;

  // The core takes a silence of half an election timeout for a process that
  // was stopped (raft.md 5b.22). Half of that is for a busy machine. Who hears
  // heartbeats is told with each of them and needs no wake-up of its own.
  const Micros longest_silence_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_TICK_SCHEDULE_H_
