// SPDX-License-Identifier: Apache-2.0
// One run of whole nodes: a safety phase under the nemesis, then everything is
// healed, and the cluster must commit again and all its members must agree.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_NODE_SIMULATION_H_
#define MICROOVN_RAFT_PROOF_NODESIM_NODE_SIMULATION_H_

#include <string>

#include "raft/proof/nodesim/node_cluster.h"
#include "raft/proof/nodesim/node_sim_options.h"

namespace microovn::raft {

struct NodeSimulationResult {
  std::string failure;  // empty: all held
  NodeCluster::Stats stats;
};

NodeSimulationResult SimulateNodes(const NodeSimOptions& options);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_NODE_SIMULATION_H_
