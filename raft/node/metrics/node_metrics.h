// SPDX-License-Identifier: Apache-2.0
// What a node counts and measures since it was opened. Plain values.
#ifndef MICROOVN_RAFT_NODE_METRICS_NODE_METRICS_H_
#define MICROOVN_RAFT_NODE_METRICS_NODE_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "raft/core/values/output.h"
#include "raft/core/values/types.h"
#include "raft/node/metrics/histogram.h"

namespace microovn::raft {

struct NodeMetrics {
  Histogram sync;    // one write of the log with its sync
  Histogram commit;  // from acceptance by this leader to commitment
  Histogram apply;   // one batch, applied and published

  // Waiting now.
  size_t batches_to_write = 0;
  size_t tasks_to_apply = 0;

  std::map<RoleReason, uint64_t> role_changes;
  uint64_t elections = 0;  // that this member called
  std::map<RejectedReason, uint64_t> rejected;
  // Peers that speak another protocol and are refused.
  std::vector<MemberId> incompatible;

  // Chunks that were sent again count again: these are costs, not sizes.
  uint64_t snapshots_sent = 0;
  uint64_t snapshots_received = 0;
  uint64_t snapshot_bytes_sent = 0;
  uint64_t snapshot_bytes_received = 0;

  // A leader: since a majority was last heard from. A follower: since its
  // leader was.
  std::optional<absl::Duration> quorum_contact_ago;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_METRICS_NODE_METRICS_H_
