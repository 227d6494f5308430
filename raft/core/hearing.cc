// SPDX-License-Identifier: Apache-2.0
// Whose word counts for what (docs/adr/0032). A member's certificate proves who
// speaks, not what it may say: a learner knows the log, terms and ids of all
// others, and one that lies would otherwise lead, or depose who does.
//
// Only voters lead, vote and move the term. Who votes is known by the log from
// the committed configuration on: each of those may be the one in force
// elsewhere. That knowledge may be old, and whoever is behind could then never
// hear the leader that it needs; so a voter that is unknown here may prove that
// it is one. The proof names a configuration, and counts for nothing with a
// member that has committed that one or a later one: that member knows.
#include "absl/strings/str_cat.h"
#include "raft/core/raft_core.h"

namespace microovn::raft {

void RaftCore::On(Received& received) {
  const Message& message = received.message;
  if (!AcceptHeader(message) || !AcceptSpeaker(received) ||
      !AcceptTerm(message)) {
    return;
  }
  std::visit([&](const auto& body) { On(message.header, body); }, message.body);
}

bool RaftCore::AcceptHeader(const Message& message) {
  const Header& header = message.header;
  // First of all: what is not of this cluster must not even move the term
  // (raft.md 5b.17).
  if (header.cluster != identity_.cluster) {
    Reject(header.from, RejectedReason::kOtherCluster);
    return false;
  }
  if (header.to != self() || header.from == self()) {
    Reject(header.from, RejectedReason::kNotForThisMember);
    return false;
  }
  // Committed: until then the change may be undone, and a leader that removes
  // itself is still needed.
  if (configurations_.At(commit_).configuration.IsRemoved(header.from) &&
      !IsBidOfLeader(message)) {
    Reject(header.from, RejectedReason::kRemovedMember);
    return false;
  }
  // By the configuration in force and not the committed one, so that a new
  // member is checked from its first message on.
  const auto incarnation = InForce().IncarnationOf(header.from);
  if (incarnation.has_value() && *incarnation != header.incarnation) {
    Reject(header.from, RejectedReason::kOtherIncarnation);
    return false;
  }
  // A member that has just joined knows of no term, and hears its first here.
  const bool leaps =
      term() != Term(0) && header.term > term() + kGreatestTermStep;
  if (leaps || !IsInRange(message)) {
    Reject(header.from, RejectedReason::kTermOutOfRange);
    return false;
  }
  return true;
}

bool RaftCore::AcceptSpeaker(const Received& received) {
  const Header& header = received.message.header;
  // Moves nothing, and is answered with the present term.
  if (header.term < term()) return true;
  const Speaker speaker = SpeakerOf(received.message.body);
  if (speaker == Speaker::kMember) {
    // Of a later term, that makes whoever leads step down. Not refused aloud:
    // an honest learner of a new leader answers the old one so. It need not be
    // heard: voters say the same. A voter that was demoted while it was away
    // has to be, for it is in a term of its own campaign and no leader of an
    // earlier one can tell it so; its proof is old, but it has one.
    return header.term == term() || received.voter_at != LogIndex(0) ||
           MayVote(header.from, received.voter_at);
  }
  // Was a voter when this member began to follow it; meanwhile it may have
  // removed itself.
  const bool leads_here = speaker == Speaker::kLeader &&
                          header.term == term() && header.from == term_leader_;
  if (leads_here || MayVote(header.from, received.voter_at)) return true;
  Reject(header.from, RejectedReason::kNoVoter);
  return false;
}

bool RaftCore::MayVote(MemberId member, LogIndex proved) const {
  // It has just joined and was told of nobody.
  if (InForce().voters.empty()) return true;
  return IsKnownVoter(member) || proved > configurations_.At(commit_).index;
}

bool RaftCore::IsKnownVoter(MemberId member) const {
  return configurations_.NewestWithVoter(member, commit_) != nullptr;
}

LogIndex RaftCore::voter_at() const {
  const auto* item = configurations_.NewestWithVoter(self(), commit_);
  return item == nullptr ? LogIndex(0) : item->index;
}

bool RaftCore::AcceptTerm(const Message& message) {
  const auto* vote = std::get_if<VoteRequest>(&message.body);
  // Stickiness (thesis 4.2.3): neither a term nor an answer, or a member that
  // lost only its own link would depose the leader of all others.
  if (vote != nullptr && !vote->transfer && HasLiveLeader()) return false;
  // By a pre-vote as well: its header names the term in which its sender is,
  // not the one that it would campaign in (thesis 9.6).
  if (message.header.term > term()) AdoptTerm(message.header.term);
  if (message.header.term == term()) return true;
  AnswerOldTerm(message);
  return false;
}

void RaftCore::AnswerOldTerm(const Message& message) {
  // Only what waits for an answer gets one. An old reply or bid means nothing
  // any more.
  const MemberId from = message.header.from;
  if (const auto* vote = std::get_if<VoteRequest>(&message.body)) {
    SendTo(from,
           VoteReply{vote->phase, vote->round, vote->campaign_term, false});
  } else if (const auto* read = std::get_if<ReadIndexRequest>(&message.body)) {
    SendTo(from, ReadIndexReply{read->sequence, false, LogIndex(0)});
  } else if (std::holds_alternative<Append>(message.body) ||
             std::holds_alternative<Heartbeat>(message.body) ||
             std::holds_alternative<SnapshotChunk>(message.body)) {
    // The header's term is the answer: the old leader steps down.
    HeartbeatReply reply;
    reply.quarantined = quarantine_.active();
    SendTo(from, reply);
  }
}

bool RaftCore::HearLeader(MemberId leader) {
  const bool second = std::holds_alternative<Leader>(role_) ||
                      (!term_leader_.is_none() && term_leader_ != leader);
  if (second && !(IsKnownVoter(term_leader_) && IsKnownVoter(leader))) {
    // One of them was believed without being known here, so this says nothing
    // about the cluster.
    Reject(leader, RejectedReason::kNoVoter);
    return false;
  }
  if (second) {
    Fail(FaultKind::kSecondLeaderInTerm,
         absl::StrCat("term ", term().value(), ": ", leader.ToHex(),
                      " leads beside ", term_leader_.ToHex()));
    return false;
  }
  term_leader_ = leader;
  if (!std::holds_alternative<Follower>(role_)) {
    BecomeFollower(RoleReason::kLeaderKnown);
  }
  auto& follower = std::get<Follower>(role_);
  follower.contact = now_;
  follower.deadline = now_ + ToleratedSilence(follower);
  ReportRole(RoleReason::kLeaderKnown);
  return true;
}

}  // namespace microovn::raft
