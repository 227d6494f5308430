// SPDX-License-Identifier: Apache-2.0
// The one who breaks things: partitions, crashes, pauses, stalled disks,
// leaping clocks, lost writes and lost data directories, wrong states, changes
// of the membership and hand-overs, each at random times of its own. Acts only
// on the public surface of SimCluster. Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_SIM_NEMESIS_H_
#define MICROOVN_RAFT_PROOF_SIM_NEMESIS_H_

#include <array>
#include <cstddef>

#include "raft/core/values/configuration.h"
#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {

class Nemesis {
 public:
  // `cluster` must outlive this.
  explicit Nemesis(SimCluster& cluster);

  // When the next action is due; run the cluster up to there, then Act.
  Time next() const;
  void Act();

 private:
  using Action = void (Nemesis::*)();
  struct Kind {
    Action action;
    Micros every = 0;
    Time next;
  };

  void Partition();
  void CrashOrStart();
  void Pause();
  void StallDisk();
  void JumpClock();
  void LoseMember();
  void LoseTail();
  void ApplyWrongly();

  // In every configuration that anybody may be using, a majority is sound if
  // `slot` is not.
  bool MayLose(size_t slot) const;
  bool AnyInQuarantine() const;
  void ChangeMembership();
  void Transfer();

  void CutHalves();
  void CutOne(size_t slot);
  void CutRandomLinks();
  void Cut(size_t from, size_t to);
  ConfigurationTarget DrawTarget(const Configuration& from);
  // Someone who may be added to `from`.
  size_t Newcomer(const Configuration& from);
  size_t RandomSlot();
  Time After(Micros every);
  bool OneIn(uint64_t n);

  SimCluster& cluster_;
  std::array<Kind, 10> kinds_;
  bool was_wrong_ = false;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_NEMESIS_H_
