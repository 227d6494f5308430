// SPDX-License-Identifier: Apache-2.0
// A member of a replicated state machine: what the agent sees of Raft.
//
// Five threads: "raft" drives the protocol core and "raft-apply" the state
// machine, each together with whoever brings something (raft_loop.h,
// applier.h), "raft-storage" writes and syncs the log, "raft-observer" tells of
// changes of role and leader, "raft-space" looks after the disk's space. A
// sixth, "raft-retry", begins with the first request that has to be tried
// again. Callers' threads block in their own calls only.
#ifndef MICROOVN_RAFT_NODE_RAFT_NODE_H_
#define MICROOVN_RAFT_NODE_RAFT_NODE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/options.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/applier.h"
#include "raft/node/apply/pending_proposals.h"
#include "raft/node/apply/state_machine.h"
#include "raft/node/flight/flight_recorder.h"
#include "raft/node/loop/inbox.h"
#include "raft/node/loop/raft_loop.h"
#include "raft/node/metrics/node_status.h"
#include "raft/node/metrics/observers.h"
#include "raft/node/retries.h"
#include "raft/node/space_watch.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/space/space_file.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

struct NodeOptions {
  // Each message costs a member more than its followers gain by applying a few
  // milliseconds sooner.
  static Options DefaultCore() {
    Options core;
    core.commit_notice_delay = 5'000;
    return core;
  }

  // Of this node alone. What led to a failure is left here too (DumpFlight).
  std::string directory;
  Options core = DefaultCore();
  // mark_interval is overwritten: it must be the core's.
  ApplierOptions applier;
  // What is beyond them is refused (RAFT_OVERLOADED) or, of messages, lost.
  InboxLimits inbox;
  // How long Stop may take to hand leadership over and to answer the calls
  // under way; zero: it does not try.
  absl::Duration hand_over = absl::Seconds(1);
  // Of all snapshots that this member sends; 0: as fast as they go.
  uint64_t snapshot_bytes_per_second = uint64_t{32} << 20;
  FlightOptions flight;
  SpaceWatchOptions space;
  // Of Open; by default that of the directory's file system.
  std::function<std::unique_ptr<SpaceProbe>(const std::string& directory)>
      space_probe;
  // Makes the entry of a command that this member is about to append as the
  // leader, whoever proposed it: what the leader alone may say is added here.
  // `from` is the member that passed it on, by its certificate; nothing for
  // this member's own.
  // On any thread; must not block. By default the command is the entry.
  std::function<std::string(const std::optional<MemberId>& from,
                            const std::string& command)>
      stamp;
  // Whether a command of `from` may become an entry while another member
  // leads. The leader asks it about what a peer has passed to it, who is known
  // by its certificate; and a member about its own commands before it passes
  // one on: what it may not pass on it can propose as the leader only, and
  // NOT_LEADER says that it is not.
  // On any thread; must not block. By default every command may.
  std::function<absl::Status(const MemberId& from, const std::string& command)>
      admit;
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
  // The data of a member that waits for the cluster's leader. `incarnation`
  // names this directory and belongs into the configuration that makes it a
  // member (ChangeMembership): what another directory says in its name is
  // refused from then on. Until its log has arrived it lets `voters` lead; or,
  // without any, whoever speaks first.
  static absl::Status CreateJoiner(const std::string& directory,
                                   const ClusterId& cluster,
                                   const MemberId& self,
                                   Incarnation incarnation,
                                   std::vector<MemberId> voters = {});
  // Never 0.
  static Incarnation NewIncarnation(RandomSource& random);

  // Loads the state and takes part. `machine`, `transport` and `clock` outlive
  // the node. NOT_FOUND when nothing was created; otherwise errors carry the
  // reason STORAGE_IN_USE or STORAGE_DAMAGED.
  static absl::StatusOr<std::unique_ptr<RaftNode>> Open(NodeOptions options,
                                                        StateMachine* machine,
                                                        Transport* transport,
                                                        const Clock& clock,
                                                        RandomSource& random);
  // For tests: the same on a storage of the caller's, whose space nobody
  // watches.
  static absl::StatusOr<std::unique_ptr<RaftNode>> OpenOn(
      std::unique_ptr<LogStorage> storage, NodeOptions options,
      StateMachine* machine, Transport* transport, const Clock& clock,
      RandomSource& random);

  // Stops.
  ~RaftNode() override;

  // On any member; returns when the command was applied here, with what Apply
  // answered. Waits for a leader and tries again while it is certain that
  // nothing happened. Errors (proposal_errors.h): NO_LEADER, RAFT_OVERLOADED,
  // DISK_SPACE_LOW, PROPOSAL_TOO_LARGE, RAFT_STOPPED, NOT_LEADER are
  // definite, and so is what NodeOptions::admit refuses;
  // PROPOSAL_OUTCOME_UNKNOWN is not.
  // A command that was answered with UNKNOWN may be sent again only if the
  // state machine recognizes it: this layer does not remember what it has
  // applied.
  absl::StatusOr<Proposed> Propose(std::string command, absl::Duration timeout);
  // The same without waiting. `done` runs exactly once, at the latest within
  // Stop, on the caller's or a thread of the node; it must not block.
  void ProposeAsync(std::string command, absl::Duration timeout,
                    ProposalDone done);

  // On any member: what is applied here when it returns holds every command
  // that was acknowledged before the call.
  absl::StatusOr<LogIndex> ReadBarrier(absl::Duration timeout);
  // As ProposeAsync does.
  using ReadDone = std::function<void(absl::StatusOr<LogIndex>)>;
  void ReadBarrierAsync(absl::Duration timeout, ReadDone done);

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

  // Of one moment of the core. Waits for its turn, for a second at most; then,
  // and after Stop, it is the last that was published.
  NodeStatus Status() const;
  // When the raft thread last had a turn, monotonic time; it has many a second
  // unless it, or whoever works in its place, is stuck. Never waits.
  absl::Duration LastTurn() const { return inbox_.last_turn(); }
  const Identity& identity() const { return identity_; }

  // `observer` hears of every change of role or leader, on its own thread, and
  // first of how things are now: neither is missed between the two. It must be
  // copyable, and must not call Stop.
  void Observe(Observer observer);

  // For tests: writes what the core was told last to a file for the flight's
  // replay, and returns its path.
  absl::StatusOr<std::string> DumpFlight() const;

  // For the transport, on its threads.
  void Deliver(std::vector<Message> messages, LogIndex voter_at) override;
  void ReportPeer(MemberId peer, bool up) override;
  void ReportIncompatible(MemberId peer, const absl::Status& why) override;
  void ProposeForPeer(const MemberId& from, std::string command,
                      absl::Duration timeout, ProposalDone done) override;

  // Calls from now on fail with RAFT_STOPPED. Hands leadership over if there
  // is anyone to take it and answers the calls under way, this member's and its
  // peers', if need be through the next leader; then ends.
  void Stop();

 private:
  // Of a caller or a request under way: Stop waits for it.
  class Call {
   public:
    explicit Call(const RaftNode* node);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // False: it came after Stop and must not begin.
    bool allowed() const { return allowed_; }

   private:
    const RaftNode* const node_;
    bool allowed_ = false;
  };
  template <typename T>
  struct Request;

  RaftNode(std::unique_ptr<LogStorage> storage,
           std::unique_ptr<SpaceWatch> space, const Identity& identity,
           NodeOptions options, Transport* transport, const Clock& clock);

  struct Disk {
    std::unique_ptr<LogStorage> storage;
    std::unique_ptr<SpaceWatch> space;
  };
  static absl::StatusOr<std::unique_ptr<RaftNode>> OpenWith(
      Disk disk, NodeOptions options, StateMachine* machine,
      Transport* transport, const Clock& clock, RandomSource& random);

  void Begin(const StoredMember& stored, StateMachine* machine, uint64_t seed);
  ApplierContext MakeApplierContext(StateMachine* machine);
  RaftLoopContext MakeLoopContext();
  template <typename T>
  void Begin(const std::shared_ptr<Request<T>>& request);
  template <typename T>
  void Try(const std::shared_ptr<Request<T>>& request);
  void Once(const std::string& command, absl::Duration left, ProposalDone done);
  void ProposeHere(const std::optional<MemberId>& from,
                   const std::string& command, absl::Duration left,
                   ProposalDone done);
  void Once(absl::Duration left, const ReadDone& done);
  // As Inbox::Add, and has it worked off.
  bool Give(InboxItem&& item) const;
  absl::Status AskLoop(
      const std::function<InboxItem(std::function<void(absl::Status)> done)>&
          make,
      absl::Duration timeout);
  // For whoever finds that the node cannot go on, on its thread, once or more
  // often. Nothing is taken on any more.
  void Fail(const absl::Status& status);
  void KeepEvidence();
  // Both poll: what they wait for has no signal of its own, and they run once
  // in the life of a node.
  void HandOver();
  bool YieldLeadership(absl::Duration end);

  const Identity identity_;
  const NodeOptions options_;
  Transport* const transport_;
  const Clock& clock_;
  const std::unique_ptr<LogStorage> storage_;
  mutable Inbox inbox_;  // Status() asks through it
  // Shared by the loop, which accepts and refuses, and the applier, which knows
  // what became of them.
  PendingProposals proposals_;
  Observers observers_;
  Retries retries_;
  std::unique_ptr<LogWriter> writer_;
  std::unique_ptr<Applier> applier_;
  std::unique_ptr<RaftLoop> loop_;
  const std::unique_ptr<SpaceWatch> space_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;  // no new calls
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::set<MemberId> incompatible_ ABSL_GUARDED_BY(mu_);
  mutable int calls_ ABSL_GUARDED_BY(mu_) = 0;  // of callers that may wait
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_RAFT_NODE_H_
