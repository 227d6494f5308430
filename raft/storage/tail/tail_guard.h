// SPDX-License-Identifier: Apache-2.0
// Numbers the synced writes of a storage, remembers them in the tail ring, and
// says at the start whether one of them is missing. Each storage keeps one and
// asks it around every Write and Install.
//
// Thread-compatible.
#ifndef MICROOVN_RAFT_STORAGE_TAIL_TAIL_GUARD_H_
#define MICROOVN_RAFT_STORAGE_TAIL_TAIL_GUARD_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"
#include "raft/storage/tail/tail_ring.h"

namespace microovn::raft {

// The tail of what is in `recovered`, whose last synced write was `sequence`
// (0: it is from before there were numbers, or new).
Tail TailOf(const Recovered& recovered, uint64_t sequence);

class TailGuard {
 public:
  // `stored` is what is in the database.
  static absl::StatusOr<std::unique_ptr<TailGuard>> Open(
      std::unique_ptr<TailRingFile> file, Incarnation incarnation,
      const Tail& stored);

  // What was lost, until a batch that ends the quarantine is durable.
  // For Read: what a core that starts now has to know.
  std::optional<Quarantine> quarantine() const;

  // What will be promised once the batches, or the snapshot, are durable. The
  // sequence belongs into the same atomic write. In quarantine nothing is
  // promised, and the sequence stays behind the lost one, so that a restart
  // finds the same; the batch that ends it takes the number after that.
  Tail After(const std::vector<Persist>& batches) const;
  Tail After(const SnapshotMetadata& installed) const;

  // That write is durable. Must come before anybody hears of it.
  // An error is as final as one of the database: without the ring a loss would
  // not be noticed.
  absl::Status Durable(const Tail& tail);

 private:
  TailGuard(std::unique_ptr<TailRingFile> file, Incarnation incarnation,
            const Tail& stored)
      : ring_(std::move(file), incarnation), tail_(stored) {}

  TailRing ring_;
  // Of the last synced write. While something is lost its sequence stands
  // still.
  Tail tail_;
  std::optional<Tail> lost_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TAIL_TAIL_GUARD_H_
