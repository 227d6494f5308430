// SPDX-License-Identifier: Apache-2.0
// One simulated run. A safety phase under the nemesis; then a liveness phase:
// once a quorum is healed, and the rest is down or cut off, a write must commit
// within some election timeouts; once all are healed, every member must catch
// up and have the same state.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIMULATION_H_
#define MICROOVN_RAFT_PROOF_SIM_SIMULATION_H_

#include <cstdint>
#include <string>

#include "raft/proof/sim/sim_cluster.h"
#include "raft/proof/sim/sim_options.h"

namespace microovn::raft {

struct SimulationResult {
  std::string failure;  // empty: all held
  SimCluster::Stats stats;
  // Client operations whose history was searched without the witness; 0: this
  // run was not.
  uint64_t searched = 0;
};

SimulationResult Simulate(const SimOptions& options);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIMULATION_H_
