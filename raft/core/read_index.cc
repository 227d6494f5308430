// SPDX-License-Identifier: Apache-2.0
// Linearizable reads without a log entry (thesis 6.4). The leader numbers its
// confirmation rounds; a number is sent once it exists, is echoed by every
// answer, and is never given twice, so a late answer can only confirm what was
// asked before it (raft.md 5b.1).
#include <algorithm>
#include <utility>

#include "raft/core/raft_core.h"
#include "raft/core/values/quorum.h"

namespace microovn::raft {

void RaftCore::On(ReadRequest& request) {
  if (auto* leader = std::get_if<Leader>(&role_)) {
    if (leader->reads.size() >= options_.max_pending_reads) {
      Refuse(request.id, RefusedReason::kOverloaded);
      return;
    }
    PendingRead read;
    read.id = request.id.value();
    AddRead(*leader, read);
    return;
  }
  auto* follower = std::get_if<Follower>(&role_);
  // Refused and not kept: the node learns of a new leader, and asks again then.
  if (follower == nullptr || !follower->contact.has_value()) {
    Refuse(request.id, RefusedReason::kNoLeader);
    return;
  }
  ForwardedReads& reads = follower->reads;
  if (reads.asked.size() + reads.waiting.size() >= options_.max_pending_reads) {
    Refuse(request.id, RefusedReason::kOverloaded);
    return;
  }
  reads.waiting.push_back(request.id);
  // One request is on its way at a time. The busier the member, the more reads
  // share the next: a leader gets as many requests as there are round trips,
  // not callers.
  if (reads.asked.empty()) ForwardReads(*follower);
}

void RaftCore::On(const Header& header, const ReadIndexRequest& request) {
  auto* leader = std::get_if<Leader>(&role_);
  // A refusal costs the asker less than silence, after which it would wait for
  // two heartbeats.
  const bool mine = leader != nullptr && FindPeer(header.from) != nullptr &&
                    leader->reads.size() < options_.max_pending_reads;
  if (!mine) {
    SendTo(header.from, ReadIndexReply{request.sequence, false, LogIndex(0)});
    return;
  }
  PendingRead read;
  read.requester = header.from;
  read.id = request.sequence;
  AddRead(*leader, read);
}

void RaftCore::On(const Header& header, const ReadIndexReply& reply) {
  auto* follower = std::get_if<Follower>(&role_);
  if (follower == nullptr || header.from != term_leader_) return;
  ForwardedReads& reads = follower->reads;
  // An answer to an earlier request: its reads are among those asked since, and
  // the later index serves them all.
  if (reads.asked.empty() || reads.sequence != reply.sequence) return;
  for (const RequestId id : std::exchange(reads.asked, {})) {
    if (reply.confirmed) {
      out_.reads.push_back({id, reply.index});
    } else {
      Refuse(id, RefusedReason::kLeadershipLost);
    }
  }
  if (!reads.waiting.empty()) ForwardReads(*follower);
}

void RaftCore::AddRead(Leader& leader, PendingRead read) {
  // Before an entry of its own term is committed a leader does not know how
  // far its predecessors had committed (thesis 6.4, step 1).
  if (commit_ < leader.term_start) {
    leader.reads.push_back(read);
    return;
  }
  read.index = commit_;
  // Only a round that starts after the read came confirms it.
  read.number = leader.read_number.Next();
  leader.reads.push_back(read);
  // One round at a time; what comes meanwhile shares the next.
  if (leader.confirmed == leader.read_number) StartReadRound(leader);
}

void RaftCore::StartReadRound(Leader& leader) {
  leader.read_number = leader.read_number.Next();
  BroadcastHeartbeats();
  ConfirmReads(leader);  // the only voter confirms itself
}

void RaftCore::ConfirmReads(Leader& leader) {
  if (leader.confirmed == leader.read_number) return;
  // Who echoes a number did so in this term and after the round began. When a
  // quorum has, no later leader was elected before that, since it takes one of
  // them; so nobody else had committed anything when the read came, and the
  // index noted with it was the newest (thesis 6.4).
  const ReadNumber reached(QuorumValue(InForce(), [&](MemberId member) {
    if (member == self()) return leader.read_number.value();
    const Peer* peer = FindPeer(member);
    return peer == nullptr ? 0 : peer->progress.confirmed_read().value();
  }));
  if (reached <= leader.confirmed) return;
  leader.confirmed = reached;
  // Numbers grow along the queue. 0 stands at its end only, and cannot be
  // reached.
  while (!leader.reads.empty() &&
         leader.reads.front().number != ReadNumber(0) &&
         leader.reads.front().number <= reached) {
    AnswerRead(leader.reads.front(), /*confirmed=*/true);
    leader.reads.pop_front();
  }
  // They came during the round that has just ended.
  const bool more =
      !leader.reads.empty() && leader.reads.front().number > leader.read_number;
  if (more && leader.confirmed == leader.read_number) StartReadRound(leader);
}

void RaftCore::ReleaseGatedReads(Leader& leader) {
  // The first commitment in its term covers all that was committed before it:
  // from now on there is an index to give.
  for (PendingRead& read : leader.reads) {
    if (read.number != ReadNumber(0)) continue;
    read.index = commit_;
    read.number = leader.read_number.Next();
  }
  if (!leader.reads.empty()) StartReadRound(leader);
}

void RaftCore::AnswerRead(const PendingRead& read, bool confirmed) {
  if (!read.requester.is_none()) {
    // It waits until it has applied so far.
    Peer* peer = confirmed ? FindPeer(read.requester) : nullptr;
    if (peer != nullptr) TellCommit(*peer);
    SendTo(read.requester, ReadIndexReply{read.id, confirmed, read.index});
  } else if (confirmed) {
    out_.reads.push_back({RequestId(read.id), read.index});
  } else {
    Refuse(RequestId(read.id), RefusedReason::kLeadershipLost);
  }
}

void RaftCore::ForwardReads(Follower& follower) {
  ForwardedReads& reads = follower.reads;
  // With those whose request is taken to be lost: under the new number an
  // answer to the old one is not heard any more, so none is answered twice.
  reads.asked.insert(reads.asked.end(), reads.waiting.begin(),
                     reads.waiting.end());
  reads.waiting.clear();
  reads.sequence = ++read_sequence_;
  reads.asked_at = now_;
  SendTo(term_leader_, ReadIndexRequest{reads.sequence});
}

void RaftCore::RefuseReads(RefusedReason reason) {
  // Before the role is replaced, which would drop them unanswered. To refuse is
  // always safe: nothing was read.
  if (auto* leader = std::get_if<Leader>(&role_)) {
    for (const PendingRead& read : std::exchange(leader->reads, {})) {
      AnswerRead(read, /*confirmed=*/false);
    }
  } else if (auto* follower = std::get_if<Follower>(&role_)) {
    for (const RequestId id : std::exchange(follower->reads.asked, {})) {
      Refuse(id, reason);
    }
    for (const RequestId id : std::exchange(follower->reads.waiting, {})) {
      Refuse(id, reason);
    }
  }
}

}  // namespace microovn::raft
