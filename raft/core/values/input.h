// SPDX-License-Identifier: Apache-2.0
// What the node tells the core. Exactly one of these per Step.
#ifndef MICROOVN_RAFT_CORE_VALUES_INPUT_H_
#define MICROOVN_RAFT_CORE_VALUES_INPUT_H_

#include <cstdint>
#include <variant>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/message.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/state_mark.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Time has passed. Drain the inbox first: a leader's heartbeat that waits in
// it counts (raft.md 5b.22).
struct Tick {};

// Arrived from a peer whose TLS identity is header.from.
struct Received {
  Message message;
  // The configuration by whose entry the sender has proved, and not only said,
  // to be a voter (docs/adr/0032); 0: it has proved nothing.
  LogIndex voter_at = {};
};

struct Proposal {
  RequestId id;
  Payload payload;
};

// Commands to append. Collect what is waiting into one input: the batch
// becomes one disk write and one message per peer.
struct Propose {
  std::vector<Proposal> proposals;
};

// Compare-and-swap: refused unless the configuration in force came with entry
// `expected`. A change of voters goes through joint consensus by itself.
struct ProposeConfiguration {
  RequestId id;
  LogIndex expected;
  ConfigurationTarget target;
};

// A linearizable read, on any member.
struct ReadRequest {
  RequestId id;
};

// Everything that Persist outputs up to and including `token` asked for is
// durable. A failed write or sync is never reported: the node stops.
struct Stored {
  StorageToken token;
};

// The state machine has applied the entries of Apply outputs up to `index`.
struct Applied {
  LogIndex index;
  // Of all multiples of Options::state_mark_interval among them.
  std::vector<StateMark> marks = {};
};

// The applied state up to `index` is durable without the log, and the node can
// serve a snapshot at this or a later index. The core answers with
// CompactLog when entries are no longer needed.
struct Checkpointed {
  LogIndex index;
};

// Answers SnapshotWanted: bytes of `snapshot` from `offset`. `snapshot` is
// what RaftCore::DescribeSnapshot said when the node took it; it may be a
// newer one than asked for, then offset is 0.
struct SnapshotReady {
  MemberId to;
  SnapshotMetadata snapshot;
  uint64_t offset = 0;
  Payload bytes;
  bool last = false;
};

// Answers StoreSnapshotChunk: the node holds the bytes of `snapshot` before
// `next_offset` (from this or an earlier, interrupted transfer).
struct SnapshotProgress {
  SnapshotMetadata snapshot;
  uint64_t next_offset = 0;
};

// Answers InstallSnapshot. Installed: state, log and base are replaced by the
// snapshot in one durable step. Otherwise (checksum, space) nothing changed,
// and the partial file is gone.
struct SnapshotInstalled {
  SnapshotMetadata snapshot;
  bool installed = false;
};

// Hand leadership over; none: to the voter with the longest log.
struct Transfer {
  RequestId id;
  MemberId to;
};

// The transport's view of a peer. Down is a hint: it starts a pre-vote when
// the peer is the leader, and stops pipelining to it otherwise.
struct PeerConnection {
  MemberId peer;
  bool up = false;
};

// The disk is too full for changes, or is so no more. A leader refuses
// proposals and hands over to a voter that has space, if there is one; a
// follower tells its leader.
struct SpaceChanged {
  bool read_only = false;
};

using Input =
    std::variant<Tick, Received, Propose, ProposeConfiguration, ReadRequest,
                 Stored, Applied, Checkpointed, SnapshotReady, SnapshotProgress,
                 SnapshotInstalled, Transfer, PeerConnection, SpaceChanged>;

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_INPUT_H_
