// SPDX-License-Identifier: Apache-2.0
// What a core starts from. Immutable values; pure functions.
#ifndef MICROOVN_RAFT_CORE_VALUES_RECOVERED_H_
#define MICROOVN_RAFT_CORE_VALUES_RECOVERED_H_

#include <optional>
#include <vector>

#include "raft/core/values/entry.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// Who this member is; minted at bootstrap or join and never changed.
struct Identity {
  ClusterId cluster;
  MemberId member;
  Incarnation incarnation;

  friend bool operator==(const Identity& a, const Identity& b) {
    return a.cluster == b.cluster && a.member == b.member &&
           a.incarnation == b.incarnation;
  }
};

// What a member is known to have promised and no longer has: its disk lost
// acknowledged writes (raft.md 5a.8). See quarantine.cc for what follows.
struct Quarantine {
  Term term;         // its term then
  LogPosition last;  // the end of its log then

  friend bool operator==(const Quarantine& a, const Quarantine& b) {
    return a.term == b.term && a.last == b.last;
  }
};

// What was durable when the process started.
struct Recovered {
  HardState hard_state;
  // The last CompactLog::base or the last installed snapshot.
  SnapshotMetadata base;
  std::vector<Entry> entries;  // consecutive from base.index + 1
  // Of the state machine; at least base.index, inside the log.
  LogIndex applied;
  // Unless all that was ever acknowledged is here.
  std::optional<Quarantine> quarantine;
};

// The log with which a new cluster begins: its founding member alone votes.
// The founder stores it as Recovered before its first start.
Recovered Bootstrap(const Identity& founder);

// A member that joins hears all of its log from the leader. Until then it lets
// lead who is in `voters`, as it was told when it was admitted; without any it
// follows whoever speaks first.
Recovered JoinerOf(std::vector<MemberId> voters);

// The chain of `entries` behind `base` is whole and consecutive.
bool IsIntact(const SnapshotMetadata& base, const std::vector<Entry>& entries);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_RECOVERED_H_
