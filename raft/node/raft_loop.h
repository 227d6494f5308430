// The raft thread: owns the core, feeds it what arrives and the passing of
// time, and has its outputs acted on. It never waits for a disk or a peer.
#ifndef MICROOVN_RAFT_NODE_RAFT_LOOP_H_
#define MICROOVN_RAFT_NODE_RAFT_LOOP_H_

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
#include "base/clock.h"
#include "base/mutex.h"
#include "raft/core/input.h"
#include "raft/core/options.h"
#include "raft/core/output.h"
#include "raft/core/raft_core.h"
#include "raft/core/recovered.h"
#include "raft/core/types.h"
#include "raft/node/applier.h"
#include "raft/node/inbox.h"
#include "raft/node/node_status.h"
#include "raft/node/pending_proposals.h"
#include "raft/node/ready_handler.h"

namespace microovn::raft {

// What the loop works with; all outlive it. The functions run on the raft
// thread and must not block.
struct RaftLoopContext {
  const Clock* clock = nullptr;
  Inbox* inbox = nullptr;
  PendingProposals* proposals = nullptr;
  ReadyActions actions;
  std::function<AppliedState()> applied;
  std::function<void(const std::vector<MemberId>&)> set_peers;
  // The role or the known leader changed.
  std::function<void(NodeStatus)> notify;
  // Safety is broken; nothing is done after it.
  std::function<void(const absl::Status&)> failed;
};

// Thread-safe but for the constructor's thread.
class RaftLoop {
 public:
  RaftLoop(const Identity& identity, const Options& options,
           Recovered recovered, uint64_t seed, RaftLoopContext context);
  ~RaftLoop();

  void Start();
  // Ends with the inbox; callers that still wait hear that the node stops.
  void Join();

  // Who leads, as far as is known here, from a copy.
  std::optional<MemberId> leader() const;
  // As of the last change of role or leader, or of the end.
  NodeStatus last_status() const;
  // Whether somebody leads within `timeout`, and who.
  std::optional<MemberId> WaitForLeader(absl::Duration timeout) const;

 private:
  struct Change {
    absl::Duration deadline;
    std::function<void(absl::Status)> done;
    std::optional<LogIndex> index;  // of the accepted entry
  };

  void Run();
  void RunOnce();
  void Handle(Input& input);
  void Handle(ProposalItem& item);
  void Handle(ReadItem& item);
  void Handle(ChangeItem& item);
  void Handle(TransferItem& item);
  void Handle(StatusItem& item);
  void Handle(SnapshotPiece& piece);
  void ProposeCollected();
  void TickIfDue();
  void Step(Input input);
  void Act(Output output);
  void Answer(const Refused& refused);
  void Accept(const Accepted& accepted);
  void ChangeRole(const std::vector<RoleChanged>& changes);
  void CheckChanges();
  void ReportRejected(const RejectedSender& rejected);
  void EndAll();
  Time Now() const;
  RequestId NextId() { return last_id_ = last_id_.Next(); }
  NodeStatus Describe() const;

  const Identity identity_;
  const RaftLoopContext context_;
  RaftCore core_;
  ReadyHandler handler_;
  bool faulted_ = false;
  RequestId last_id_;
  Time last_tick_;
  RoleReason last_reason_ = RoleReason::kElectionTimeout;
  std::vector<Proposal> collected_;
  std::map<RequestId, std::function<void(absl::StatusOr<LogIndex>)>> reads_;
  std::map<RequestId, Change> changes_;
  std::map<RequestId, std::function<void(absl::Status)>> transfers_;
  // Of the snapshots that peers are receiving.
  std::map<MemberId, SnapshotMetadata> sending_;
  std::set<std::pair<MemberId, RejectedReason>> rejected_;

  mutable Mutex mu_;
  mutable CondVar leader_changed_;
  std::optional<MemberId> leader_ ABSL_GUARDED_BY(mu_);
  NodeStatus last_status_ ABSL_GUARDED_BY(mu_);
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_RAFT_LOOP_H_
