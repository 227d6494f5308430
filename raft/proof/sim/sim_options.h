// SPDX-License-Identifier: Apache-2.0
// What one simulated run does to its cluster. Each seed draws its own mix
// (swarm testing): a run with few kinds of fault reaches states that a run
// with all of them does not. Immutable value.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_OPTIONS_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "raft/core/values/options.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Chances are per million.
struct SimOptions {
  uint64_t seed = 1;
  Options core;
  Micros duration = 20'000'000;  // of the safety phase

  size_t voters = 3;
  size_t learners = 0;
  size_t max_members = 7;

  Micros tick = 10'000;
  uint64_t max_skew = 0;  // of clock rates, per million
  Micros min_delay = 100;
  Micros max_delay = 2'000;
  uint64_t slow_chance = 0;  // a message takes up to 100 times as long
  uint64_t loss_chance = 0;
  uint64_t duplicate_chance = 0;
  uint64_t hint_chance = 0;  // a broken connection is noticed

  Micros min_sync = 100;
  Micros max_sync = 2'000;
  Micros max_apply = 500;

  size_t clients = 4;
  Micros client_pause = 10'000;
  uint64_t read_chance = 300'000;
  uint64_t checkpoint_every = 50;  // applied entries
  // Besides the check by witness, which every run has.
  bool search_linearizability = false;

  // Between two actions of a kind, on average; 0: never.
  Micros partition_every = 0;
  Micros crash_every = 0;
  Micros pause_every = 0;
  Micros membership_every = 0;
  Micros transfer_every = 0;
  Micros tail_loss_every = 0;
  Micros disk_stall_every = 0;
  Micros clock_jump_every = 0;
  Micros loss_every = 0;         // of all data of a member
  Micros wrong_apply_every = 0;  // of one member only
  // Of one learner, which does nothing else; it is among `learners`.
  Micros lie_every = 0;
};

SimOptions DrawOptions(uint64_t seed);
// The same with a learner that lies.
SimOptions DrawOptionsWithLiar(uint64_t seed);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_OPTIONS_H_
