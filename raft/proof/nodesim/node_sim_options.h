// SPDX-License-Identifier: Apache-2.0
// What one run of the whole-node simulation does to its cluster: the mix of
// raft/proof/sim, and what only a real storage engine can meet. Immutable
// value.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_NODE_SIM_OPTIONS_H_
#define MICROOVN_RAFT_PROOF_NODESIM_NODE_SIM_OPTIONS_H_

#include <cstdint>

#include "raft/core/values/types.h"
#include "raft/proof/sim/sim_options.h"

namespace microovn::raft {

struct NodeSimOptions {
  // Clock skew, pauses and hints of broken connections are not used here.
  SimOptions sim;

  // Between two actions of a kind, on average; 0: never.
  Micros kill_every = 0;   // a process, not its machine
  Micros fault_every = 0;  // EIO, ENOSPC, a failed sync
  Micros cut_every = 0;    // of power, in the middle of a storage call
  Micros slow_every = 0;   // a disk that is slow for a while
};

NodeSimOptions DrawNodeSimOptions(uint64_t seed);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_NODE_SIM_OPTIONS_H_
