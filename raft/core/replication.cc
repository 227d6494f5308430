// SPDX-License-Identifier: Apache-2.0
// Replication (Raft section 5.3) and commitment (5.4.2).
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/quorum.h"

namespace microovn::raft {

void RaftCore::On(Propose& propose) {
  for (Proposal& proposal : propose.proposals) {
    const auto* leader = std::get_if<Leader>(&role_);
    const auto refused = leader == nullptr
                             ? RefusedReason::kNotLeader
                             : MayPropose(*leader, proposal.payload);
    if (refused.has_value()) {
      Refuse(proposal.id, *refused);
      continue;
    }
    const LogIndex index =
        AppendAsLeader(EntryKind::kCommand, std::move(proposal.payload));
    out_.accepted.push_back({proposal.id, index, term()});
  }
  if (!out_.accepted.empty()) BroadcastAppends();
}

std::optional<RefusedReason> RaftCore::MayPropose(
    const Leader& leader, const Payload& payload) const {
  if (leader.hand_over.has_value()) return RefusedReason::kTransferring;
  if (read_only_) return RefusedReason::kDiskSpaceLow;
  if (payload.size() > options_.max_payload_bytes) {
    return RefusedReason::kTooLarge;
  }
  if (leader.uncommitted_bytes + payload.size() >
      options_.max_uncommitted_bytes) {
    return RefusedReason::kOverloaded;
  }
  return std::nullopt;
}

LogIndex RaftCore::AppendAsLeader(EntryKind kind, Payload payload) {
  Entry entry;
  entry.index = log_.last_index().Next();
  entry.term = term();
  entry.kind = kind;
  entry.payload = std::move(payload);
  entry.chain = ChainOf(log_.last_chain(), entry);
  std::get<Leader>(role_).uncommitted_bytes += SizeOf(entry);
  const LogIndex index = entry.index;
  log_.Append(std::move(entry));
  return index;
}

void RaftCore::On(const Header& header, const Append& append) {
  if (!HearLeader(header.from)) return;
  auto& follower = std::get<Follower>(role_);
  follower.read_number = std::max(follower.read_number, append.read_number);
  // The log must not change while a snapshot takes its place.
  if (installing_.has_value()) return;

  AppendReply reply;
  reply.read_number = follower.read_number;
  reply.quarantined = quarantine_.active();
  const LogPosition previous = append.previous;
  // What is compacted here is committed, so the leader of a later term agrees.
  const bool compacted = previous.index < log_.base().index;
  if (!compacted && !log_.Matches(previous)) {
    reply.index = previous.index;
    reply.hint = log_.ConflictHint(previous);
    SendTo(header.from, reply);
    return;
  }
  if (!compacted && log_.ChainAt(previous.index) != append.previous_chain) {
    Fail(FaultKind::kLogDivergence,
         absl::StrCat("chain differs at index ", previous.index.value()));
    return;
  }
  if (!AppendAsFollower(append)) return;

  reply.accepted = true;
  reply.index =
      std::max(previous.index + append.entries.size(), log_.base().index);
  follower.matched = std::max(follower.matched, reply.index);
  // Never past what this message proved to match (raft.md 5b.4).
  AdvanceCommit(std::min(append.commit, reply.index));
  if (reply.index <= log_.durable()) {
    SendTo(header.from, reply);
  } else {
    SendDurably(header.from, reply);
  }
}

bool RaftCore::AppendAsFollower(const Append& append) {
  LogIndex expected = append.previous.index;
  for (const Entry& entry : append.entries) {
    expected = expected.Next();
    if (entry.index != expected || entry.term > term()) {
      Reject(term_leader_, RejectedReason::kMalformedMessage);
      return false;
    }
    // Compacted, so committed, so the same.
    if (entry.index <= log_.base().index) continue;
    if (entry.index <= log_.last_index()) {
      if (AgreesWithOld(entry)) continue;
      if (faulted_) return false;
      // Only at a conflict (section 5.3). To cut at the end of each message
      // instead would let a late one remove entries that were acknowledged.
      TruncateFrom(entry.index);
      if (faulted_) return false;
    }
    if (!AppendNew(entry)) return false;
  }
  return true;
}

bool RaftCore::AgreesWithOld(const Entry& entry) {
  const Entry& old = log_.At(entry.index);
  if (old.term != entry.term) return false;
  // Log Matching: same index and term, same history.
  if (old.chain == entry.chain) return true;
  Fail(FaultKind::kLogDivergence,
       absl::StrCat("two entries at index ", entry.index.value(), " of term ",
                    entry.term.value()));
  return false;
}

bool RaftCore::AppendNew(const Entry& entry) {
  std::optional<Configuration> configuration;
  if (entry.kind == EntryKind::kConfiguration) {
    configuration = DecodeConfiguration(entry.payload.bytes());
  }
  // Before it is stored: a break in the chain would otherwise show at the next
  // start, as a corrupt log.
  const bool whole = entry.chain == ChainOf(log_.last_chain(), entry) &&
                     entry.term >= log_.last().term;
  if (!whole ||
      (entry.kind == EntryKind::kConfiguration && !configuration.has_value())) {
    Reject(term_leader_, RejectedReason::kMalformedMessage);
    return false;
  }
  log_.Append(entry);
  if (configuration.has_value()) {
    configurations_.Append(entry.index, std::move(*configuration));
    ConfigurationChanged();
  }
  return true;
}

void RaftCore::TruncateFrom(LogIndex index) {
  if (index <= commit_) {
    Fail(FaultKind::kCommittedTruncation,
         absl::StrCat("told to replace index ", index.value(),
                      ", committed up to ", commit_.value()));
    return;
  }
  log_.TruncateFrom(index);
  persisted_to_ = std::min(persisted_to_, log_.last_index());
  // Several in a Step are one batch: the lowest of them removes all.
  truncated_from_ = std::min(truncated_from_.value_or(index), index);
  if (configurations_.TruncateFrom(index)) ConfigurationChanged();
}

void RaftCore::On(const Header& header, const AppendReply& reply) {
  Peer* peer = HearPeer(header, reply.quarantined);
  if (peer == nullptr) return;
  auto* leader = std::get_if<Leader>(&role_);
  // Counting it would commit entries that do not exist, or confirm reads before
  // they were asked.
  if (reply.index > log_.last_index() ||
      reply.read_number > leader->read_number) {
    Reject(header.from, RejectedReason::kMalformedMessage);
    return;
  }
  peer->progress.ConfirmedRead(reply.read_number);
  if (!reply.accepted) {
    const LogIndex hint = log_.ConflictHint(reply.hint).index;
    if (peer->progress.Refused(reply.index, hint)) SendAppends(*peer);
    ConfirmReads(*leader);
    return;
  }
  const bool news = peer->progress.Accepted(reply.index);
  // A follower that was thought to need a snapshot has the entries after all.
  if (peer->progress.mode() == Progress::Mode::kSnapshot &&
      peer->progress.match() >= log_.base().index) {
    peer->progress.BecomeProbe();
  }
  ConfirmReads(*leader);
  if (news) AdvanceLeaderCommit();
  // Committing may have ended the leadership or the peer's membership.
  leader = std::get_if<Leader>(&role_);
  peer = FindPeer(header.from);
  if (leader == nullptr || peer == nullptr) return;
  SendAppends(*peer);
  TellCommitSoon(*leader, *peer);
  ContinueHandOver(*leader);
}

void RaftCore::On(const Header& header, const Heartbeat& heartbeat) {
  if (!HearLeader(header.from)) return;
  auto& follower = std::get<Follower>(role_);
  follower.read_number = std::max(follower.read_number, heartbeat.read_number);
  // In quarantine the leader may still count on acknowledged entries that are
  // lost, and others may be in their place.
  const bool quarantined = quarantine_.active();
  const LogIndex commit = quarantined
                              ? std::min(heartbeat.commit, follower.matched)
                              : heartbeat.commit;
  if (commit > log_.last_index()) {
    // The leader commits to a follower only what that follower acknowledged.
    Fail(FaultKind::kLogDivergence,
         absl::StrCat("acknowledged entries are missing: log ends at ",
                      log_.last_index().value(), ", committed is ",
                      heartbeat.commit.value()));
    return;
  }
  AdvanceCommit(commit);
  SendTo(header.from, HeartbeatReply{follower.read_number, quarantined,
                                     AnswerMark(heartbeat.mark), read_only_});
}

void RaftCore::On(const Header& header, const HeartbeatReply& reply) {
  Peer* peer = HearPeer(header, reply.quarantined);
  if (peer == nullptr) return;
  auto& leader = std::get<Leader>(role_);
  if (reply.read_number > leader.read_number) {
    Reject(header.from, RejectedReason::kMalformedMessage);
    return;
  }
  peer->takes_changes = !reply.read_only;
  if (leader.comparison.Hear(header.from, reply.mark)) Judge(leader);
  peer->progress.ConfirmedRead(reply.read_number);
  ConfirmReads(leader);
  if (peer->progress.ShouldProbe(log_.last_index())) {
    SendOneAppend(*peer, /*even_empty=*/true);
  }
  ContinueHandOver(leader);
}

Peer* RaftCore::FindPeer(MemberId id) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return nullptr;
  const auto at = std::lower_bound(
      leader->peers.begin(), leader->peers.end(), id,
      [](const Peer& peer, MemberId wanted) { return peer.id < wanted; });
  return at != leader->peers.end() && at->id == id ? &*at : nullptr;
}

Peer* RaftCore::HearPeer(const Header& header, bool quarantined) {
  Peer* peer = FindPeer(header.from);
  if (peer != nullptr) peer->progress.Heard(now_, quarantined);
  return peer;
}

void RaftCore::SendAppends(Peer& peer) {
  while (SendOneAppend(peer, /*even_empty=*/false)) {
  }
}

bool RaftCore::SendOneAppend(Peer& peer, bool even_empty) {
  Progress& progress = peer.progress;
  const bool room = progress.CanSend(options_);
  if (!room && !even_empty) return false;
  const LogIndex next = progress.next();
  if (next.Previous() < log_.base().index) {
    BeginTransfer(peer);
    return false;
  }
  const bool streaming = progress.mode() == Progress::Mode::kReplicate;
  if (streaming && next > log_.last_index() && !even_empty) return false;

  Append append;
  append.previous = {next.Previous(), log_.TermAt(next.Previous())};
  append.previous_chain = log_.ChainAt(next.Previous());
  append.commit = commit_;
  append.read_number = std::get<Leader>(role_).read_number;
  if (room) {
    append.entries =
        log_.Slice(next, log_.last_index(), options_.max_entries_per_message,
                   options_.max_bytes_per_message);
  }
  size_t bytes = 0;
  for (const Entry& entry : append.entries) bytes += SizeOf(entry);
  const LogIndex last = next.Previous() + append.entries.size();
  progress.Sent(last, bytes);
  progress.ToldCommit(std::min(commit_, last));
  // A probe is one message: whether this is the place is not known yet.
  const bool more = streaming && last < log_.last_index();
  SendTo(peer.id, std::move(append));
  return more;
}

void RaftCore::BroadcastAppends() {
  for (Peer& peer : std::get<Leader>(role_).peers) SendAppends(peer);
}

void RaftCore::BroadcastHeartbeats() {
  for (Peer& peer : std::get<Leader>(role_).peers) {
    if (InForce().IsVoter(peer.id)) SendHeartbeat(peer);
  }
}

// Nothing depends on a learner that knows all: it is only to notice that the
// leader is there, and is spared most rounds, a different one than its
// neighbours.
void RaftCore::HeartbeatLearners(Leader& leader) {
  ++leader.heartbeat_round;
  uint64_t turn = leader.heartbeat_round;
  for (Peer& peer : leader.peers) {
    ++turn;
    if (InForce().IsVoter(peer.id)) continue;
    const bool knows_all = peer.progress.match() == log_.last_index() &&
                           peer.progress.told_commit() == commit_ &&
                           !leader.comparison.Question(peer.id).has_value();
    if (!knows_all || turn % options_.learner_heartbeat_rounds == 0) {
      SendHeartbeat(peer);
    }
  }
}

void RaftCore::SendHeartbeat(Peer& peer) {
  const LogIndex commit = std::min(commit_, peer.progress.match());
  const auto& leader = std::get<Leader>(role_);
  SendTo(peer.id,
         Heartbeat{commit, leader.read_number,
                   leader.comparison.Question(peer.id).value_or(StateMark())});
  peer.progress.ToldCommit(commit);
}

void RaftCore::TellCommit(Peer& peer) {
  const LogIndex commit = std::min(commit_, peer.progress.match());
  if (commit > peer.progress.told_commit()) SendHeartbeat(peer);
}

// Under load the next Append follows at once, and says it for nothing.
void RaftCore::TellCommitSoon(Leader& leader, Peer& peer) {
  if (options_.commit_notice_delay == 0) {
    TellCommit(peer);
  } else if (!leader.commit_notice.has_value() &&
             std::min(commit_, peer.progress.match()) >
                 peer.progress.told_commit()) {
    leader.commit_notice = now_ + options_.commit_notice_delay;
  }
}

void RaftCore::TellCommitToAll(Leader& leader) {
  leader.commit_notice.reset();
  for (Peer& peer : leader.peers) TellCommit(peer);
}

void RaftCore::AdvanceLeaderCommit() {
  const auto& leader = std::get<Leader>(role_);
  // By promised() and not match(): what was acknowledged in quarantine may be
  // forgotten, and must be acknowledged once more.
  const LogIndex reached(QuorumValue(InForce(), [&](MemberId member) {
    if (member == self()) return log_.durable().value();
    const Peer* peer = FindPeer(member);
    return peer == nullptr ? 0 : peer->progress.promised().value();
  }));
  // Section 5.4.2: only entries of the own term commit by counting.
  if (reached <= commit_ || reached < leader.term_start) return;
  AdvanceCommit(reached);
}

void RaftCore::AdvanceCommit(LogIndex commit) {
  if (commit <= commit_) return;
  const LogIndex before = commit_;
  commit_ = commit;
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) return;
  for (LogIndex at = std::max(before.Next(), leader->term_start); at <= commit;
       at = at.Next()) {
    leader->uncommitted_bytes -= SizeOf(log_.At(at));
  }
  if (before < leader->term_start) ReleaseGatedReads(*leader);
  // Noted before FinishChange, which may append the next one.
  const LogIndex change = configurations_.InForce().index;
  if (before < change && change <= commit) {
    // The end of a change may end this leadership.
    TellCommitToAll(*leader);
  } else {
    for (Peer& peer : leader->peers) TellCommitSoon(*leader, peer);
  }
  FinishChange();
}

}  // namespace microovn::raft
