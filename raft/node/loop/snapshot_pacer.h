// SPDX-License-Identifier: Apache-2.0
// Pieces of snapshots that peers wait for: one for each, and together no more
// in a second than allowed. Pure; times are passed in.
#ifndef MICROOVN_RAFT_NODE_LOOP_SNAPSHOT_PACER_H_
#define MICROOVN_RAFT_NODE_LOOP_SNAPSHOT_PACER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/loop/token_bucket.h"

namespace microovn::raft {

// Worked on with the inbox's claim (THREADS.md).
// Without it a few new members would take the disk and the network from the
// log.
class SnapshotPacer {
 public:
  // 0: no limit.
  explicit SnapshotPacer(uint64_t bytes_per_second)
      : bucket_(bytes_per_second) {}

  // In the place of what this peer waited for before.
  void Add(SnapshotWanted wanted);
  // What may be read now, first come first served.
  std::vector<SnapshotWanted> Take(Time now);
  // When Take has something; none: nobody waits.
  std::optional<Time> NextAt() const;
  // The leadership in which they were wanted is over.
  void Clear() { waiting_.clear(); }

 private:
  TokenBucket bucket_;
  std::deque<SnapshotWanted> waiting_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_SNAPSHOT_PACER_H_
