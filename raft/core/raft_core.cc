// SPDX-License-Identifier: Apache-2.0
#include "raft/core/raft_core.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace microovn::raft {
namespace {

// In Send::after while a Step runs: replaced by the token of the Step's batch.
constexpr StorageToken kThisStep(std::numeric_limits<uint64_t>::max());

}  // namespace

RaftCore::RaftCore(const Identity& identity, const Options& options,
                   Recovered recovered, uint64_t seed, Time now)
    : identity_(identity),
      options_(options),
      random_(seed),
      now_(now),
      hard_(recovered.hard_state),
      log_(recovered.base, recovered.entries),
      configurations_(recovered.base.configuration_index,
                      recovered.base.configuration),
      commit_(std::max(recovered.applied, recovered.base.index)),
      applying_(commit_),
      applied_(commit_),
      last_tick_(now),
      persisted_to_(log_.last_index()) {
  // What an earlier process asked may be answered only now; no such answer may
  // fit a question of this one.
  round_ = random_.Next();
  read_sequence_ = random_.Next();
  Follower follower;
  follower.timeout = DrawTimeout();
  follower.deadline = now + follower.timeout;
  // May raise the term, which the first Step then persists.
  if (recovered.quarantine.has_value()) EnterQuarantine(*recovered.quarantine);
  reported_.term = term();
  if (!IsIntact(recovered.base, recovered.entries) ||
      commit_ > log_.last_index()) {
    Fail(FaultKind::kCorruptEntry, "the recovered log is not intact");
    return;
  }
  for (const Entry& entry : recovered.entries) {
    if (entry.kind != EntryKind::kConfiguration) continue;
    auto configuration = DecodeConfiguration(entry.payload.bytes());
    if (!configuration.has_value()) {
      Fail(FaultKind::kCorruptEntry, "a recovered configuration is corrupt");
      return;
    }
    configurations_.Append(entry.index, std::move(*configuration));
  }
  // Nobody can be leader in the place of the only voter.
  if (InForce().Members() == std::vector<MemberId>{self()}) {
    follower.deadline = now;
  }
  role_ = std::move(follower);
}

Output RaftCore::Step(Time now, Input input) {
  if (!faulted_) {
    // Deadlines are compared with it: it may stand still, but not go back.
    now_ = std::max(now_, now);
    std::visit([this](auto& typed) { On(typed); }, input);
    Finish();
  }
  return std::exchange(out_, Output());
}

Time RaftCore::NextWakeup() const {
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    return std::min(leader->next_heartbeat,
                    leader->commit_notice.value_or(leader->next_heartbeat));
  }
  if (const auto* candidate = std::get_if<Candidate>(&role_)) {
    return std::min(candidate->deadline, candidate->next_request);
  }
  const Follower& follower = std::get<Follower>(role_);
  if (follower.reads.asked.empty()) return follower.deadline;
  return std::min(follower.deadline,
                  follower.reads.asked_at + 2 * options_.heartbeat_interval);
}

Role RaftCore::role() const {
  if (std::holds_alternative<Leader>(role_)) return Role::kLeader;
  const auto* candidate = std::get_if<Candidate>(&role_);
  if (candidate == nullptr) return Role::kFollower;
  return candidate->phase == VotePhase::kPreVote ? Role::kPreCandidate
                                                 : Role::kCandidate;
}

MemberId RaftCore::KnownLeader() const {
  if (std::holds_alternative<Leader>(role_)) return self();
  const auto* follower = std::get_if<Follower>(&role_);
  const bool live = follower != nullptr && follower->contact.has_value();
  return live ? term_leader_ : MemberId();
}

void RaftCore::On(Tick&) {
  // A process that was stopped finds its timers expired at once; what its
  // peers sent meanwhile may still be on the way (raft.md 5b.22).
  const bool late =
      last_tick_ + options_.election_timeout / 2 < now_ && !last_tick_late_;
  last_tick_ = now_;
  last_tick_late_ = late;
  if (auto* leader = std::get_if<Leader>(&role_)) {
    LeaderTick(*leader);
  } else if (auto* follower = std::get_if<Follower>(&role_)) {
    // Two heartbeats are enough to hear of a leader that is there.
    if (late) {
      follower->deadline =
          std::max(follower->deadline, now_ + 2 * options_.heartbeat_interval);
    }
    FollowerTick(*follower);
  } else {
    CandidateTick(std::get<Candidate>(role_));
  }
}

void RaftCore::On(Stored& stored) {
  if (stored.token > issued_) {
    Fail(FaultKind::kContractViolation, "Stored names a batch not issued");
    return;
  }
  stored_ = std::max(stored_, stored.token);
  log_.Stored(stored.token);
  while (!unstored_.empty() && unstored_.front().token <= stored_) {
    unstored_.pop_front();
  }
  // The next answer to the leader says that the quarantine is over.
  quarantine_.Hear(stored_);
  if (auto* candidate = std::get_if<Candidate>(&role_)) {
    // Its own vote counts once it cannot be forgotten, or after a crash it
    // could vote for another in the same term.
    const bool own_vote_durable = candidate->own_vote != StorageToken(0) &&
                                  candidate->own_vote <= stored_;
    if (own_vote_durable && candidate->phase == VotePhase::kVote) {
      candidate->granted.push_back(self());
      candidate->own_vote = StorageToken(0);
      CountVotes();
    }
  } else if (std::holds_alternative<Leader>(role_)) {
    // Its own disk counts as one voter's, and may be the one that completes a
    // majority.
    AdvanceLeaderCommit();
  }
}

void RaftCore::On(Applied& applied) {
  if (applied.index > applying_) {
    Fail(FaultKind::kContractViolation, "Applied names entries not given out");
    return;
  }
  while (applied_ < applied.index) {
    applied_ = applied_.Next();
    applying_bytes_ -= SizeOf(log_.At(applied_));
  }
  if (!applied.marks.empty()) KeepMarks(std::move(applied.marks));
}

void RaftCore::On(PeerConnection& connection) {
  if (std::holds_alternative<Leader>(role_)) {
    Peer* peer = FindPeer(connection.peer);
    if (peer == nullptr) return;
    if (connection.up) {
      SendAppends(*peer);
    } else if (peer->progress.mode() == Progress::Mode::kReplicate) {
      // What was in flight is lost, and what would follow it would be refused;
      // a probe finds the place again.
      peer->progress.BecomeProbe();
    }
    return;
  }
  auto* follower = std::get_if<Follower>(&role_);
  if (follower != nullptr && !connection.up &&
      connection.peer == term_leader_ && follower->contact.has_value()) {
    LoseLeader(*follower);
  }
}

void RaftCore::Finish() {
  if (faulted_) {
    Output only_fault;
    only_fault.fault = std::move(out_.fault);
    out_ = std::move(only_fault);
    return;
  }
  TryLeaveQuarantine();
  FinishPersist();
  FinishApply();
}

void RaftCore::FinishPersist() {
  const bool grown = log_.last_index() > persisted_to_;
  if (hard_state_changed_ || truncated_from_.has_value() || grown) {
    issued_ = issued_.Next();
    Persist persist;
    persist.token = issued_;
    persist.truncate_from = std::exchange(truncated_from_, std::nullopt);
    persist.ends_quarantine = quarantine_.EndsWith(issued_);
    if (std::exchange(hard_state_changed_, false)) {
      persist.hard_state = hard_;
      hard_state_token_ = issued_;
    }
    constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();
    persist.entries =
        log_.Slice(persisted_to_.Next(), log_.last_index(), kNoLimit, kNoLimit);
    persisted_to_ = log_.last_index();
    log_.Written(issued_);
    unstored_.push_back({issued_, now_});
    out_.persist = std::move(persist);
  }
  // A durable send of a Step without a batch waits for the last one issued,
  // which then holds all that it promises.
  for (Send& send : out_.sends) {
    if (send.after == kThisStep) send.after = issued_;
    if (send.after <= stored_) send.after = StorageToken(0);
  }
}

void RaftCore::FinishApply() {
  // On a leader too: others may commit an entry before its own disk has it. To
  // apply it then would put the state ahead of the log after a crash.
  const LogIndex limit = std::min(commit_, log_.durable());
  // Nothing beside an install, which replaces the state. And a state machine
  // that lags must not grow the memory without end.
  if (limit <= applying_ || installing_.has_value() ||
      applying_bytes_ >= options_.max_unapplied_bytes) {
    return;
  }
  Apply apply;
  apply.entries =
      log_.Slice(applying_.Next(), limit, options_.max_entries_per_message,
                 options_.max_bytes_per_message);
  for (const Entry& entry : apply.entries) applying_bytes_ += SizeOf(entry);
  applying_ = apply.entries.back().index;
  out_.apply = std::move(apply);
}

void RaftCore::ReportRole(RoleReason reason) {
  RoleChanged changed;
  changed.role = role();
  changed.term = term();
  changed.leader = KnownLeader();
  changed.reason = reason;
  if (changed.role == reported_.role && changed.term == reported_.term &&
      changed.leader == reported_.leader) {
    return;
  }
  reported_ = changed;
  out_.role_changes.push_back(changed);
}

void RaftCore::SetHardState(HardState state) {
  hard_ = state;
  hard_state_changed_ = true;
}

void RaftCore::SendTo(MemberId to, MessageBody body) {
  Send send;
  send.message.header = {identity_.cluster, self(), to, identity_.incarnation,
                         term()};
  send.message.body = std::move(body);
  // No message names a term that a crash could make this member forget.
  send.after = hard_state_changed_ ? kThisStep : hard_state_token_;
  out_.sends.push_back(std::move(send));
}

void RaftCore::SendDurably(MemberId to, MessageBody body) {
  SendTo(to, std::move(body));
  out_.sends.back().after = kThisStep;
}

void RaftCore::Refuse(RequestId id, RefusedReason reason) {
  out_.refused.push_back({id, reason, std::nullopt});
}

void RaftCore::Reject(MemberId sender, RejectedReason reason) {
  out_.rejected.push_back({sender, reason});
}

void RaftCore::Fail(FaultKind kind, std::string detail) {
  // The first fault is the cause; what it leads to would hide it.
  if (faulted_) return;
  faulted_ = true;
  out_.fault = Fault{kind, std::move(detail)};
}

}  // namespace microovn::raft
