// SPDX-License-Identifier: Apache-2.0
// Feeds the core what arrives and the passing of time, and has its outputs
// acted on. Never waits for a disk or a peer.
//
// Whoever brings something works it off at once, if nobody else is at it (the
// inbox's claim): a thread less to wake on every way through the node. The raft
// thread sees to the passing of time, and to what is left over.
#ifndef MICROOVN_RAFT_NODE_LOOP_RAFT_LOOP_H_
#define MICROOVN_RAFT_NODE_LOOP_RAFT_LOOP_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/input.h"
#include "raft/core/values/message.h"
#include "raft/core/values/options.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/applier.h"
#include "raft/node/apply/pending_proposals.h"
#include "raft/node/flight/flight_recorder.h"
#include "raft/node/loop/inbox.h"
#include "raft/node/loop/ready_handler.h"
#include "raft/node/loop/snapshot_pacer.h"
#include "raft/node/loop/tick_schedule.h"
#include "raft/node/metrics/loop_metrics.h"
#include "raft/node/metrics/node_status.h"

namespace microovn::raft {

// What the loop works with; all outlive it. The functions run with the claim,
// if nothing else is said, on whichever thread holds it, and must not block.
struct RaftLoopContext {
  const Clock* clock = nullptr;
  Inbox* inbox = nullptr;
  PendingProposals* proposals = nullptr;
  // Queues; Stored comes back through the inbox, in the order of tokens, or
  // never.
  std::function<void(Persist)> persist;
  // All of a round at once: one write to each peer.
  std::function<void(std::vector<Message>)> send;
  // Queues, in the order in which the core asked.
  std::function<void(ApplierTask)> apply;
  // Runs without the claim, after `apply`.
  std::function<void()> apply_waiting;
  std::function<AppliedState()> applied;
  std::function<SpaceReport()> space;
  // Time has passed (monotonic).
  std::function<void(absl::Duration)> expire;
  // The configuration in force has changed, or the node begins.
  std::function<void(const std::vector<MemberId>&)> set_peers;
  // The role or the known leader changed.
  std::function<void(NodeStatus)> notify;
  // Adds what the other threads measured.
  std::function<void(NodeMetrics&)> measure;
  FlightOptions flight;
  uint64_t snapshot_bytes_per_second = 0;  // 0: no limit
  // Safety is broken; nothing is done after it.
  std::function<void(const absl::Status&)> failed;
};

// Thread-safe but for the constructor's thread.
// A round takes all that the inbox has, steps the core with each item, tells it
// the time, and proposes what gathered. What a Step puts out is acted on before
// the next Step.
class RaftLoop {
 public:
  RaftLoop(const Identity& identity, const Options& options,
           Recovered recovered, uint64_t seed, RaftLoopContext context);
  ~RaftLoop();

  void Start();
  // After something was added to the inbox; without a lock held.
  void Work();
  // Ends with the inbox; callers that still wait hear that the node stops.
  // After the inbox was closed, by the thread that ends the node.
  void Join();

  // Who leads, as far as is known here, from a copy.
  // May be out of date when it is read: for choosing whom to ask, never for
  // deciding what holds.
  std::optional<MemberId> leader() const;
  // As of the last change of role or leader, or of the end.
  // For callers that cannot wait for the claim, or come when nobody will have
  // it again.
  NodeStatus last_status() const;
  const FlightRecorder& flight() const { return recorder_; }

 private:
  struct Read {
    absl::Duration deadline;
    std::function<void(absl::StatusOr<LogIndex>)> done;
  };
  struct Change {
    absl::Duration deadline;
    std::function<void(absl::Status)> done;
    std::optional<LogIndex> index;  // of the accepted entry
  };

  void Run();
  void RunAndRelease();
  // All from here on with the claim, but for what RunAndRelease does at its
  // end.
  bool RunRound();
  absl::Duration NextWake() const;
  ReadyActions Actions();
  void Handle(Input& input);
  void Handle(ProposalItem& item);
  void Handle(ReadItem& item);
  void Handle(ChangeItem& item);
  void Handle(TransferItem& item);
  void Handle(StatusItem& item);
  void Handle(SnapshotPiece& piece);
  void ReadSnapshots();
  void ProposeCollected();
  void TickIfDue();
  void ExpireReads(absl::Duration now);
  void Step(Input input);
  void Act(Output output);
  void Answer(const Refused& refused);
  void Accept(const Accepted& accepted);
  void ChangeRole(const std::vector<RoleChanged>& changes);
  void CheckChanges();
  void ReportRejected(const RejectedSender& rejected);
  void EndAll();
  Time Now() const;
  absl::Duration Since(Time time) const;
  RequestId NextId() { return last_id_ = last_id_.Next(); }
  NodeStatus Describe() const;

  const Identity identity_;
  const RaftLoopContext context_;

  // All of these with the inbox's claim only.
  RaftCore core_;
  const TickSchedule schedule_;
  FlightRecorder recorder_;
  LoopMetrics metrics_;
  SnapshotPacer pacer_;
  ReadyHandler handler_;
  bool faulted_ = false;
  RequestId last_id_;
  Time last_tick_;
  // When a message of each other member came last.
  std::map<MemberId, Time> heard_;
  RoleReason last_reason_ = RoleReason::kElectionTimeout;
  // Wait for the batch before them (ProposeCollected).
  std::vector<Proposal> collected_;
  size_t collected_bytes_ = 0;
  std::vector<Message> outbox_;  // of this round
  // Reads that this round confirmed. Told when the claim is given back: it may
  // be much work.
  using Answers = std::vector<
      std::pair<std::function<void(absl::StatusOr<LogIndex>)>, LogIndex>>;
  Answers answers_;
  std::map<RequestId, Read> reads_;
  std::map<RequestId, Change> changes_;
  // Until it is known who leads next.
  struct PendingTransfer {
    MemberId to;  // none: whoever is best
    std::function<void(absl::Status)> done;
  };
  void EndTransfers(const RoleChanged& now);
  std::map<RequestId, PendingTransfer> transfers_;
  // Of the snapshots that peers are receiving.
  // Kept because the log may be compacted past the snapshot while it is still
  // being sent.
  std::map<MemberId, SnapshotMetadata> sending_;
  // So that each is logged once: a stranger cannot fill the log.
  std::set<std::pair<MemberId, RejectedReason>> rejected_;

  mutable Mutex mu_;
  std::optional<MemberId> leader_ ABSL_GUARDED_BY(mu_);
  NodeStatus last_status_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_RAFT_LOOP_H_
