// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/manual_disk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace microovn::raft {

StorageToken ManualDisk::Sync() {
  Persist persist = std::move(waiting_.front());
  waiting_.pop_front();
  if (persist.hard_state.has_value()) durable_.hard_state = *persist.hard_state;
  auto& entries = durable_.entries;
  while (persist.truncate_from.has_value() && !entries.empty() &&
         entries.back().index >= *persist.truncate_from) {
    entries.pop_back();
  }
  for (Entry& entry : persist.entries) entries.push_back(std::move(entry));
  if (persist.ends_quarantine) durable_.quarantine.reset();
  return persist.token;
}

void ManualDisk::SaveApplied(LogIndex index) {
  durable_.applied = std::max(durable_.applied, index);
}

void ManualDisk::Compact(const SnapshotMetadata& base) {
  auto& entries = durable_.entries;
  entries.erase(std::remove_if(entries.begin(), entries.end(),
                               [&base](const Entry& entry) {
                                 return entry.index <= base.index;
                               }),
                entries.end());
  durable_.base = base;
}

void ManualDisk::Crash(size_t survivors) {
  for (; survivors > 0 && !waiting_.empty(); --survivors) Sync();
  waiting_.clear();
}

void ManualDisk::SaveCheckpoint(SnapshotMetadata checkpoint) {
  SaveApplied(checkpoint.index);
  checkpoint_ = std::move(checkpoint);
}

uint64_t ManualDisk::StoreChunk(const StoreSnapshotChunk& chunk) {
  if (!partial_.has_value() || partial_->snapshot != chunk.snapshot) {
    partial_ = Partial{chunk.snapshot, ""};
  }
  std::string& stored = partial_->bytes;
  if (chunk.offset == stored.size()) {
    absl::StrAppend(&stored, chunk.bytes.bytes());
  }
  return stored.size();
}

void ManualDisk::Install(const SnapshotMetadata& snapshot) {
  durable_.base = snapshot;
  durable_.entries.clear();
  durable_.applied = snapshot.index;
  checkpoint_ = snapshot;
  partial_.reset();
}

std::string SnapshotBytes(LogIndex index) {
  return absl::StrCat("state-", index.value());
}

}  // namespace microovn::raft
