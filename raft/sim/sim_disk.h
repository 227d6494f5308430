// A member's disk. Writes reach it in order and are volatile until synced; at
// a crash any prefix of the volatile ones may have survived, as with one
// write-ahead log. Thread-compatible.
#ifndef MICROOVN_RAFT_SIM_SIM_DISK_H_
#define MICROOVN_RAFT_SIM_SIM_DISK_H_

#include <deque>
#include <variant>

#include "base/random.h"
#include "raft/core/output.h"
#include "raft/core/recovered.h"
#include "raft/core/snapshot_metadata.h"
#include "raft/sim/sim_state_machine.h"

namespace microovn::raft {

class SimDisk {
 public:
  SimDisk() = default;
  explicit SimDisk(const Recovered& recovered);

  // Volatile.
  void Write(Persist persist) { pending_.push_back(std::move(persist)); }
  void Compact(SnapshotMetadata base) { pending_.push_back(std::move(base)); }
  void SaveState(const SimStateMachine& state) { pending_.push_back(state); }

  // Makes all up to the batch with `token` durable.
  void Sync(StorageToken token);
  void SyncAll();
  // One durable step.
  void Install(const SnapshotMetadata& snapshot, const SimStateMachine& state);
  void Crash(SeededRandom& random);

  Recovered Recover() const;
  const SimStateMachine& state() const { return state_; }
  // Whether the entry is durable, or covered by the durable base.
  bool Holds(LogIndex index, ChainHash chain) const;

 private:
  using Operation = std::variant<Persist, SnapshotMetadata, SimStateMachine>;

  void MakeDurable(Operation& write);
  void Apply(Persist& persist);
  void Apply(SnapshotMetadata& base);
  void Apply(SimStateMachine& state) { state_ = state; }

  HardState hard_state_;
  SnapshotMetadata base_;
  std::deque<Entry> entries_;
  SimStateMachine state_;
  std::deque<Operation> pending_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_SIM_SIM_DISK_H_
