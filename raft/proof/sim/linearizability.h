// SPDX-License-Identifier: Apache-2.0
// Checks histories of reads and writes on registers against the definition of
// linearizability alone, without knowing how the system works: is there one
// order of all operations that respects real time and explains every read?
// The search is Wing and Gong's with Lowe's memory of visited configurations
// (Testing for linearizability, 2016), for each key by itself: a history is
// linearizable if and only if its part of each key is. For the simulator and
// for runs of real processes.
//
// Pure function.
#ifndef MICROOVN_RAFT_PROOF_SIM_LINEARIZABILITY_H_
#define MICROOVN_RAFT_PROOF_SIM_LINEARIZABILITY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace microovn::raft {

struct RegisterOperation {
  enum class Kind { kRead, kWrite };
  enum class Outcome {
    kOk,
    kRefused,  // certainly did not and will not take effect
    kUnknown,  // may take effect at any time after `invoked`, or never
  };

  uint64_t client = 0;
  std::string key;
  Kind kind = Kind::kRead;
  // What is written, or what a read observed; empty: none, as at the start.
  std::string value;
  // Of one clock, in any unit. An operation that returned when another was
  // invoked, by equal times, may come after it.
  int64_t invoked = 0;
  int64_t returned = 0;  // only of kOk
  Outcome outcome = Outcome::kOk;
};

enum class Verdict {
  kLinearizable,
  kViolation,
  kUndecided,  // for want of steps, or the history makes no sense
};

struct LinearizabilityResult {
  Verdict verdict = Verdict::kLinearizable;
  std::string explanation;  // empty if linearizable
  uint64_t steps = 0;       // of all keys
};

// The search is exponential in the worst case; it gives up a key after it has
// tried to place a write `max_steps_per_key` times. A violation on one key
// outweighs an undecided other one.
LinearizabilityResult CheckLinearizable(
    const std::vector<RegisterOperation>& history, uint64_t max_steps_per_key);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_LINEARIZABILITY_H_
