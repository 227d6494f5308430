// SPDX-License-Identifier: Apache-2.0
// Counts what passes between the core and the world.
#ifndef MICROOVN_RAFT_NODE_METRICS_LOOP_METRICS_H_
#define MICROOVN_RAFT_NODE_METRICS_LOOP_METRICS_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "raft/core/values/input.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/metrics/node_metrics.h"

namespace microovn::raft {

// Worked on with the inbox's claim (THREADS.md).
class LoopMetrics {
 public:
  // The core is told `input`.
  void Told(const Input& input);
  // It answered, at `now`, and has committed up to `commit`.
  void Gave(const Output& output, Time now, LogIndex commit);

  const NodeMetrics& metrics() const { return metrics_; }
  // Bytes of the snapshot under way, or last under way, to `peer` in a second.
  std::optional<uint64_t> SnapshotRate(MemberId peer) const;

 private:
  struct Transfer {
    Time begun;
    Time last;
    uint64_t bytes = 0;
  };

  void SentChunk(MemberId to, const SnapshotChunk& chunk, Time now);

  NodeMetrics metrics_;
  // Accepted and not yet committed, in order.
  std::deque<std::pair<LogIndex, Time>> accepted_;
  // One for each peer that ever needed a snapshot; a new transfer takes the
  // place of the old.
  std::map<MemberId, Transfer> transfers_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_METRICS_LOOP_METRICS_H_
