// SPDX-License-Identifier: Apache-2.0
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

namespace microovn::raft {

void RaftCore::KeepMarks(std::vector<StateMark> marks) {
  for (StateMark& mark : marks) marks_.Add(std::move(mark));
  auto* leader = std::get_if<Leader>(&role_);
  if (leader != nullptr) StartComparison(*leader);
}

void RaftCore::StartComparison(Leader& leader) {
  const LogIndex index = leader.comparison.index();
  const StateMark* newest = marks_.Newest();
  if (newest == nullptr || newest->index == index) return;
  // A question whose own mark is gone from here cannot be judged any more and
  // gives way.
  const bool kept = marks_.Find(index) != nullptr;
  if (kept && !IsFinished(leader)) return;
  // Always the newest: the hash runs on, so what is equal there was equal at
  // all marks before it.
  leader.comparison = StateComparison(self(), *newest);
  Judge(leader);
}

// Of those who are alive; who is not may come back within this comparison, or
// takes part in a later one.
bool RaftCore::IsFinished(const Leader& leader) const {
  return absl::c_all_of(leader.peers, [&](const Peer& peer) {
    const Time silent =
        peer.progress.last_contact() + options_.election_timeout;
    return silent <= now_ || !leader.comparison.Question(peer.id).has_value();
  });
}

void RaftCore::Judge(Leader& leader) {
  const std::optional<StateMark> right =
      leader.comparison.Decide(InForce(), self());
  if (right.has_value()) CompareMark(*right);
}

void RaftCore::CompareMark(const StateMark& right) {
  const StateMark* own = marks_.Find(right.index);
  // Without a hash it is a question only.
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
