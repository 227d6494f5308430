// SPDX-License-Identifier: Apache-2.0
// The disk of one member that a script drives by hand: what is written waits
// until the script says that it is durable, and a crash loses what waits.
// Thread-compatible.
#ifndef MICROOVN_RAFT_CORE_TESTING_MANUAL_DISK_H_
#define MICROOVN_RAFT_CORE_TESTING_MANUAL_DISK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class ManualDisk {
 public:
  ManualDisk() = default;
  explicit ManualDisk(Recovered recovered) : durable_(std::move(recovered)) {}

  // What a process that starts now finds.
  const Recovered& durable() const { return durable_; }
  size_t waiting() const { return waiting_.size(); }

  void Write(Persist persist) { waiting_.push_back(std::move(persist)); }
  // Makes the oldest waiting batch durable.
  StorageToken Sync();
  // The state machine is durable up to `index`.
  void SaveApplied(LogIndex index);
  void Compact(const SnapshotMetadata& base);
  // What waits is lost, but for the oldest `survivors` batches.
  void Crash(size_t survivors);

  // The snapshot that this member can serve; none: it never made one.
  const std::optional<SnapshotMetadata>& checkpoint() const {
    return checkpoint_;
  }
  void SaveCheckpoint(SnapshotMetadata checkpoint);

  // Keeps a chunk that starts where the stored part ends. Returns where the
  // stored part ends now.
  uint64_t StoreChunk(const StoreSnapshotChunk& chunk);
  void Install(const SnapshotMetadata& snapshot);
  void DropPartialSnapshot() { partial_.reset(); }

 private:
  struct Partial {
    SnapshotMetadata snapshot;
    std::string bytes;
  };

  Recovered durable_;
  std::deque<Persist> waiting_;
  std::optional<SnapshotMetadata> checkpoint_;
  std::optional<Partial> partial_;
};

// The bytes of the snapshot at `index`: "state-<index>".
std::string SnapshotBytes(LogIndex index);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_TESTING_MANUAL_DISK_H_
