// The comparison of states while the cluster runs (raft.md 5a.9). It has no
// switch: etcd's was off by default, and nobody turned it on.
//
// The leader asks in its heartbeats for the hash at one index, for which it has
// its own, until all that are alive have answered; then it is silent until it
// has a newer one. Once it knows which hash is right it says so with the
// question. Whoever finds its own to differ stops, and keeps both as evidence:
// its state came about in another way, and nothing that it says can be trusted.
// A leader that differs stops as well, and the others elect another. The hash
// runs on from index to index, so a difference that one comparison missed shows
// in the next.
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "raft/core/raft_core.h"
#include "raft/core/state_verdict.h"

namespace microovn::raft {

void RaftCore::KeepMarks(std::vector<StateMark> marks) {
  for (StateMark& mark : marks) marks_.Add(std::move(mark));
  auto* leader = std::get_if<Leader>(&role_);
  if (leader != nullptr) StartComparison(*leader);
}

void RaftCore::StartComparison(Leader& leader) {
  Comparison& comparison = leader.comparison;
  const StateMark* newest = marks_.Newest();
  if (newest == nullptr || newest->index == comparison.index) return;
  const bool kept = marks_.Find(comparison.index) != nullptr;
  if (kept && !IsFinished(leader)) return;
  comparison = Comparison();
  comparison.index = newest->index;
  comparison.votes = {{self(), newest->hash}};
  Judge(leader);
}

// Of those who are alive; who is not may come back within this comparison, or
// takes part in a later one.
bool RaftCore::IsFinished(const Leader& leader) const {
  return absl::c_all_of(leader.peers, [&](const Peer& peer) {
    const Time silent =
        peer.progress.last_contact() + options_.election_timeout;
    return silent <= now_ || !QuestionFor(leader, peer.id).has_value();
  });
}

std::optional<StateMark> RaftCore::QuestionFor(const Leader& leader,
                                               MemberId peer) const {
  const Comparison& comparison = leader.comparison;
  if (comparison.index == LogIndex(0)) return std::nullopt;
  const auto vote =
      absl::c_find_if(comparison.votes,
                      [peer](const StateVote& v) { return v.member == peer; });
  const bool settled = vote != comparison.votes.end() &&
                       (vote->hash.empty() || !comparison.right.has_value() ||
                        vote->hash == *comparison.right);
  if (settled) return std::nullopt;
  return StateMark{comparison.index, comparison.right.value_or("")};
}

void RaftCore::CountMark(Leader& leader, MemberId peer, const StateMark& mark) {
  Comparison& comparison = leader.comparison;
  if (mark.index == LogIndex(0) || mark.index != comparison.index) return;
  const auto vote =
      absl::c_find_if(comparison.votes,
                      [peer](const StateVote& v) { return v.member == peer; });
  if (vote != comparison.votes.end()) {
    // It started again and no longer knows what it said, so it cannot find out
    // by this comparison that it differs. The next one shows.
    if (mark.hash.empty()) vote->hash.clear();
    return;
  }
  comparison.votes.push_back({peer, mark.hash});
  Judge(leader);
}

void RaftCore::Judge(Leader& leader) {
  Comparison& comparison = leader.comparison;
  comparison.right = RightHash(InForce(), self(), comparison.votes);
  if (comparison.right.has_value()) {
    CompareMark({comparison.index, *comparison.right});
  }
}

void RaftCore::CompareMark(const StateMark& right) {
  const StateMark* own = marks_.Find(right.index);
  if (own == nullptr || right.hash.empty() || own->hash == right.hash) return;
  Fail(FaultKind::kStateDivergence,
       absl::StrCat("at index ", right.index.value(), " the hash here is ",
                    absl::BytesToHexString(own->hash), ", elsewhere ",
                    absl::BytesToHexString(right.hash)));
}

StateMark RaftCore::AnswerMark(const StateMark& question) {
  CompareMark(question);
  const StateMark* own = marks_.Find(question.index);
  if (own != nullptr) return *own;
  // Past it without a mark, after a restart or a snapshot: never, not just not
  // yet. Without this answer the leader would wait for one.
  return applied_ < question.index ? StateMark()
                                   : StateMark{question.index, ""};
}

}  // namespace microovn::raft
