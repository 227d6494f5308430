// SPDX-License-Identifier: Apache-2.0
// What the core wants done after one Step. The order in which a node must act
// on the fields is the contract of raft_core.h.
#ifndef MICROOVN_RAFT_CORE_VALUES_OUTPUT_H_
#define MICROOVN_RAFT_CORE_VALUES_OUTPUT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/message.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// One atomic batch, in this order: hard state, truncation, entries. Batches
// are written in the order of their tokens and each needs a sync; one sync may
// serve several batches.
struct Persist {
  StorageToken token;
  std::optional<HardState> hard_state;
  // Entries at and after this index are removed.
  std::optional<LogIndex> truncate_from;
  std::vector<Entry> entries;
  // Once this is durable the member is no longer in quarantine, and the storage
  // must not report one for what was lost before.
  bool ends_quarantine = false;
};

struct Send {
  Message message;
  // Must not leave before Stored{after} could be reported; 0: at once.
  StorageToken after;
};

// Committed and locally durable entries, consecutive, each given out once.
// Commands go to the state machine; the others only advance its index.
struct Apply {
  std::vector<Entry> entries;
};

// The read may be served from the state once `index` is applied. `index` may
// be behind or ahead of what is applied here.
struct ReadReady {
  RequestId id;
  LogIndex index;
};

// Definite: nothing was read or appended; the caller may retry.
enum class RefusedReason {
  kNotLeader,
  kNoLeader,              // a read, and no leader is known
  kLeadershipLost,        // a read whose leader changed or did not answer
  kTransferring,          // leadership is being handed over
  kOverloaded,            // a limit of options.h
  kTooLarge,              // max_payload_bytes
  kDiskSpaceLow,          // of this leader, and no voter is known to have more
  kConfigurationMoved,    // compare-and-swap failed
  kChangeInProgress,      // a configuration is not yet committed
  kTermNotCommitted,      // leader, but nothing of its term is committed yet
  kIllegalConfiguration,  // see Refused::configuration_error
  kNotAVoter,             // the transferee
  kTransferFailed,        // not finished in time; it may still happen
};

struct Refused {
  RequestId id;
  RefusedReason reason;
  // Set with kIllegalConfiguration.
  std::optional<ConfigurationError> configuration_error;
};

// Appended by this leader. What becomes of it shows at Apply: the entry at
// `index` has this term, then it happened; it has another, then it definitely
// did not. Until then the outcome is unknown, also after leadership is lost:
// never report failure early (raft.md 5b.10).
struct Accepted {
  RequestId id;
  LogIndex index;
  Term term;
};

enum class Role { kFollower, kPreCandidate, kCandidate, kLeader };

enum class RoleReason {
  kElectionTimeout,    // no word from a leader
  kConnectionLost,     // the transport lost the leader
  kTransferRequested,  // TimeoutNow from the leader
  kPreVoteWon,
  kElectionWon,
  kElectionLost,  // refused by a majority, or timed out
  kHigherTerm,    // a message of a later term
  kLeaderKnown,   // first word of this term's leader
  kQuorumLost,    // CheckQuorum: a majority did not answer
  kDiskStalled,   // its disk does not answer
  kRemoved,       // the committed configuration has no vote for it
};

struct RoleChanged {
  Role role = Role::kFollower;
  Term term;
  MemberId leader;  // none: not known
  RoleReason reason = RoleReason::kElectionTimeout;

  friend bool operator==(const RoleChanged& a, const RoleChanged& b) {
    return std::tie(a.role, a.term, a.leader, a.reason) ==
           std::tie(b.role, b.term, b.leader, b.reason);
  }
};

// Read up to `max_bytes` of a snapshot at index >= `at_least` from `offset`
// and answer with SnapshotReady. `resume` names the snapshot to continue;
// when the node no longer has it, it answers with a newer one at offset 0.
struct SnapshotWanted {
  MemberId to;
  Term term;  // of the leadership that wants it
  LogIndex at_least;
  std::optional<SnapshotMetadata> resume;
  uint64_t offset = 0;
  size_t max_bytes = 0;
};

// Keep these bytes of a snapshot (none: only say how much of it is here) and
// answer with SnapshotProgress. A chunk that does not start where the stored
// part ends is ignored, but answered.
struct StoreSnapshotChunk {
  SnapshotMetadata snapshot;
  uint64_t offset = 0;
  Payload bytes;
  bool last = false;
};

// All bytes are here: verify, replace state, log and base in one durable step
// ordered behind all Persist outputs before it, and answer with
// SnapshotInstalled. The log is empty afterwards and goes on at
// snapshot.index + 1.
struct InstallSnapshot {
  SnapshotMetadata snapshot;
};

// Remove entries up to base.index and remember `base`, in one batch. Needs no
// sync of its own: keeping too much is harmless.
struct CompactLog {
  SnapshotMetadata base;
};

// What came from a peer and was refused. All but kNoVoter and kRemovedMember
// are of somebody who is set up wrongly or lies; these two also of one who was
// away while the voters changed.
enum class RejectedReason {
  kOtherCluster,
  kNotForThisMember,
  kRemovedMember,
  kOtherIncarnation,
  kTermOutOfRange,    // of terms, or a leap that no election makes
  kMalformedMessage,  // does not hold together; also a broken hash chain
  kNoVoter,           // leads or votes, and may not (hearing.cc)
};

struct RejectedSender {
  MemberId sender;
  RejectedReason reason;
};

// Safety is broken or an input violated the contract. Nothing more comes out
// of this core; the node stops and keeps the evidence.
enum class FaultKind {
  kSecondLeaderInTerm,
  kLogDivergence,        // entries that must be equal are not
  kCommittedTruncation,  // told to remove a committed entry
  kCorruptEntry,         // chain hash or configuration does not decode
  kContractViolation,    // the node's input is impossible
  kStateDivergence,      // the state is not what the others have
};

struct Fault {
  FaultKind kind;
  std::string detail;
};

struct Output {
  std::optional<Fault> fault;
  std::optional<Persist> persist;
  std::vector<Send> sends;
  std::optional<StoreSnapshotChunk> store_snapshot_chunk;
  std::optional<InstallSnapshot> install_snapshot;
  std::optional<Apply> apply;
  std::vector<Accepted> accepted;
  std::vector<Refused> refused;
  std::vector<ReadReady> reads;
  std::vector<SnapshotWanted> snapshots_wanted;
  std::optional<CompactLog> compact;
  // In the order in which they happened.
  std::vector<RoleChanged> role_changes;
  // The configuration in force changed; connect to its members.
  std::optional<Configuration> configuration;
  std::vector<RejectedSender> rejected;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_OUTPUT_H_
