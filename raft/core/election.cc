// SPDX-License-Identifier: Apache-2.0
// Elections: pre-vote, vote, CheckQuorum and stickiness (Raft section 5.2,
// thesis 4.2.3, 6.2 and 9.6). All of them are always on: pre-vote alone lets a
// deposed leader linger, CheckQuorum alone lets a cut-off member depose one.
#include <utility>

#include "absl/algorithm/container.h"
#include "raft/core/raft_core.h"
#include "raft/core/values/quorum.h"

namespace microovn::raft {
namespace {

void AddOnce(MemberId id, std::vector<MemberId>& ids) {
  if (!absl::c_linear_search(ids, id)) ids.push_back(id);
}

// Section 5.4.1.
bool IsUpToDate(LogPosition candidate, LogPosition own) {
  if (candidate.term != own.term) return candidate.term > own.term;
  return candidate.index >= own.index;
}

}  // namespace

void RaftCore::On(const Header& header, const VoteRequest& request) {
  // Section 5.4.1: who lacks a committed entry is refused by some member of
  // every majority.
  const bool up_to_date = IsUpToDate(request.last, log_.last());
  VoteReply reply{request.phase, request.round, request.campaign_term, false};
  // What it voted for or acknowledged before may be among what it lost.
  const bool may_grant = up_to_date && !quarantine_.active();
  if (request.phase == VotePhase::kPreVote) {
    // Promises nothing: it moves neither term nor vote nor timer. So it need
    // not be durable, and several may have it.
    reply.granted = may_grant && request.campaign_term > term();
    SendTo(header.from, reply);
    return;
  }
  if (request.campaign_term != header.term) {
    Reject(header.from, RejectedReason::kMalformedMessage);
    return;
  }
  // The same candidate may ask again because the answer was lost.
  const bool free = hard_.vote.is_none() || hard_.vote == header.from;
  reply.granted = free && may_grant;
  if (!reply.granted) {
    SendTo(header.from, reply);
    return;
  }
  if (hard_.vote.is_none()) SetHardState({term(), header.from});
  // A pre-candidate: candidates and leaders voted for themselves.
  if (!std::holds_alternative<Follower>(role_)) {
    BecomeFollower(RoleReason::kElectionLost);
  }
  // Only a vote that was given puts off its own campaign. Were asking enough, a
  // candidate that cannot win could keep one waiting that can.
  auto& follower = std::get<Follower>(role_);
  follower.deadline = now_ + follower.timeout;
  SendDurably(header.from, reply);
}

void RaftCore::On(const Header& header, const VoteReply& reply) {
  auto* candidate = std::get_if<Candidate>(&role_);
  // A reply of another phase or round says nothing about this campaign.
  if (candidate == nullptr || reply.phase != candidate->phase ||
      reply.round != candidate->round ||
      reply.campaign_term != candidate->campaign_term) {
    return;
  }
  AddOnce(header.from, reply.granted ? candidate->granted : candidate->refused);
  CountVotes();
}

void RaftCore::On(const Header& header, const TimeoutNow&) {
  // Straight to the vote, without asking first: the leader itself wants to be
  // followed by this member, and voters heed that in spite of stickiness
  // (thesis 4.2.3).
  if (!HearLeader(header.from)) return;
  if (!MayCampaign()) return;
  StartElection(/*transfer=*/true, RoleReason::kTransferRequested);
}

void RaftCore::BecomeFollower(RoleReason reason) {
  RefuseReads(RefusedReason::kLeadershipLost);
  // A timeout is drawn anew for each stay in the role, so that members who
  // split their votes once do not go on to (section 5.2). Who leads is not
  // carried over: it has to be heard in this term.
  Follower follower;
  follower.timeout = DrawTimeout();
  follower.deadline = now_ + follower.timeout;
  role_ = std::move(follower);
  ReportRole(reason);
}

// Vote and leader belong to the term, and end with it.
void RaftCore::AdoptTerm(Term term) {
  SetHardState({term, MemberId()});
  term_leader_ = MemberId();
  BecomeFollower(RoleReason::kHigherTerm);
}

void RaftCore::StartPreVote(RoleReason reason) {
  RefuseReads(RefusedReason::kLeadershipLost);
  Candidate candidate;
  candidate.phase = VotePhase::kPreVote;
  candidate.round = ++round_;
  candidate.campaign_term = term().Next();
  candidate.deadline = now_ + DrawTimeout();
  candidate.next_request = now_ + options_.heartbeat_interval;
  // Counts at once: a pre-vote is nothing that could be forgotten. The only
  // voter goes on to its election from here.
  candidate.granted = {self()};
  role_ = std::move(candidate);
  ReportRole(reason);
  RequestVotes();
  CountVotes();
}

void RaftCore::StartElection(bool transfer, RoleReason reason) {
  RefuseReads(RefusedReason::kLeadershipLost);
  // From here on this member votes for nobody else in the new term, whatever
  // becomes of the campaign.
  SetHardState({term().Next(), self()});
  term_leader_ = MemberId();
  Candidate candidate;
  candidate.phase = VotePhase::kVote;
  candidate.round = ++round_;
  candidate.campaign_term = term();
  candidate.transfer = transfer;
  candidate.deadline = now_ + DrawTimeout();
  candidate.next_request = now_ + options_.heartbeat_interval;
  candidate.own_vote = issued_.Next();  // the batch of this Step
  role_ = std::move(candidate);
  ReportRole(reason);
  RequestVotes();
}

void RaftCore::RequestVotes() {
  const auto& candidate = std::get<Candidate>(role_);
  VoteRequest request;
  request.phase = candidate.phase;
  request.round = candidate.round;
  request.campaign_term = candidate.campaign_term;
  request.last = log_.last();
  request.transfer = candidate.transfer;
  for (const MemberId member : InForce().Members()) {
    if (member == self() || !InForce().IsVoter(member)) continue;
    // Who has answered is not asked again: only silence can be a lost message.
    const bool answered = absl::c_linear_search(candidate.granted, member) ||
                          absl::c_linear_search(candidate.refused, member);
    if (answered) continue;
    if (request.phase == VotePhase::kPreVote) {
      SendTo(member, request);
    } else {
      // Promises that the candidate voted for itself, and that its log ends
      // where it says.
      SendDurably(member, request);
    }
  }
}

void RaftCore::CountVotes() {
  const auto& candidate = std::get<Candidate>(role_);
  switch (Tally(InForce(), candidate.granted, candidate.refused)) {
    case VoteResult::kPending:
      return;
    // A refused pre-vote says that somebody leads or fits better: then a whole
    // timeout passes. A refused vote says that others asked at the same time,
    // and most likely nobody leads; see DrawRetryAfterSplitVote.
    case VoteResult::kLost: {
      const bool split = candidate.phase == VotePhase::kVote;
      BecomeFollower(RoleReason::kElectionLost);
      if (split) {
        std::get<Follower>(role_).deadline = now_ + DrawRetryAfterSplitVote();
      }
      return;
    }
    case VoteResult::kWon:
      break;
  }
  if (candidate.phase == VotePhase::kPreVote) {
    StartElection(/*transfer=*/false, RoleReason::kPreVoteWon);
  } else {
    BecomeLeader();
  }
}

void RaftCore::BecomeLeader() {
  Leader leader;
  for (const MemberId member : InForce().Members()) {
    if (member == self()) continue;
    // At the no-op that follows, as if all logs agreed: most do, and the
    // refusal of the first probe tells where the others stand.
    leader.peers.push_back(
        {member, Progress(log_.last_index().Next(), now_), false});
  }
  leader.next_heartbeat = now_ + options_.heartbeat_interval;
  role_ = std::move(leader);
  term_leader_ = self();
  // Section 8: entries of earlier terms commit only behind one of this term.
  const LogIndex start = AppendAsLeader(EntryKind::kNoop, Payload());
  std::get<Leader>(role_).term_start = start;
  StartComparison(std::get<Leader>(role_));
  ReportRole(RoleReason::kElectionWon);
  BroadcastAppends();
}

void RaftCore::FollowerTick(Follower& follower) {
  if (now_ < follower.deadline) {
    // The request or its answer was lost on the way.
    if (!follower.reads.asked.empty() &&
        follower.reads.asked_at + 2 * options_.heartbeat_interval <= now_) {
      ForwardReads(follower);
    }
    return;
  }
  if (MayCampaign()) {
    StartPreVote(RoleReason::kElectionTimeout);
    return;
  }
  // It cannot lead, but must not go on to name a leader that is silent: callers
  // wait for one by what is told here.
  follower.contact.reset();
  follower.deadline = now_ + follower.timeout;
  RefuseReads(RefusedReason::kLeadershipLost);
  ReportRole(IsDiskStalled() ? RoleReason::kDiskStalled
                             : RoleReason::kElectionTimeout);
}

void RaftCore::CandidateTick(Candidate& candidate) {
  if (now_ >= candidate.deadline) {
    if (MayCampaign()) {
      StartPreVote(RoleReason::kElectionTimeout);
    } else {
      BecomeFollower(IsDiskStalled() ? RoleReason::kDiskStalled
                                     : RoleReason::kElectionLost);
    }
  } else if (now_ >= candidate.next_request) {
    candidate.next_request = now_ + options_.heartbeat_interval;
    // Until then its requests are waiting for the disk and will be sent.
    if (candidate.own_vote <= stored_) RequestVotes();
  }
}

void RaftCore::LeaderTick(Leader& leader) {
  // CheckQuorum (thesis 6.2): a leader on the wrong side of a partition sends
  // its callers away instead of keeping them.
  if (!HeardFromQuorum(leader)) {
    BecomeFollower(RoleReason::kQuorumLost);
    return;
  }
  if (!YieldIfDiskStalls(leader)) return;
  // It takes proposals again. Should the successor campaign after all, its term
  // decides as any other does.
  if (leader.hand_over.has_value() && now_ >= leader.hand_over->deadline) {
    if (leader.hand_over->id != RequestId(0)) {
      Refuse(leader.hand_over->id, RefusedReason::kTransferFailed);
    }
    leader.hand_over.reset();
  }
  HandOverIfReadOnly(leader);
  if (leader.commit_notice.has_value() && now_ >= *leader.commit_notice) {
    TellCommitToAll(leader);
  }
  if (now_ < leader.next_heartbeat) return;
  leader.next_heartbeat = now_ + options_.heartbeat_interval;
  StartComparison(leader);
  const bool waiting =
      !leader.reads.empty() && leader.reads.back().number > leader.read_number;
  // The heartbeats of a round are its questions: one set of messages for both.
  if (waiting) {
    StartReadRound(leader);
  } else {
    BroadcastHeartbeats();
  }
  HeartbeatLearners(leader);
  RetryTransfers(leader);
}

bool RaftCore::MayCampaign() const {
  // The log is about to be replaced.
  if (installing_.has_value() || quarantine_.active()) return false;
  if (IsDiskStalled()) return false;
  if (InForce().IsVoter(self())) return true;
  // Thesis 4.2.2: until its removal is committed, a member may be the only one
  // whose log is long enough to win.
  return configurations_.InForce().index > commit_ &&
         configurations_.BeforeInForce().configuration.IsVoter(self());
}

bool RaftCore::HasLiveLeader() const {
  // A leader has heard from a majority within the time; see LeaderTick.
  if (const auto* leader = std::get_if<Leader>(&role_)) {
    return HeardFromQuorum(*leader);
  }
  const auto* follower = std::get_if<Follower>(&role_);
  // The least timeout and not the one drawn here (thesis 4.2.3): before it
  // nobody has a reason to campaign.
  return follower != nullptr && follower->contact.has_value() &&
         now_ < *follower->contact + options_.election_timeout;
}

bool RaftCore::IsBidOfLeader(const Message& message) const {
  // Of a leader that removed itself: that its removal is committed may be known
  // here before its bid comes (thesis 4.2.2).
  return std::holds_alternative<TimeoutNow>(message.body) &&
         message.header.term == term() && message.header.from == term_leader_;
}

void RaftCore::LoseLeader(Follower& follower) {
  // A hint of the transport, so nothing is decided by it but when to ask: a
  // pre-vote finds out whether the others still hear the leader.
  follower.contact.reset();
  // All notice at about the same time, and would vote for themselves.
  Micros slot = 0;
  for (const MemberId member : InForce().Members()) {
    if (member == self()) break;  // they are sorted
    const bool asks = member != term_leader_ && InForce().IsVoter(member);
    if (asks) slot += options_.connection_loss_slot;
  }
  follower.deadline = std::min(follower.deadline, now_ + slot);
  ReportRole(RoleReason::kConnectionLost);
}

// Its answers have come, so a round trip is short; the candidates it was split
// among draw anew, and the one that draws less asks for pre-votes first.
Micros RaftCore::DrawRetryAfterSplitVote() {
  return random_.Uniform(options_.election_timeout / 2 + 1);
}

Micros RaftCore::ToleratedSilence(const Follower& follower) const {
  // A learner that knows all is sent few heartbeats (HeartbeatLearners). Twice
  // their distance, so that one of them may be lost.
  if (InForce().IsVoter(self())) return follower.timeout;
  return follower.timeout +
         2 * static_cast<Micros>(options_.learner_heartbeat_rounds) *
             options_.heartbeat_interval;
}

Micros RaftCore::DrawTimeout() {
  // Spread over as much again, which makes split votes rare (section 5.2).
  return options_.election_timeout + random_.Uniform(options_.election_timeout);
}

bool RaftCore::HeardFromQuorum(const Leader& leader) const {
  return HasQuorum(InForce(), [&](MemberId member) {
    if (member == self()) return true;
    // In quarantine a member answers, but may have promised itself to another
    // leader and forgotten it.
    const auto peer = absl::c_find_if(
        leader.peers, [member](const Peer& p) { return p.id == member; });
    return peer != leader.peers.end() && !peer->progress.quarantined() &&
           now_ < peer->progress.last_contact() + options_.election_timeout;
  });
}

}  // namespace microovn::raft
