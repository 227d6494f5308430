// SPDX-License-Identifier: Apache-2.0
// What a snapshot, and equally the point to which a log is compacted, must
// say about the history it replaces.
#ifndef MICROOVN_RAFT_CORE_VALUES_SNAPSHOT_METADATA_H_
#define MICROOVN_RAFT_CORE_VALUES_SNAPSHOT_METADATA_H_

#include <tuple>

#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// A point of the committed log: its last entry and the configuration in force
// there. Index 0 is the empty history of a member that has not heard from any
// leader. Immutable value.
struct SnapshotMetadata {
  LogIndex index;
  Term term;
  ChainHash chain;
  LogIndex configuration_index;  // of the entry that brought `configuration`
  Configuration configuration;

  friend bool operator==(const SnapshotMetadata& a, const SnapshotMetadata& b) {
    return std::tie(a.index, a.term, a.chain, a.configuration_index,
                    a.configuration) == std::tie(b.index, b.term, b.chain,
                                                 b.configuration_index,
                                                 b.configuration);
  }
  friend bool operator!=(const SnapshotMetadata& a, const SnapshotMetadata& b) {
    return !(a == b);
  }
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_SNAPSHOT_METADATA_H_
