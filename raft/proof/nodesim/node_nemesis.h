// SPDX-License-Identifier: Apache-2.0
// Breaks a NodeCluster: partitions, power cuts, kills, failing, full and slow
// disks, changes of the membership; each at random times of its own. Acts only
// on the public surface of NodeCluster. Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_NODE_NEMESIS_H_
#define MICROOVN_RAFT_PROOF_NODESIM_NODE_NEMESIS_H_

#include <functional>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/proof/nodesim/node_cluster.h"

namespace microovn::raft {

class NodeNemesis {
 public:
  // `cluster` must outlive this.
  explicit NodeNemesis(NodeCluster* cluster);

  // When the next action is due; run the cluster up to there, then Act.
  Time next() const;
  void Act();

 private:
  struct Kind {
    std::function<void()> action;
    Micros every = 0;
    Time next;
  };

  void Partition();
  void CutPower();
  void Kill();
  void BreakDisk();
  void CutPowerWithin();
  void SlowDown();
  void ChangeMembership();
  ConfigurationTarget DrawTarget(const Configuration& from);
  size_t DrawSlot();
  void StartLater(size_t slot);
  Time After(Micros every);
  bool OneIn(uint64_t n) { return cluster_->random().Uniform(n) == 0; }

  NodeCluster* const cluster_;
  std::vector<Kind> kinds_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_NODE_NEMESIS_H_
