// One simulated run: a safety phase under the nemesis, then a liveness phase
// in which everything is healed and the cluster must soon commit again and all
// its members agree.
#ifndef MICROOVN_RAFT_SIM_SIMULATION_H_
#define MICROOVN_RAFT_SIM_SIMULATION_H_

#include <string>

#include "raft/sim/sim_cluster.h"
#include "raft/sim/sim_options.h"

namespace microovn::raft {

struct SimulationResult {
  std::string failure;  // empty: all held
  SimCluster::Stats stats;
};

SimulationResult Simulate(const SimOptions& options);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_SIM_SIMULATION_H_
