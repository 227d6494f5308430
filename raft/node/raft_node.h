// A member of a replicated state machine: what the agent sees of Raft.
//
// Four threads: "raft" owns the protocol core, "raft-storage" writes and syncs
// the log, "raft-apply" runs the state machine, "raft-observer" tells of
// changes of role and leader. Callers' threads block in their own calls only.
#ifndef MICROOVN_RAFT_NODE_RAFT_NODE_H_
#define MICROOVN_RAFT_NODE_RAFT_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "raft/core/configuration.h"
#include "raft/core/options.h"
#include "raft/core/types.h"
#include "raft/node/applier.h"
#include "raft/node/inbox.h"
#include "raft/node/node_status.h"
#include "raft/node/observers.h"
#include "raft/node/pending_proposals.h"
#include "raft/node/raft_loop.h"
#include "raft/node/state_machine.h"
#include "raft/storage/log_storage.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

struct NodeOptions {
  std::string directory;
  Options core;
  ApplierOptions applier;
  InboxLimits inbox;
  // How long Stop may take to hand leadership over; zero: it does not try.
  absl::Duration hand_over = absl::Seconds(1);
  // The node cannot go on: the disk failed, or safety is broken. It does
  // nothing more. Runs on a thread of the node; the default ends the process,
  // because only a restart knows what is on the disk.
  std::function<void(const absl::Status&)> failed;
};

// Thread-safe.
class RaftNode final : public Receiver {
 public:
  using Proposed = ::microovn::raft::Proposed;

  // The data of the first member of a new cluster, who alone votes.
  static absl::Status CreateFirst(const std::string& directory,
                                  const ClusterId& cluster,
                                  const MemberId& self);
  // The data of a member that waits for the cluster's leader.
  static absl::Status CreateJoiner(const std::string& directory,
                                   const ClusterId& cluster,
                                   const MemberId& self);

  // Loads the state and takes part. `machine`, `transport` and `clock` outlive
  // the node. NOT_FOUND when nothing was created; otherwise errors carry the
  // reason STORAGE_IN_USE or STORAGE_DAMAGED.
  static absl::StatusOr<std::unique_ptr<RaftNode>> Open(NodeOptions options,
                                                        StateMachine* machine,
                                                        Transport* transport,
                                                        const Clock& clock,
                                                        RandomSource& random);
  // The same on a storage of the caller's.
  static absl::StatusOr<std::unique_ptr<RaftNode>> OpenOn(
      std::unique_ptr<LogStorage> storage, NodeOptions options,
      StateMachine* machine, Transport* transport, const Clock& clock,
      RandomSource& random);

  // Stops.
  ~RaftNode() override;

  // On any member; returns when the command was applied here, with what Apply
  // answered. Waits for a leader and tries again while it is certain that
  // nothing happened. Errors (proposal_errors.h): NO_LEADER, RAFT_OVERLOADED,
  // PROPOSAL_TOO_LARGE, RAFT_STOPPED are definite; PROPOSAL_OUTCOME_UNKNOWN is
  // not.
  absl::StatusOr<Proposed> Propose(std::string command, absl::Duration timeout);

  // On any member: what is applied here when it returns holds every command
  // that was acknowledged before the call.
  absl::StatusOr<LogIndex> ReadBarrier(absl::Duration timeout);

  // On the leader: makes target.voters and target.learners the members, unless
  // the configuration in force is not the one of entry
  // `expected_configuration` (MEMBERSHIP_MOVED). target.incarnations may name
  // those of new members. Returns when the change is committed.
  absl::Status ChangeMembership(const Configuration& target,
                                LogIndex expected_configuration,
                                absl::Duration timeout);

  // On the leader; without `to` to the member whose log is longest.
  absl::Status TransferLeadership(std::optional<MemberId> to,
                                  absl::Duration timeout);

  NodeStatus Status() const;
  const Identity& identity() const { return identity_; }

  // `observer` hears of every change of role or leader, on its own thread, and
  // first of how things are now. It must not call Stop.
  void Observe(Observer observer);

  void Deliver(Message message) override;
  void ReportPeer(MemberId peer, bool up) override;
  void ProposeForPeer(std::string command, absl::Duration timeout,
                      ProposalDone done) override;

  // Hands leadership over if there is anyone to take it, then ends. Calls that
  // wait return; later calls fail.
  void Stop();

 private:
  class Call;

  RaftNode(std::unique_ptr<LogStorage> storage, const Identity& identity,
           NodeOptions options, Transport* transport, const Clock& clock);

  void Begin(const StoredMember& stored, StateMachine* machine, uint64_t seed);
  ApplierContext MakeApplierContext(StateMachine* machine);
  RaftLoopContext MakeLoopContext();
  absl::StatusOr<Proposed> ProposeOnce(const std::string& command,
                                       absl::Duration timeout);
  absl::StatusOr<Proposed> ProposeHere(std::string command,
                                       absl::Duration timeout);
  absl::StatusOr<LogIndex> ReadOnce(absl::Duration timeout);
  template <typename T>
  absl::StatusOr<T> Retry(
      absl::Duration timeout,
      const std::function<absl::StatusOr<T>(absl::Duration)>& once);
  absl::Status AskLoop(
      std::function<InboxItem(std::function<void(absl::Status)> done)> make,
      absl::Duration timeout);
  bool Pause();
  void Fail(const absl::Status& status);
  void HandOver();

  const Identity identity_;
  const NodeOptions options_;
  Transport* const transport_;
  const Clock& clock_;
  const std::unique_ptr<LogStorage> storage_;
  mutable Inbox inbox_;  // Status() asks through it
  PendingProposals proposals_;
  Observers observers_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<RaftLoop> loop_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  mutable int calls_ ABSL_GUARDED_BY(mu_) = 0;  // of callers that may wait
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_RAFT_NODE_H_
