// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/tail/tail_guard.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "base/status/status_macros.h"

namespace microovn::raft {

Tail TailOf(const Recovered& recovered, uint64_t sequence) {
  Tail tail;
  tail.sequence = sequence;
  tail.term = recovered.hard_state.term;
  tail.last = {recovered.base.index, recovered.base.term};
  tail.chain = recovered.base.chain;
  if (!recovered.entries.empty()) {
    const Entry& entry = recovered.entries.back();
    tail.last = {entry.index, entry.term};
    tail.chain = entry.chain;
  }
  return tail;
}

absl::StatusOr<std::unique_ptr<TailGuard>> TailGuard::Open(
    std::unique_ptr<TailRingFile> file, Incarnation incarnation,
    const Tail& stored) {
  auto guard =
      absl::WrapUnique(new TailGuard(std::move(file), incarnation, stored));
  ASSIGN_OR_RETURN(const std::optional<Tail> newest, guard->ring_.Newest());
  // Greater and not different: the ring is written after the database, so it is
  // behind after any crash between the two.
  if (newest.has_value() && newest->sequence > stored.sequence) {
    guard->lost_ = newest;
  }
  return guard;
}

std::optional<Quarantine> TailGuard::quarantine() const {
  if (!lost_.has_value()) return std::nullopt;
  return Quarantine{lost_->term, lost_->last};
}

Tail TailGuard::After(const std::vector<Persist>& batches) const {
  Tail tail = tail_;
  bool promises = !lost_.has_value();
  for (const Persist& batch : batches) {
    if (batch.hard_state.has_value()) tail.term = batch.hard_state->term;
    if (batch.truncate_from.has_value() &&
        *batch.truncate_from <= tail.last.index) {
      // The entry that is last now is of this term or an earlier one, which is
      // all that a quarantine needs to know.
      tail.last.index = batch.truncate_from->Previous();
      tail.chain = ChainHash(0);
    }
    if (!batch.entries.empty()) {
      const Entry& entry = batch.entries.back();
      tail.last = {entry.index, entry.term};
      tail.chain = entry.chain;
    }
    promises = promises || batch.ends_quarantine;
  }
  if (!promises) return tail;
  // Past the lost number, which ends the quarantine: the next start finds the
  // database ahead of the ring, or level with it.
  tail.sequence = 1 + (lost_.has_value() ? lost_->sequence : tail_.sequence);
  return tail;
}

Tail TailGuard::After(const SnapshotMetadata& installed) const {
  Tail tail = tail_;
  tail.last = {installed.index, installed.term};
  tail.chain = installed.chain;
  // An install in quarantine proves nothing about the votes that may be lost.
  if (!lost_.has_value()) ++tail.sequence;
  return tail;
}

absl::Status TailGuard::Durable(const Tail& tail) {
  tail_ = tail;
  if (lost_.has_value() && lost_->sequence >= tail.sequence) {
    return absl::OkStatus();
  }
  // Only now: a crash before this write was durable leaves the quarantine as it
  // was.
  lost_.reset();
  return ring_.Write(tail);
}

}  // namespace microovn::raft
