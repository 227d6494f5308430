// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/snapshot_pacer.h"

#include <utility>

namespace microovn::raft {

void SnapshotPacer::Add(SnapshotWanted wanted) {
  for (SnapshotWanted& each : waiting_) {
    // Its place in the row stays: who asks often does not get more.
    if (each.to != wanted.to) continue;
    each = std::move(wanted);
    return;
  }
  waiting_.push_back(std::move(wanted));
}

std::vector<SnapshotWanted> SnapshotPacer::Take(Time now) {
  std::vector<SnapshotWanted> taken;
  while (!waiting_.empty() && bucket_.NextAt() <= now) {
    // What it may be, since what it is shows only when it was read.
    bucket_.Spend(now, waiting_.front().max_bytes);
    taken.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  return taken;
}

std::optional<Time> SnapshotPacer::NextAt() const {
  if (waiting_.empty()) return std::nullopt;
  return bucket_.NextAt();
}

}  // namespace microovn::raft
