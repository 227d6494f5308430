// SPDX-License-Identifier: Apache-2.0
// Applies: committed entries to the state machine, and all else that touches
// the applied state (snapshots to and from peers, compaction), in the order in
// which the core asked.
//
// A few entries are applied by whoever brings them, if nobody else is at it: a
// thread less to wake on the way to an answer. All that is long or touches the
// disk is for the applier's thread.
//
// What is applied is published and answered before it is written to the disk,
// together with what is applied shortly after it: the log, which is durable,
// repeats what a crash takes away.
#ifndef MICROOVN_RAFT_NODE_APPLY_APPLIER_H_
#define MICROOVN_RAFT_NODE_APPLY_APPLIER_H_

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
#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/log_writer.h"
#include "raft/node/apply/pending_proposals.h"
#include "raft/node/apply/state_machine.h"
#include "raft/node/metrics/histogram.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

// A piece of the applied state at `index`, for a peer; wanted in `term`.
// It goes back through the inbox: the core decides whether the peer still wants
// it.
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
  // What is applied is written to the disk after so long, or when it is so
  // much: a restart repeats it from the log.
  absl::Duration write_delay = absl::Milliseconds(10);
  size_t write_bytes = size_t{256} << 10;
  // More entries than this are for the thread.
  size_t most_on_caller = 4;
};

// What the applier works on and reports to; all outlive it. The functions run
// on its thread or on that of Work. After `failed` nothing more is done.
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
// What is applied is ahead of what is written by write_delay at most. To the
// core only what is written is reported (Applied, Checkpointed), so it never
// compacts what a restart has to repeat.
class Applier {
 public:
  Applier(const ApplierOptions& options, ApplierContext context,
          AppliedState initial);
  ~Applier();

  // Work must follow, without a lock held.
  void Add(ApplierTask task);
  // Applies what waits if it is little, and otherwise has the thread do it.
  void Work();

  // A copy; may be behind when it is read, never ahead.
  AppliedState applied() const;
  // Tells whether `index` was applied and published before `deadline`
  // (monotonic time, by way of Expire) and Stop. `done` runs exactly once, at
  // once if it is so already, otherwise on the thread that makes it so; it must
  // not block.
  using Waited = std::function<void(bool)>;
  void Await(LogIndex index, absl::Duration deadline, Waited done);
  // Tells `false` to whoever has waited past its deadline.
  void Expire(absl::Duration now);

  // Of each batch of entries.
  Histogram times() const;
  size_t waiting() const;

  // Ends after the tasks under way, and ends all waiting. What is applied is
  // written then.
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
  bool ClaimForThread(std::deque<ApplierTask>* tasks);
  bool ClaimForCaller(std::deque<ApplierTask>* tasks);
  bool IsLittle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Gives the claim back and plans the next write.
  void Release();
  // Stops at the first error, which is final (log_storage.h).
  absl::Status DoAll(const std::deque<ApplierTask>& tasks);
  bool WriteIsDue() const;
  absl::Status WriteApplied();
  void DoApply(const Apply& task);
  absl::Status Do(const Apply& task);
  absl::Status Do(const StoreSnapshotChunk& task);
  absl::Status Do(const InstallSnapshot& task);
  absl::Status Do(const SnapshotWanted& task);
  absl::Status Do(const CompactLog& task);
  void Publish(const AppliedState& now);
  void Took(absl::Duration duration);
  absl::StatusOr<SnapshotReader*> ReaderFor(const SnapshotWanted& task);
  void DropIdleReaders();
  void KeepWhatIsApplied();

  const ApplierOptions options_;
  const ApplierContext context_;

  // With the claim (busy_) only.
  LogIndex checkpoint_;
  // In order; a later one of a key wins when they are written.
  std::vector<Mutation> unwritten_;  // of what is applied
  size_t unwritten_bytes_ = 0;
  LogIndex written_;
  bool failed_ = false;           // the storage, for good
  std::vector<StateMark> marks_;  // not yet reported
  std::map<MemberId, Transfer> transfers_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  std::deque<ApplierTask> tasks_ ABSL_GUARDED_BY(mu_);
  // Somebody works on tasks taken from here.
  bool busy_ ABSL_GUARDED_BY(mu_) = false;
  // The thread has to see to the tasks.
  bool for_thread_ ABSL_GUARDED_BY(mu_) = false;
  // When what is applied has to be written, monotonic.
  absl::Duration write_at_ ABSL_GUARDED_BY(mu_) = absl::InfiniteDuration();
  Histogram times_ ABSL_GUARDED_BY(mu_);
  AppliedState applied_ ABSL_GUARDED_BY(mu_);
  // By what they wait for: those that an index reaches stand at the front.
  std::multimap<LogIndex, Waiting> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_APPLY_APPLIER_H_
