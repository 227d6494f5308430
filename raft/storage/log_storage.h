// SPDX-License-Identifier: Apache-2.0
// What a member keeps on disk: its identity, its hard state, its log, and the
// applied state with the index up to which it was applied.
//
// Order and durability. Writes of one instance become durable in the order in
// which they were made: after a crash what survives is a prefix of them, each
// call whole or not at all. Write and Install return when they, and
// with them all writes before, survive a power cut. The others return earlier;
// a log that is longer than the applied state repeats them.
//
// Errors. Every failure of a call that writes is final: what is on the disk is
// then unknown, later calls fail too, and the process must end (raft.md 5b.15).
// The one exception is said at Install.
//
// Threads. Read and ReadRecords come first and alone. Then Write may run in one
// thread beside WriteState, Compact, StageChunk, Install and OpenSnapshot
// in another. A SnapshotReader belongs to the thread that opened it and must
// not outlive the storage. A Write beside Install holds a hard state only,
// neither entries nor a truncation; which of the two is durable first is open.
#ifndef MICROOVN_RAFT_STORAGE_LOG_STORAGE_H_
#define MICROOVN_RAFT_STORAGE_LOG_STORAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/storage/record/record.h"
#include "raft/storage/record/record_codec.h"
#include "raft/storage/record/snapshot_stream.h"

namespace microovn::raft {

// Everything that a member knew when it stopped, but the records.
// The log reaches recovered.applied: what is applied was durable in it before.
struct StoredMember {
  Identity identity;
  Recovered recovered;
  std::string running_hash;  // at recovered.applied
};

class LogStorage {
 public:
  virtual ~LogStorage() = default;

  // DATA_LOSS when anything does not check, or the log has a gap. What a call
  // of Write or Install promised and is not there any more shows as
  // recovered.quarantine (tail_ring.h).
  virtual absl::StatusOr<StoredMember> Read() = 0;
  // The applied state, in the order of keys.
  // At the index that Read says. What the log has behind it is not in them.
  virtual absl::StatusOr<std::vector<Record>> ReadRecords() = 0;

  // The batches in order, as one step with one sync.
  // A batch may truncate what an earlier one of the same call appended. When it
  // returns OK, the token of the last one may be reported as stored, and what
  // waits for it may leave.
  virtual absl::Status Write(const std::vector<Persist>& batches) = 0;

  // The mutations of one or more entries, the last of which is `now.index`, in
  // order; later mutations of a key win. One step.
  // The entries up to now.index are durable in the log: the core gives out no
  // others. So a crash that takes this away takes nothing.
  virtual absl::Status WriteState(const std::vector<Mutation>& mutations,
                                  const AppliedState& now) = 0;

  // Removes entries up to base.index, which must be applied. One step.
  // A crash may bring them back, which costs space and nothing else.
  virtual absl::Status Compact(const SnapshotMetadata& base) = 0;

  // The applied state as it is now, for sending.
  // Later writes do not show in it. It keeps their old values on the disk, so
  // it is dropped when a transfer rests.
  virtual absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot() = 0;

  // Keeps a piece of a snapshot that arrives, without touching the applied
  // state; returns how many bytes of that snapshot are here. A piece that does
  // not start there is ignored. Another snapshot than before, or a piece that
  // is not of a snapshot, drops what was staged.
  // What is staged is forgotten by a restart: the transfer then begins anew.
  virtual absl::StatusOr<uint64_t> StageChunk(
      const StoreSnapshotChunk& chunk) = 0;

  // Puts the staged snapshot in the place of the applied state and of the log,
  // which goes on at snapshot.index + 1. One step: a crash leaves the old or
  // the new. DATA_LOSS when what is staged is not the whole of that snapshot:
  // nothing has changed then, and nothing is staged any more.
  virtual absl::StatusOr<AppliedState> Install(
      const InstallSnapshot& install) = 0;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_LOG_STORAGE_H_
