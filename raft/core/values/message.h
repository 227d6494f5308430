// SPDX-License-Identifier: Apache-2.0
// What members say to each other, as plain values; raft/transport converts
// them to protobuf. The network may lose, delay, duplicate and reorder.
#ifndef MICROOVN_RAFT_CORE_VALUES_MESSAGE_H_
#define MICROOVN_RAFT_CORE_VALUES_MESSAGE_H_

#include <cstdint>
#include <tuple>
#include <variant>
#include <vector>

#include "raft/core/values/entry.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/state_mark.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Every message names both ends and the sender's data directory. A receiver
// drops what is not for it (raft.md 5a.5).
struct Header {
  ClusterId cluster;
  MemberId from;
  MemberId to;
  Incarnation incarnation;  // of the sender's data directory
  Term term;                // the sender's current term

  friend bool operator==(const Header& a, const Header& b) {
    return std::tie(a.cluster, a.from, a.to, a.incarnation, a.term) ==
           std::tie(b.cluster, b.from, b.to, b.incarnation, b.term);
  }
};

// The values are sent; do not renumber.
enum class VotePhase : uint8_t { kPreVote = 1, kVote = 2 };

// Thesis 9.6: a pre-vote asks "would you vote for me in `campaign_term`" and
// changes no term; header.term stays the candidate's present one. In a real
// vote campaign_term == header.term.
struct VoteRequest {
  VotePhase phase = VotePhase::kPreVote;
  uint64_t round = 0;  // tells the campaigns of one candidate apart
  Term campaign_term;
  LogPosition last;
  // TimeoutNow by the leader of campaign_term - 1: stickiness does not apply.
  bool transfer = false;

  friend bool operator==(const VoteRequest& a, const VoteRequest& b) {
    return std::tie(a.phase, a.round, a.campaign_term, a.last, a.transfer) ==
           std::tie(b.phase, b.round, b.campaign_term, b.last, b.transfer);
  }
};

struct VoteReply {
  VotePhase phase = VotePhase::kPreVote;
  uint64_t round = 0;  // of the request
  Term campaign_term;  // of the request
  bool granted = false;

  friend bool operator==(const VoteReply& a, const VoteReply& b) {
    return std::tie(a.phase, a.round, a.campaign_term, a.granted) ==
           std::tie(b.phase, b.round, b.campaign_term, b.granted);
  }
};

struct Append {
  LogPosition previous;
  ChainHash previous_chain;
  LogIndex commit;
  ReadNumber read_number;      // the leader's highest so far
  std::vector<Entry> entries;  // consecutive from previous.index + 1

  friend bool operator==(const Append& a, const Append& b) {
    return std::tie(a.previous, a.previous_chain, a.commit, a.read_number,
                    a.entries) == std::tie(b.previous, b.previous_chain,
                                           b.commit, b.read_number, b.entries);
  }
};

struct AppendReply {
  bool accepted = false;
  // Accepted: the follower's log agrees with the leader's up to here, durably.
  // Refused: Append.previous.index of the refused message.
  LogIndex index;
  // Refused: the largest place where the logs may still agree, and the term of
  // the follower's entry there (raft.md: conflict hint).
  LogPosition hint;
  ReadNumber read_number;  // highest that the follower saw in this term
  // The sender must not be counted (quarantine.cc); so in the other replies.
  bool quarantined = false;

  friend bool operator==(const AppendReply& a, const AppendReply& b) {
    return std::tie(a.accepted, a.index, a.hint, a.read_number,
                    a.quarantined) ==
           std::tie(b.accepted, b.index, b.hint, b.read_number, b.quarantined);
  }
};

// Apart from Append, so that it may travel beside bulk data.
struct Heartbeat {
  LogIndex commit;  // never above what the follower is known to match
  ReadNumber read_number;
  // Which mark the leader wants, and what it must be if that is known already;
  // none: it does not ask (state_check.cc).
  StateMark mark = {};

  friend bool operator==(const Heartbeat& a, const Heartbeat& b) {
    return std::tie(a.commit, a.read_number, a.mark) ==
           std::tie(b.commit, b.read_number, b.mark);
  }
};

struct HeartbeatReply {
  ReadNumber read_number;
  bool quarantined = false;
  // The one that was asked for. None: not here yet; without a hash: never.
  StateMark mark = {};
  bool read_only = false;  // its disk is too full for it to lead

  friend bool operator==(const HeartbeatReply& a, const HeartbeatReply& b) {
    return std::tie(a.read_number, a.quarantined, a.mark, a.read_only) ==
           std::tie(b.read_number, b.quarantined, b.mark, b.read_only);
  }
};

// A member that is behind the leader's log gets a snapshot in chunks. The
// receiver names the next offset, so an interrupted transfer of the same
// snapshot resumes where it stopped, also under another leader.
struct SnapshotChunk {
  SnapshotMetadata snapshot;
  uint64_t offset = 0;
  Payload bytes;
  bool last = false;

  friend bool operator==(const SnapshotChunk& a, const SnapshotChunk& b) {
    return std::tie(a.snapshot, a.offset, a.bytes, a.last) ==
           std::tie(b.snapshot, b.offset, b.bytes, b.last);
  }
};

struct SnapshotReply {
  LogIndex snapshot_index;
  uint64_t next_offset = 0;  // the first byte that the receiver lacks
  // Durable and in force: the follower matches up to snapshot_index.
  bool installed = false;
  bool quarantined = false;

  friend bool operator==(const SnapshotReply& a, const SnapshotReply& b) {
    return std::tie(a.snapshot_index, a.next_offset, a.installed,
                    a.quarantined) == std::tie(b.snapshot_index, b.next_offset,
                                               b.installed, b.quarantined);
  }
};

// Thesis 3.10: the leader of header.term bids the receiver to campaign now.
struct TimeoutNow {
  friend bool operator==(const TimeoutNow&, const TimeoutNow&) { return true; }
};

// A linearizable read of a member that is not the leader.
struct ReadIndexRequest {
  uint64_t sequence = 0;  // the requester's, never used twice

  friend bool operator==(const ReadIndexRequest& a, const ReadIndexRequest& b) {
    return a.sequence == b.sequence;
  }
};

struct ReadIndexReply {
  uint64_t sequence = 0;
  bool confirmed = false;  // false: ask again later
  LogIndex index;          // serve once this is applied

  friend bool operator==(const ReadIndexReply& a, const ReadIndexReply& b) {
    return std::tie(a.sequence, a.confirmed, a.index) ==
           std::tie(b.sequence, b.confirmed, b.index);
  }
};

using MessageBody =
    std::variant<VoteRequest, VoteReply, Append, AppendReply, Heartbeat,
                 HeartbeatReply, SnapshotChunk, SnapshotReply, TimeoutNow,
                 ReadIndexRequest, ReadIndexReply>;

// Who may say it: bodies fall into what only a leader says, what only voters
// say to each other, and what any member says.
enum class Speaker { kLeader, kVoter, kMember };
Speaker SpeakerOf(const MessageBody& body);

struct Message {
  Header header;
  MessageBody body;

  friend bool operator==(const Message& a, const Message& b) {
    return a.header == b.header && a.body == b.body;
  }
};

// Whether all its terms and indices are (kGreatestNumber).
bool IsInRange(const Message& message);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_MESSAGE_H_
