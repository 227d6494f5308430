// The Raft protocol as a pure value: one input in, one output out. No thread,
// clock, I/O, logging or global state; the random numbers come from a seed
// that is part of the value. Two cores that were built alike and got the same
// inputs are equal, and a copy is a full copy.
//
// Thread-compatible; owned by the raft thread.
//
// How a node drives it. One thread owns the core; disk and network report
// back through its inbox:
//
//   RaftCore core(identity, options, recovered, seed, Now());
//   for (;;) {
//     inbox.WaitUntil(next_tick);
//     for (Input& input : inbox.TakeAll()) {        // before the tick
//       Handle(core.Step(Now(), std::move(input)));
//     }
//     if (Now() >= next_tick) Handle(core.Step(Now(), Tick{}));
//   }
//
//   void Handle(Output out) {
//     if (out.fault) Die(*out.fault);               // nothing else happens
//     // 1. Hand the batch to the disk. It runs in parallel with what follows;
//     //    batches are written in token order, and when one is durable the
//     //    disk thread puts Stored{token} into the inbox.
//     if (out.persist) disk.Write(*out.persist);
//     // 2. Messages: a leader's appends have after == 0 and leave before its
//     //    own sync; votes and acknowledgements wait for their token.
//     for (Send& send : out.sends) {
//       if (send.after <= disk.stored()) network.Send(send.message);
//       else held.push_back(std::move(send));       // released at Stored,
//     }                                             // in order
//     // 3. Snapshot pieces, before anything later touches the same files.
//     if (out.store_snapshot_chunk) ...             // -> SnapshotProgress
//     if (out.install_snapshot) ...                 // -> SnapshotInstalled
//     // 4. Committed entries: one WriteBatch of {state, applied index}, then
//     //    Applied{index} into the inbox.
//     if (out.apply) ...
//     // 5. Answers to callers, snapshot reads, compaction, notifications.
//   }
//
// What must hold, and what the core does for it:
//  * Nothing that promises durability leaves before the promise is true. A
//    vote, a vote request (it promises the candidate's own vote) and an
//    accepted AppendReply carry the token of the batch that holds them. The
//    node calls Step(Stored) before it releases the sends that waited for the
//    token, or after; the core does not mind.
//  * A leader counts its own log only up to what was Stored.
//  * Apply never runs ahead of the local log's durable end, so that after a
//    crash the applied index is inside the log.
//  * A held message that has become obsolete may still be sent: receivers
//    tell by term, round and index. On a crash held messages vanish, which is
//    a loss like any other.
//  * At most one Install is outstanding. Until SnapshotInstalled the old log
//    is in force; the core issues no Persist with entries meanwhile.
//  * After a restart the node builds a new core from what is durable.
#ifndef MICROOVN_RAFT_CORE_RAFT_CORE_H_
#define MICROOVN_RAFT_CORE_RAFT_CORE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/configuration.h"
#include "raft/core/entry.h"
#include "raft/core/input.h"
#include "raft/core/options.h"
#include "raft/core/output.h"
#include "raft/core/snapshot_metadata.h"
#include "raft/core/types.h"

namespace microovn::raft {

// Who this member is; minted at bootstrap or join and never changed.
struct Identity {
  ClusterId cluster;
  MemberId member;
  Incarnation incarnation;
};

// What was durable when the process started.
struct Recovered {
  HardState hard_state;
  // The last CompactLog::base or the last installed snapshot.
  SnapshotMetadata base;
  std::vector<Entry> entries;  // consecutive from base.index + 1
  // Of the state machine; at least base.index, inside the log.
  LogIndex applied;
};

// The log with which a new cluster begins: its founding member alone votes.
// The founder stores it as Recovered before its first start. A member that
// joins starts with an empty Recovered and hears the rest from the leader.
Recovered Bootstrap(const Identity& founder);

// The chain of `entries` behind `base` is whole and consecutive.
bool IsIntact(const SnapshotMetadata& base, const std::vector<Entry>& entries);

struct PeerStatus {
  MemberId member;
  bool voter = false;
  LogIndex match;
  LogIndex next;
  bool receiving_snapshot = false;
  Time last_contact;
};

// For people and for the role policy; not part of the protocol.
struct Status {
  Role role = Role::kFollower;
  Term term;
  MemberId leader;
  LogIndex commit;
  LogIndex last_index;
  LogIndex durable;
  LogIndex base;
  LogIndex configuration_index;
  bool configuration_committed = false;
  Configuration configuration;
  std::vector<PeerStatus> peers;  // of a leader, sorted by id
};

class RaftCore {
 public:
  // `recovered` must be intact (IsIntact). `seed` should be random per start.
  RaftCore(const Identity& identity, const Options& options,
           Recovered recovered, uint64_t seed, Time now);

  // `now` must not go back.
  Output Step(Time now, Input input);

  // When the next Tick has something to do; a node may sleep until then.
  Time NextWakeup() const;

  Status Describe() const;
  // What a snapshot of the state applied up to `index` must carry. Nothing if
  // the log no longer, or not yet, knows `index`.
  std::optional<SnapshotMetadata> DescribeSnapshot(LogIndex index) const;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_RAFT_CORE_H_
