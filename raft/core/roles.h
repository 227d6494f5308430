// SPDX-License-Identifier: Apache-2.0
// What a member knows because of the role it has. Leader-only data cannot
// exist on a follower: the core holds exactly one of these in a variant.
// Thread-compatible values.
#ifndef MICROOVN_RAFT_CORE_ROLES_H_
#define MICROOVN_RAFT_CORE_ROLES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "raft/core/integrity/state_comparison.h"
#include "raft/core/log/progress.h"
#include "raft/core/values/message.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Reads of this member's callers, on their way to the leader. One request at a
// time; what comes meanwhile rides on the next.
struct ForwardedReads {
  uint64_t sequence = 0;         // of the request that is out
  std::vector<RequestId> asked;  // what it covers; empty: none is out
  std::vector<RequestId> waiting;
  Time asked_at;

  friend bool operator==(const ForwardedReads& a, const ForwardedReads& b) {
    return std::tie(a.sequence, a.asked, a.waiting, a.asked_at) ==
           std::tie(b.sequence, b.asked, b.waiting, b.asked_at);
  }
};

// A batch on its way to the disk.
struct UnstoredBatch {
  StorageToken token;
  Time issued;

  friend bool operator==(const UnstoredBatch& a, const UnstoredBatch& b) {
    return a.token == b.token && a.issued == b.issued;
  }
};

// A snapshot that the leader of this term is sending.
struct IncomingSnapshot {
  SnapshotMetadata snapshot;
  std::optional<uint64_t> size;  // once the last chunk was seen

  friend bool operator==(const IncomingSnapshot& a, const IncomingSnapshot& b) {
    return a.snapshot == b.snapshot && a.size == b.size;
  }
};

struct Follower {
  Micros timeout = 0;  // drawn once per stay in the role
  Time deadline;       // then it campaigns
  // Last word of this term's leader; none: there is none, or it is lost.
  std::optional<Time> contact;
  ReadNumber read_number;  // highest from this term's leader
  // Not the end of the log: what is behind it may be an earlier leader's, and
  // is still to be replaced.
  LogIndex matched;  // the log agrees with this term's leader's up to here
  ForwardedReads reads;
  std::optional<IncomingSnapshot> incoming;

  friend bool operator==(const Follower& a, const Follower& b) {
    const auto tie = [](const Follower& f) {
      return std::tie(f.timeout, f.deadline, f.contact, f.read_number,
                      f.matched, f.reads, f.incoming);
    };
    return tie(a) == tie(b);
  }
};

// A campaign in one of its phases. In the first, as a pre-candidate, the member
// is still in its old term and has promised nothing. Votes are kept as ids, so
// that none counts twice (raft.md 5b.2).
struct Candidate {
  VotePhase phase = VotePhase::kPreVote;
  // A late answer to an earlier campaign, even in the same term, is told by it.
  uint64_t round = 0;
  Term campaign_term;
  bool transfer = false;
  Time deadline;
  // Who has not answered by then is asked again (thesis 3.4).
  Time next_request;
  // The batch that holds its own vote, which counts once that is durable.
  // 0 in a pre-vote.
  StorageToken own_vote;
  std::vector<MemberId> granted;
  std::vector<MemberId> refused;

  friend bool operator==(const Candidate& a, const Candidate& b) {
    const auto tie = [](const Candidate& c) {
      return std::tie(c.phase, c.round, c.campaign_term, c.transfer, c.deadline,
                      c.next_request, c.own_vote, c.granted, c.refused);
    };
    return tie(a) == tie(b);
  }
};

// It is answered with `index` once a quorum has answered the round `number`,
// which began after the read came (thesis 6.4).
struct PendingRead {
  // 0: waits until an entry of the leader's own term is committed.
  ReadNumber number;
  LogIndex index;      // the commit index when the read came
  MemberId requester;  // none: a caller of this member
  uint64_t id = 0;     // RequestId, or the requester's sequence

  friend bool operator==(const PendingRead& a, const PendingRead& b) {
    return std::tie(a.number, a.index, a.requester, a.id) ==
           std::tie(b.number, b.index, b.requester, b.id);
  }
};

// While there is one, proposals and changes are refused, so that the successor
// catches up (thesis 3.10). When the deadline has passed the leader leads on.
struct HandOver {
  RequestId id;  // 0: nobody asked for it
  MemberId to;
  Time deadline;

  friend bool operator==(const HandOver& a, const HandOver& b) {
    return std::tie(a.id, a.to, a.deadline) == std::tie(b.id, b.to, b.deadline);
  }
};

// A member that gets the log: of the configuration in force, or leaving it by a
// change that is not committed yet.
struct Peer {
  MemberId id;
  Progress progress;
  // It said in this term that its disk has space.
  bool takes_changes = false;

  friend bool operator==(const Peer& a, const Peer& b) {
    return std::tie(a.id, a.progress, a.takes_changes) ==
           std::tie(b.id, b.progress, b.takes_changes);
  }
};

struct Leader {
  std::vector<Peer> peers;  // all others that get the log, sorted by id
  LogIndex term_start;      // the no-op that opened the term
  Time next_heartbeat;
  uint64_t heartbeat_round = 0;
  // Then whoever has not heard of the newest commitment is told.
  std::optional<Time> commit_notice;
  // Of this leader's own entries. Those that it inherited do not count: it did
  // not admit them, and could begin overloaded.
  size_t uncommitted_bytes = 0;
  // Read confirmations: the highest number sent and the highest that a quorum
  // answered. Numbers are given once and grow.
  ReadNumber read_number;
  ReadNumber confirmed;
  std::deque<PendingRead> reads;  // by number, those without one last
  std::optional<HandOver> hand_over;
  StateComparison comparison;

  friend bool operator==(const Leader& a, const Leader& b) {
    const auto tie = [](const Leader& l) {
      return std::tie(l.peers, l.term_start, l.next_heartbeat,
                      l.heartbeat_round, l.commit_notice, l.uncommitted_bytes,
                      l.read_number, l.confirmed, l.reads, l.hand_over,
                      l.comparison);
    };
    return tie(a) == tie(b);
  }
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_ROLES_H_
