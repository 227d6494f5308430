// SPDX-License-Identifier: Apache-2.0
#include "agent/member/fact_gatherer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace microovn::agent {
namespace {

// A member that lives answers in milliseconds; the rest of the time is for
// the members behind it.
constexpr absl::Duration kBarrierTimeout = absl::Seconds(1);
constexpr absl::Duration kGlance = absl::Milliseconds(300);

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
}

// What its leader knows of the log.
void FillProgress(ClusterFacts& facts) {
  const auto leader = facts.answers.find(facts.leader_id);
  if (leader == facts.answers.end() || !leader->second.ok()) return;
  const v1::LogReplica& log = leader->second->log();
  facts.last_index = std::max(facts.last_index, log.last_index());
  for (const v1::LogPeer& peer : log.peers()) {
    if (peer.has_contact_age()) {
      facts.match_index[peer.member()] = peer.match_index();
    }
  }
}

std::vector<Peer> OthersIn(const ClusterState& state,
                           const std::string& self_id) {
  std::vector<Peer> others;
  for (const auto& [id, member] : state.members.records()) {
    if (id == self_id) continue;
    others.push_back(PeerOf(*member));
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
  } else if (probe) {
    // Who takes an old answer is told that it is one, and not kept waiting for
    // a leader that is not there.
    facts.stale = !parts_.log->node().Status().leader.has_value() ||
                  !parts_.log->Barrier(std::min(timeout, kGlance)).ok();
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
  FillProgress(facts);
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
