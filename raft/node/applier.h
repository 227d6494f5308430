// The thread that applies: committed entries to the state machine, and all else
// that touches the applied state (snapshots to and from peers, compaction), in
// the order in which the core asked.
//
// What is applied is published and answered before it is written to the disk,
// together with what was applied after it meanwhile: the log, which is durable,
// repeats what a crash takes away.
#ifndef MICROOVN_RAFT_NODE_APPLIER_H_
#define MICROOVN_RAFT_NODE_APPLIER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "raft/core/input.h"
#include "raft/core/output.h"
#include "raft/core/types.h"
#include "raft/node/histogram.h"
#include "raft/node/log_writer.h"
#include "raft/node/pending_proposals.h"
#include "raft/node/state_machine.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/record.h"

namespace microovn::raft {

// A piece of the applied state at `index`, for a peer; wanted in `term`.
struct SnapshotPiece {
  MemberId to;
  Term term;
  LogIndex index;
  uint64_t offset = 0;
  Payload bytes;
  bool last = false;
};

using ApplierTask = std::variant<Apply, StoreSnapshotChunk, InstallSnapshot,
                                 SnapshotWanted, CompactLog>;

struct ApplierOptions {
  // The core hears of a checkpoint every so many entries, and may compact.
  uint64_t checkpoint_interval = 1024;
  // Options::state_mark_interval of the core, filled in by the node.
  uint64_t mark_interval = 256;
};

// What the applier works on and reports to; all outlive it. The functions run
// on its thread. After `failed` nothing more is done.
struct ApplierContext {
  LogStorage* storage = nullptr;
  StateMachine* machine = nullptr;
  LogWriter* writer = nullptr;
  PendingProposals* proposals = nullptr;
  std::function<void(Input)> report;
  std::function<void(SnapshotPiece)> give_piece;
  std::function<void(const absl::Status&)> failed;
};

// Thread-safe.
class Applier {
 public:
  Applier(const ApplierOptions& options, ApplierContext context,
          AppliedState initial);
  ~Applier();

  void Add(ApplierTask task);

  AppliedState applied() const;
  // Tells whether `index` was applied and published before `deadline`
  // (monotonic time, by way of Expire) and Stop. `done` runs exactly once, at
  // once if it is so already, otherwise on the thread that makes it so; it must
  // not block.
  using Waited = std::function<void(bool)>;
  void Await(LogIndex index, absl::Duration deadline, Waited done);
  void Expire(absl::Duration now);

  // Of each batch of entries.
  Histogram times() const;
  size_t waiting() const;

  // Ends the thread after the task under way, and all waiting.
  void Stop();

 private:
  // To one peer. An open reader keeps old data on the disk.
  struct Transfer {
    std::unique_ptr<SnapshotReader> reader;
    absl::Duration last_used;
  };

  struct Waiting {
    absl::Duration deadline;
    Waited done;
  };

  void Run();
  absl::Status DoAll(const std::deque<ApplierTask>& tasks);
  absl::Status WriteApplied();
  absl::Status Do(const Apply& task);
  absl::Status Do(const StoreSnapshotChunk& task);
  absl::Status Do(const InstallSnapshot& task);
  absl::Status Do(const SnapshotWanted& task);
  absl::Status Do(const CompactLog& task);
  void Publish(const AppliedState& now);
  void Took(absl::Duration duration);
  absl::StatusOr<SnapshotReader*> ReaderFor(const SnapshotWanted& task);
  void DropIdleReaders();

  const ApplierOptions options_;
  const ApplierContext context_;

  // Of the thread only.
  LogIndex checkpoint_;
  std::vector<Mutation> unwritten_;  // of what is applied
  LogIndex written_;
  std::vector<StateMark> marks_;  // not yet reported
  std::map<MemberId, Transfer> transfers_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  std::deque<ApplierTask> tasks_ ABSL_GUARDED_BY(mu_);
  Histogram times_ ABSL_GUARDED_BY(mu_);
  AppliedState applied_ ABSL_GUARDED_BY(mu_);
  std::multimap<LogIndex, Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLIER_H_
