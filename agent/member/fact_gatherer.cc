#include "agent/member/fact_gatherer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace microovn::agent {
namespace {

// A member that lives answers in milliseconds; the rest of the time is for
// the members behind it.
constexpr absl::Duration kBarrierTimeout = absl::Seconds(1);

void FillLog(const raft::NodeStatus& status, ClusterFacts& facts) {
  if (status.leader.has_value()) facts.leader_id = status.leader->ToHex();
  facts.term = status.term.value();
  facts.last_index = status.last_log.value();
  for (const raft::MemberId& voter : status.configuration.voters) {
    facts.voters.insert(voter.ToHex());
  }
  for (const raft::MemberId& learner : status.configuration.learners) {
    facts.learners.insert(learner.ToHex());
  }
  for (const raft::PeerProgress& peer : status.peers) {
    facts.match_index[peer.member.ToHex()] = peer.match.value();
  }
}

std::vector<Peer> OthersIn(const ClusterState& state,
                           const std::string& self_id) {
  std::vector<Peer> others;
  for (const auto& [id, member] : state.members.records()) {
    if (id == self_id) continue;
    others.push_back({id, member->name(), member->address()});
  }
  return others;
}

// How far `theirs` was ahead, which was read between two times of this clock:
// what it can be by the wait for others is none.
absl::Duration Offset(absl::Time theirs, absl::Time asked,
                      absl::Time answered) {
  if (theirs > answered) return theirs - answered;
  return theirs < asked ? theirs - asked : absl::ZeroDuration();
}

}  // namespace

ClusterFacts FactGatherer::Gather(bool linearizable, bool probe,
                                  absl::Duration timeout) {
  ClusterFacts facts;
  facts.self_id = parts_.self_id;
  const absl::Duration start = parts_.clock->Monotonic();
  if (linearizable) {
    facts.stale = !parts_.log->Barrier(std::min(timeout, kBarrierTimeout)).ok();
  }
  facts.state = parts_.store->Current();
  FillLog(parts_.log->node().Status(), facts);
  facts.now = parts_.clock->Now();
  if (!probe) return facts;

  const absl::Duration left = timeout - (parts_.clock->Monotonic() - start);
  const absl::Time asked = parts_.clock->Now();
  facts.answers =
      parts_.peers->Probe(OthersIn(*facts.state, parts_.self_id), left);
  facts.answers.insert_or_assign(parts_.self_id, parts_.local_status());
  facts.now = parts_.clock->Now();
  for (const auto& [id, answer] : facts.answers) {
    if (!answer.ok()) continue;
    facts.clock_offsets[id] =
        Offset(absl::FromUnixMillis(answer->time_millis()), asked, facts.now);
  }
  MutexLock lock(&mu_);
  for (const auto& [id, answer] : facts.answers) {
    if (answer.ok()) last_seen_[id] = facts.now;
  }
  facts.last_seen = last_seen_;
  return facts;
}

}  // namespace microovn::agent
