// SPDX-License-Identifier: Apache-2.0
// Changes of the configuration by joint consensus (Raft section 6, thesis
// 4.3), one at a time, in force from the append on; and hand-over of
// leadership (thesis 3.10).
#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "raft/core/raft_core.h"

namespace microovn::raft {
namespace {

std::vector<Peer>::iterator FirstNotBefore(std::vector<Peer>& peers,
                                           MemberId id) {
  return std::lower_bound(
      peers.begin(), peers.end(), id,
      [](const Peer& peer, MemberId wanted) { return peer.id < wanted; });
}

}  // namespace

void RaftCore::On(ProposeConfiguration& propose) {
  const auto* leader = std::get_if<Leader>(&role_);
  const auto refused = leader == nullptr ? RefusedReason::kNotLeader
                                         : MayChange(*leader, propose.expected);
  if (refused.has_value()) {
    Refuse(propose.id, *refused);
    return;
  }
  // From the configuration in force, which MayChange found to be committed and
  // not joint: so each entry differs from the one before by one legal step, and
  // every majority of the one meets every majority of the other.
  const Transition transition = BeginChange(InForce(), propose.target);
  if (!transition.next.has_value()) {
    out_.refused.push_back(
        {propose.id, RefusedReason::kIllegalConfiguration, transition.error});
    return;
  }
  out_.accepted.push_back({propose.id, log_.last_index().Next(), term()});
  AppendConfiguration(*transition.next);
}

std::optional<RefusedReason> RaftCore::MayChange(const Leader& leader,
                                                 LogIndex expected) const {
  if (leader.hand_over.has_value()) return RefusedReason::kTransferring;
  // A leader that has committed nothing may not know the latest committed
  // configuration to be so; two changes could then have disjoint majorities
  // (raft-dev 2015, raft.md 5b.6).
  if (commit_ < leader.term_start) return RefusedReason::kTermNotCommitted;
  const ConfigurationHistory::Item& in_force = configurations_.InForce();
  if (in_force.index > commit_ || in_force.configuration.is_joint()) {
    return RefusedReason::kChangeInProgress;
  }
  // Last: while a change is under way no index is one to build on. The caller
  // decided on a configuration that it read before, and another may have come
  // between.
  if (in_force.index != expected) return RefusedReason::kConfigurationMoved;
  return std::nullopt;
}

void RaftCore::AppendConfiguration(const Configuration& next) {
  const LogIndex index = AppendAsLeader(EntryKind::kConfiguration,
                                        Payload(EncodeConfiguration(next)));
  // In force at once, committed or not (thesis 4.1): members learn of
  // commitments at different times, and until then some would still count by
  // the old majority only (raft.md 5b.8).
  configurations_.Append(index, next);
  ConfigurationChanged();
  BroadcastAppends();
}

void RaftCore::ConfigurationChanged() {
  out_.configuration = InForce();
  // Also after a truncation or a snapshot has taken the newest away; then this
  // is a follower.
  if (auto* leader = std::get_if<Leader>(&role_)) UpdatePeers(*leader);
  // A learner waits longer than a voter, and may have become one.
  auto* follower = std::get_if<Follower>(&role_);
  if (follower != nullptr && follower->contact.has_value()) {
    follower->deadline = *follower->contact + ToleratedSilence(*follower);
  }
}

void RaftCore::UpdatePeers(Leader& leader) {
  // Those who leave get the log until their removal is committed.
  for (const MemberId member : InForce().Members()) {
    if (member == self()) continue;
    // FindPeer searches by halves: the order by id must stay.
    const auto at = FirstNotBefore(leader.peers, member);
    if (at != leader.peers.end() && at->id == member) continue;
    leader.peers.insert(
        at, Peer{member, Progress(log_.last_index().Next(), now_), false});
  }
}

void RaftCore::FinishChange() {
  const ConfigurationHistory::Item& in_force = configurations_.InForce();
  if (in_force.index > commit_) return;
  // The leader goes on by itself, and one that was elected in the middle of a
  // change finishes it in the same way: no caller is needed, and none can leave
  // a cluster joint.
  if (in_force.configuration.is_joint()) {
    AppendConfiguration(LeaveJoint(in_force.configuration));
    return;
  }
  auto& leader = std::get<Leader>(role_);
  // Not at the append: who leaves must hear of it, or it would campaign against
  // a cluster that no longer counts it.
  leader.peers.erase(std::remove_if(leader.peers.begin(), leader.peers.end(),
                                    [this](const Peer& peer) {
                                      return !InForce().Contains(peer.id);
                                    }),
                     leader.peers.end());
  if (InForce().IsVoter(self())) return;
  // Thesis 4.2.2: a leader that removed itself leads until that is committed.
  // A bid only: without it, or if it is lost, a timeout does the same.
  const MemberId successor = BestSuccessor(leader);
  if (!successor.is_none()) SendTo(successor, TimeoutNow{});
  BecomeFollower(RoleReason::kRemoved);
}

void RaftCore::On(Transfer& transfer) {
  auto* leader = std::get_if<Leader>(&role_);
  if (leader == nullptr) {
    Refuse(transfer.id, RefusedReason::kNotLeader);
    return;
  }
  if (leader->hand_over.has_value()) {
    Refuse(transfer.id, RefusedReason::kTransferring);
    return;
  }
  const MemberId to =
      transfer.to.is_none() ? BestSuccessor(*leader) : transfer.to;
  const Peer* peer = FindPeer(to);
  // Among the new voters only: an outgoing one may be none with the next entry.
  if (peer == nullptr || peer->progress.quarantined() ||
      !absl::c_binary_search(InForce().voters, to)) {
    Refuse(transfer.id, RefusedReason::kNotAVoter);
    return;
  }
  leader->hand_over =
      HandOver{transfer.id, to, now_ + options_.transfer_timeout};
  ContinueHandOver(*leader);
}

MemberId RaftCore::BestSuccessor(const Leader& leader) const {
  const Peer* best = nullptr;
  for (const Peer& peer : leader.peers) {
    const bool fit =
        absl::c_binary_search(InForce().voters, peer.id) &&
        !peer.progress.quarantined() &&
        now_ < peer.progress.last_contact() + options_.election_timeout;
    if (!fit) continue;
    // Room on the disk comes before the length of the log: what is missing is
    // sent before the bid, but a full disk would pass the lead on at once.
    const bool better =
        best == nullptr ||
        std::make_pair(peer.takes_changes, peer.progress.match()) >
            std::make_pair(best->takes_changes, best->progress.match());
    if (better) best = &peer;
  }
  return best == nullptr ? MemberId() : best->id;
}

void RaftCore::On(SpaceChanged& space) {
  read_only_ = space.read_only;
  if (auto* leader = std::get_if<Leader>(&role_)) HandOverIfReadOnly(*leader);
}

// Only to one that said that it has space: two full members would hand over to
// each other for ever.
void RaftCore::HandOverIfReadOnly(Leader& leader) {
  if (!read_only_ || leader.hand_over.has_value()) return;
  const Peer* peer = FindPeer(BestSuccessor(leader));
  if (peer == nullptr || !peer->takes_changes) return;
  leader.hand_over =
      HandOver{RequestId(), peer->id, now_ + options_.transfer_timeout};
  ContinueHandOver(leader);
}

void RaftCore::ContinueHandOver(Leader& leader) {
  if (!leader.hand_over.has_value()) return;
  Peer* peer = FindPeer(leader.hand_over->to);
  if (peer == nullptr) return;
  // Only with the whole log is it certain that no voter refuses it for its log
  // (thesis 3.10). Said again with each of its answers until it campaigns: the
  // bid may be lost, and a second one is of an old term by then.
  if (peer->progress.match() == log_.last_index()) {
    SendTo(peer->id, TimeoutNow{});
  } else {
    SendAppends(*peer);
  }
}

}  // namespace microovn::raft
