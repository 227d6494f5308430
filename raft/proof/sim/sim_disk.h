// SPDX-License-Identifier: Apache-2.0
// A member's disk. Writes reach it in order and are volatile until synced; at
// a crash any prefix of the volatile ones may have survived, as with one
// write-ahead log. It can also lose writes that were acknowledged, which a tail
// ring on another sector then knows (raft/storage/tail/tail_ring.h).
//
// Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_SIM_SIM_DISK_H_
#define MICROOVN_RAFT_PROOF_SIM_SIM_DISK_H_

#include <cstdint>
#include <deque>
#include <map>
#include <variant>

#include "base/crypto/random.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/proof/sim/sim_state_machine.h"

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

  // From now on so much is kept that LoseTail has something to lose.
  void KeepTail();
  // Goes back to before some of the last durable writes.
  void LoseTail(SeededRandom& random);
  // What `microovnd --recover` does to a member that is down.
  void EndQuarantine();
  bool in_quarantine() const { return promised_.sequence > durable_.sequence; }

  Recovered Recover() const;
  const SimStateMachine& state() const { return durable_.state; }
  // Whether the entry is durable, or covered by the durable base; or was, and
  // the member is in quarantine because it is not any more.
  bool Holds(LogIndex index, ChainHash chain) const;

 private:
  struct Installed {
    SnapshotMetadata base;
    SimStateMachine state;
  };
  using Operation =
      std::variant<Persist, SnapshotMetadata, SimStateMachine, Installed>;
  struct Image {
    void Apply(const Persist& persist);
    void Apply(const SnapshotMetadata& compacted);
    void Apply(const SimStateMachine& applied) { state = applied; }
    void Apply(const Installed& installed);
    bool Holds(LogIndex index, ChainHash chain) const;
    Quarantine Promise() const;

    HardState hard_state;
    SnapshotMetadata base;
    std::deque<Entry> entries;
    SimStateMachine state;
    uint64_t sequence = 0;  // of the last acknowledged write
  };
  struct Step {
    Operation operation;
    uint64_t sequence = 0;  // after it
  };
  struct Promised {
    uint64_t sequence = 0;
    Quarantine tail;
  };

  static void Redo(const Step& step, Image& image);
  void MakeDurable(Operation operation);

  Image durable_;
  std::deque<Operation> pending_;
  Promised promised_;  // the ring
  // What durable_ was before the steps in recent_.
  bool keep_ = false;
  Image earlier_;
  std::deque<Step> recent_;
  // Lost, until the quarantine ends.
  LogIndex lost_base_;
  std::map<LogIndex, ChainHash> lost_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_SIM_SIM_DISK_H_
