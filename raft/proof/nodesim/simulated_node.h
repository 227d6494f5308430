// SPDX-License-Identifier: Apache-2.0
// One process of a member: the real core, ready handler and RocksDB, on a
// simulated disk and in one thread. The turns that the writer's and the
// applier's threads would take are calls; what Applier does in its thread
// stands here once more, in the same order. Its death leaves a disk image.
//
// Thread-compatible.
#ifndef MICROOVN_RAFT_PROOF_NODESIM_SIMULATED_NODE_H_
#define MICROOVN_RAFT_PROOF_NODESIM_SIMULATED_NODE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/crypto/random.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/input.h"
#include "raft/core/values/options.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/state_mark.h"
#include "raft/node/apply/applier.h"
#include "raft/node/loop/ready_handler.h"
#include "raft/proof/nodesim/kv_machine.h"
#include "raft/storage/record/record.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {

// What was applied, for the checks and for who waits.
struct AppliedCommand {
  LogIndex index;
  Term term;
  bool command = false;
  uint64_t operation = 0;  // which took effect here; 0: none
  LogIndex effect;         // where the command did
  uint64_t hash = 0;       // of the running hash after it
};

// The node's surroundings. They must not call the node back.
struct SimulatedNodeContext {
  std::function<void(Message)> send;
  // A turn of the writer or the applier is due, once; a write of the state,
  // after a while.
  std::function<void()> writer_due;
  std::function<void()> applier_due;
  std::function<void()> state_write_due;
  // Into the inbox.
  std::function<void(Input)> report;
};

// What a member's disk must hold: where its log ends, and its vote.
struct LogTail {
  HardState hard_state;
  LogIndex last;
  ChainHash chain;

  friend bool operator==(const LogTail& a, const LogTail& b) {
    return a.hard_state == b.hard_state && a.last == b.last &&
           a.chain == b.chain;
  }
};

class SimulatedNode {
 public:
  struct Settings {
    Options core;
    uint64_t checkpoint_every = 50;
  };

  SimulatedNode(DiskImage disk, const Settings& settings,
                SimulatedNodeContext context);
  ~SimulatedNode();

  absl::Status Create(const Identity& identity, const Recovered& initial);
  // As RaftNode::Open. DATA_LOSS also when the disk holds another log than one
  // of `expected`, if there are any.
  absl::Status Start(uint64_t seed, Time now,
                     const std::vector<LogTail>& expected);

  // The output's parts that are not the handler's are left in it.
  Output Step(Time now, Input input);
  void Handle(Output* output);
  // Everything that waits to be written, with one sync.
  absl::Status WriterTurn();
  // Every task that waits; what was applied and may be answered, also when it
  // fails: the product answers before it writes the state, which it does later
  // for all that it applied.
  absl::Status ApplierTurn(std::vector<AppliedCommand>* applied);
  absl::Status StateWriteTurn();

  // The process ends; the disk as it was then.
  DiskImage Kill();
  // Whether files are shorter than they were, but for the tail ring.
  static bool LostBytes(const DiskImage& before, const DiskImage& after);

  bool running() const { return core_.has_value(); }
  const RaftCore& core() const { return *core_; }
  const KvMachine& machine() const { return machine_; }
  LogIndex applied() const { return applied_.index; }
  // Of the running hash at applied().
  uint64_t hash() const;
  SimVolume& volume() { return env_->volume(); }
  // What must be there, and also what may be after a write that did not end.
  std::vector<LogTail> expected() const;

 private:
  absl::Status RunJobs();
  void Do(const Apply& task, std::vector<AppliedCommand>* applied);
  absl::Status WriteApplied();
  absl::Status DoOther(const ApplierTask& task);
  absl::Status Do(const StoreSnapshotChunk& task);
  absl::Status Do(const InstallSnapshot& task);
  absl::Status Do(const SnapshotWanted& task);

  const Settings settings_;
  const SimulatedNodeContext context_;
  std::unique_ptr<SimEnv> env_;
  std::unique_ptr<RocksdbLogStorage> storage_;
  std::optional<RaftCore> core_;
  std::optional<ReadyHandler> handler_;
  KvMachine machine_;
  AppliedState applied_;
  LogIndex checkpoint_;
  LogIndex written_;  // what WriteState had of applied_
  bool state_write_planned_ = false;
  std::vector<Mutation> mutations_;
  std::vector<StateMark> marks_;
  std::vector<Persist> unwritten_;
  std::deque<ApplierTask> tasks_;
  std::map<MemberId, std::unique_ptr<SnapshotReader>> readers_;
  std::map<MemberId, SnapshotMetadata> sending_;
  LogTail stored_;
  std::optional<LogTail> writing_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_PROOF_NODESIM_SIMULATED_NODE_H_
