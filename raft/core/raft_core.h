// SPDX-License-Identifier: Apache-2.0
// The Raft protocol as a pure value: one input in, one output out. No thread,
// clock, I/O, logging or global state; the random numbers come from a seed
// that is part of the value. Two cores that were built alike and got the same
// inputs are equal, and a copy is a full copy.
//
// Thread-compatible: a node lets one thread at a time step it
// (raft/node/THREADS.md).
//
// How a node drives it stands in README.md. What must hold, and what the core
// does for it:
//  * Nothing that promises durability leaves before the promise is true. A
//    vote, a vote request (it promises the candidate's own vote) and an
//    accepted AppendReply carry the token of the batch that holds them. The
//    node calls Step(Stored) before it releases the sends that waited for the
//    token, or after; the core does not mind.
//  * A leader counts its own log only up to what was Stored.
//  * Apply never runs ahead of the local log's durable end, so that after a
//    crash the applied index is inside the log.
//  * A held message that has become obsolete may still be sent: receivers
//    tell by term, round and index. On a crash held messages vanish, which is
//    a loss like any other.
//  * At most one Install is outstanding. Until SnapshotInstalled the old log
//    is in force; the core issues no Persist with entries meanwhile.
//  * After a restart the node builds a new core from what is durable.
#ifndef MICROOVN_RAFT_CORE_RAFT_CORE_H_
#define MICROOVN_RAFT_CORE_RAFT_CORE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/crypto/random.h"
#include "raft/core/integrity/quarantine_state.h"
#include "raft/core/log/entry_log.h"
#include "raft/core/roles.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/configuration_history.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/input.h"
#include "raft/core/values/options.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/state_mark.h"
#include "raft/core/values/status.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class RaftCore {
 public:
  // `recovered` must be intact (IsIntact). `seed` should be random per start.
  RaftCore(const Identity& identity, const Options& options,
           Recovered recovered, uint64_t seed, Time now);

  // `now` must not go back.
  // A fault ends the core: the Output that names it has nothing else, and all
  // later ones are empty. One that was found while the core was built comes out
  // of the first Step. What is merely late, of an older term or of a transfer
  // that ended, is dropped without a word.
  Output Step(Time now, Input input);

  // When the next Tick has something to do; a node may sleep until then.
  // Any input may move it either way: ask again after each Step. A hand-over's
  // deadline, a stalled disk and a silent transfer are looked at with the
  // heartbeats and have no time of their own here.
  Time NextWakeup() const;

  Status Describe() const;
  // What a snapshot of the state applied up to `index` must carry. Nothing if
  // the log no longer, or not yet, knows `index` as committed.
  std::optional<SnapshotMetadata> DescribeSnapshot(LogIndex index) const;

  // Views for invariants, tests and the simulator.
  const Identity& identity() const { return identity_; }
  Role role() const;
  const HardState& hard_state() const { return hard_; }
  LogIndex commit() const { return commit_; }
  LogIndex applying() const { return applying_; }
  LogIndex applied() const { return applied_; }
  const EntryLog& log() const { return log_; }
  const ConfigurationHistory& configurations() const { return configurations_; }
  const std::optional<Quarantine>& quarantine() const {
    return quarantine_.lost();
  }
  const Leader* leader_state() const { return std::get_if<Leader>(&role_); }
  // What this member can prove of itself (Received::voter_at): the newest
  // configuration in which it votes; 0: it does in none that may be in force.
  LogIndex voter_at() const;

  // The whole state, but for the Output that no Step has returned yet.
  friend bool operator==(const RaftCore& a, const RaftCore& b);

 private:
  friend struct CoreArchive;

  // raft_core.cc: inputs that belong to no single topic, and what every topic
  // needs.
  void On(Tick&);
  void On(Stored& stored);
  void On(Applied& applied);
  void On(PeerConnection& connection);
  // Handlers change the log and the hard state in memory only. Here, once a
  // Step, that becomes one batch, and what it made ready one Apply.
  void Finish();
  void FinishPersist();
  void FinishApply();
  void ReportRole(RoleReason reason);
  MemberId KnownLeader() const;
  std::optional<Time> QuorumContact() const;
  void SetHardState(HardState state);
  void SendTo(MemberId to, MessageBody body);
  // Leaves only when everything up to this Step is durable.
  void SendDurably(MemberId to, MessageBody body);
  void Refuse(RequestId id, RefusedReason reason);
  void Reject(MemberId sender, RejectedReason reason);
  void Fail(FaultKind kind, std::string detail);
  const Configuration& InForce() const {
    return configurations_.InForce().configuration;
  }
  MemberId self() const { return identity_.member; }
  Term term() const { return hard_.term; }

  // hearing.cc
  void On(Received& received);
  // False: the message ends here. AcceptTerm has then answered it, or keeps
  // silent on purpose; otherwise this member is in the message's term.
  bool AcceptHeader(const Message& message);
  bool AcceptSpeaker(const Received& received);
  bool AcceptTerm(const Message& message);
  void AnswerOldTerm(const Message& message);
  // Of what only the leader of the present term sends. True: this member
  // follows it from now on.
  bool HearLeader(MemberId leader);
  bool MayVote(MemberId member, LogIndex proved) const;  // Received::voter_at
  bool IsKnownVoter(MemberId member) const;

  // election.cc
  void On(const Header& header, const VoteRequest& request);
  void On(const Header& header, const VoteReply& reply);
  void On(const Header& header, const TimeoutNow& message);
  void BecomeFollower(RoleReason reason);
  void AdoptTerm(Term term);
  void StartPreVote(RoleReason reason);
  void StartElection(bool transfer, RoleReason reason);
  void RequestVotes();
  void CandidateTick(Candidate& candidate);
  // May change the role: a reference to the Candidate is dead after it.
  void CountVotes();
  void BecomeLeader();
  void FollowerTick(Follower& follower);
  void LeaderTick(Leader& leader);
  bool MayCampaign() const;
  bool HasLiveLeader() const;
  bool IsBidOfLeader(const Message& message) const;
  void LoseLeader(Follower& follower);
  Micros DrawTimeout();
  Micros DrawRetryAfterSplitVote();
  Micros ToleratedSilence(const Follower& follower) const;
  bool HeardFromQuorum(const Leader& leader) const;

  // replication.cc
  void On(Propose& propose);
  void On(const Header& header, const Append& append);
  void On(const Header& header, const AppendReply& reply);
  void On(const Header& header, const Heartbeat& heartbeat);
  void On(const Header& header, const HeartbeatReply& reply);
  std::optional<RefusedReason> MayPropose(const Leader& leader,
                                          const Payload& payload) const;
  LogIndex AppendAsLeader(EntryKind kind, Payload payload);
  bool AppendAsFollower(const Append& append);
  bool AgreesWithOld(const Entry& entry);
  bool AppendNew(const Entry& entry);
  void TruncateFrom(LogIndex index);
  void SendAppends(Peer& peer);
  bool SendOneAppend(Peer& peer, bool even_empty);
  void BroadcastAppends();
  void BroadcastHeartbeats();
  void HeartbeatLearners(Leader& leader);
  void SendHeartbeat(Peer& peer);
  void TellCommit(Peer& peer);
  void TellCommitSoon(Leader& leader, Peer& peer);
  void TellCommitToAll(Leader& leader);
  // Both may end the leadership or drop peers (FinishChange): look them up
  // again afterwards.
  void AdvanceLeaderCommit();
  void AdvanceCommit(LogIndex commit);
  // Null unless this member leads and sends the log to `id`.
  Peer* FindPeer(MemberId id);
  Peer* HearPeer(const Header& header, bool quarantined);

  // membership_change.cc
  void On(ProposeConfiguration& propose);
  void On(Transfer& transfer);
  void On(SpaceChanged& space);
  std::optional<RefusedReason> MayChange(const Leader& leader,
                                         LogIndex expected) const;
  void AppendConfiguration(const Configuration& next);
  void ConfigurationChanged();
  void UpdatePeers(Leader& leader);
  void FinishChange();
  MemberId BestSuccessor(const Leader& leader) const;
  void ContinueHandOver(Leader& leader);
  void HandOverIfReadOnly(Leader& leader);

  // snapshotting.cc
  void On(Checkpointed& checkpointed);
  void On(SnapshotReady& ready);
  void On(SnapshotProgress& progress);
  void On(SnapshotInstalled& installed);
  void On(const Header& header, const SnapshotChunk& chunk);
  void On(const Header& header, const SnapshotReply& reply);
  // All that the snapshot holds is in the log: says so to the leader.
  bool AnswerIfCovered(const SnapshotMetadata& snapshot);
  void BeginTransfer(Peer& peer);
  void WantChunk(Peer& peer);
  void RetryTransfers(Leader& leader);
  LogIndex CompactionLimit(LogIndex wanted) const;
  void AdoptSnapshot(const SnapshotMetadata& snapshot);
  void ReplySnapshot(LogIndex index, uint64_t next_offset, bool installed);

  // quarantine.cc
  void EnterQuarantine(const Quarantine& quarantine);
  void TryLeaveQuarantine();

  // disk_stall.cc
  bool DiskStalledFor(Micros time) const;
  bool IsDiskStalled() const;
  bool YieldIfDiskStalls(Leader& leader);

  // state_check.cc
  void KeepMarks(std::vector<StateMark> marks);
  void StartComparison(Leader& leader);
  bool IsFinished(const Leader& leader) const;
  void Judge(Leader& leader);
  void CompareMark(const StateMark& right);
  StateMark AnswerMark(const StateMark& question);

  // read_index.cc
  void On(ReadRequest& request);
  void On(const Header& header, const ReadIndexRequest& request);
  void On(const Header& header, const ReadIndexReply& reply);
  void AddRead(Leader& leader, PendingRead read);
  void StartReadRound(Leader& leader);
  void ConfirmReads(Leader& leader);
  void ReleaseGatedReads(Leader& leader);
  void AnswerRead(const PendingRead& read, bool confirmed);
  void ForwardReads(Follower& follower);
  void RefuseReads(RefusedReason reason);

  Identity identity_;
  Options options_;
  SeededRandom random_;
  Time now_;
  HardState hard_;
  EntryLog log_;
  ConfigurationHistory configurations_;
  // applied_ <= applying_ <= commit_ <= log_.last_index(), and up to applying_
  // the log is durable.
  LogIndex commit_;
  LogIndex applying_;  // given out in Apply
  LogIndex applied_;
  size_t applying_bytes_ = 0;
  StateMarks marks_;
  // The leader of the present term, remembered after it is lost so that a
  // second one is noticed.
  MemberId term_leader_;
  std::variant<Follower, Candidate, Leader> role_;
  QuarantineState quarantine_;
  // The old log stays in force, and unchanged, until the node answers.
  std::optional<SnapshotMetadata> installing_;
  StorageToken issued_;
  StorageToken stored_;
  std::deque<UnstoredBatch> unstored_;  // issued and not stored, in order
  StorageToken hard_state_token_;       // of the last batch with a hard state
  // Both begin at random, so that no answer to an earlier process is taken for
  // one to this.
  uint64_t round_ = 0;
  uint64_t read_sequence_ = 0;
  Time last_tick_;
  bool last_tick_late_ = false;
  bool read_only_ = false;  // SpaceChanged
  bool faulted_ = false;

  // Only within a Step.
  Output out_;
  bool hard_state_changed_ = false;
  std::optional<LogIndex> truncated_from_;
  LogIndex persisted_to_;  // entries up to here are in some Persist
  RoleChanged reported_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_RAFT_CORE_H_
