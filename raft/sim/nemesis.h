// The one who breaks things: partitions, crashes, pauses, changes of the
// membership and hand-overs, each at random times of its own. Acts only on the
// public surface of SimCluster. Thread-compatible.
#ifndef MICROOVN_RAFT_SIM_NEMESIS_H_
#define MICROOVN_RAFT_SIM_NEMESIS_H_

#include <array>
#include <cstddef>

#include "raft/core/configuration.h"
#include "raft/sim/sim_cluster.h"

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
  void ChangeMembership();
  void Transfer();

  void CutHalves();
  void CutOne(size_t slot);
  void CutRandomLinks();
  void Cut(size_t from, size_t to);
  ConfigurationTarget DrawTarget(const Configuration& from);
  Time After(Micros every);
  bool OneIn(uint64_t n);

  SimCluster& cluster_;
  std::array<Kind, 5> kinds_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_SIM_NEMESIS_H_
