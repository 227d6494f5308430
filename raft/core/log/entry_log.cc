// SPDX-License-Identifier: Apache-2.0
// Positions: entries_[i] has index base_.index + 1 + i, without gaps. durable_
// is at least base_.index: only what is durable is compacted, and a snapshot is
// durable before the log is reset to it.
#include "raft/core/log/entry_log.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace microovn::raft {

EntryLog::EntryLog(SnapshotMetadata base, std::vector<Entry> entries)
    : base_(std::move(base)),
      entries_(std::make_move_iterator(entries.begin()),
               std::make_move_iterator(entries.end())),
      durable_(last_index()) {}

LogPosition EntryLog::last() const {
  if (entries_.empty()) return {base_.index, base_.term};
  return {entries_.back().index, entries_.back().term};
}

ChainHash EntryLog::last_chain() const {
  return entries_.empty() ? base_.chain : entries_.back().chain;
}

Term EntryLog::TermAt(LogIndex index) const {
  return index == base_.index ? base_.term : At(index).term;
}

ChainHash EntryLog::ChainAt(LogIndex index) const {
  return index == base_.index ? base_.chain : At(index).chain;
}

std::vector<Entry> EntryLog::Slice(LogIndex first, LogIndex last,
                                   size_t max_entries, size_t max_bytes) const {
  std::vector<Entry> slice;
  if (first <= base_.index || last < first) return slice;
  const uint64_t available =
      std::min(last, last_index()).value() - first.value() + 1;
  if (first > last_index()) return slice;
  slice.reserve(
      static_cast<size_t>(std::min<uint64_t>(available, max_entries)));
  size_t bytes = 0;
  for (LogIndex at = first; at <= last && at <= last_index(); at = at.Next()) {
    // The first always goes, however large: it could never be sent otherwise.
    bytes += SizeOf(At(at));
    if (!slice.empty() && (slice.size() >= max_entries || bytes > max_bytes)) {
      break;
    }
    slice.push_back(At(at));
  }
  return slice;
}

LogPosition EntryLog::ConflictHint(LogPosition position) const {
  LogIndex at = std::min(position.index, last_index());
  // Terms never fall along a log, so all that is skipped is of terms that the
  // other side does not have there.
  while (at > base_.index && TermAt(at) > position.term) at = at.Previous();
  if (at < base_.index) return {at, Term(0)};
  return {at, TermAt(at)};
}

void EntryLog::Append(Entry entry) { entries_.push_back(std::move(entry)); }

void EntryLog::TruncateFrom(LogIndex index) {
  while (!entries_.empty() && entries_.back().index >= index) {
    entries_.pop_back();
  }
  // A batch on its way that held removed entries now proves less.
  for (Batch& batch : writing_) batch.last = std::min(batch.last, last_index());
  // What takes the place of these entries is durable with its own batch only.
  durable_ = std::min(durable_, last_index());
}

void EntryLog::Compact(SnapshotMetadata base) {
  while (!entries_.empty() && entries_.front().index <= base.index) {
    entries_.pop_front();
  }
  base_ = std::move(base);
}

void EntryLog::Reset(SnapshotMetadata base) {
  entries_.clear();
  // Batches of the old log prove nothing about this one. Their tokens may still
  // be reported as stored.
  writing_.clear();
  base_ = std::move(base);
  durable_ = base_.index;
}

void EntryLog::Written(StorageToken token) {
  writing_.push_back({token, last_index()});
}

void EntryLog::Stored(StorageToken token) {
  size_t done = 0;
  while (done < writing_.size() && writing_[done].token <= token) {
    // A sync covers all batches before it, so one report may be for several.
    durable_ = std::max(durable_, writing_[done].last);
    ++done;
  }
  writing_.erase(writing_.begin(),
                 writing_.begin() + static_cast<std::ptrdiff_t>(done));
}

bool operator==(const EntryLog& a, const EntryLog& b) {
  return std::tie(a.base_, a.entries_, a.durable_, a.writing_) ==
         std::tie(b.base_, b.entries_, b.durable_, b.writing_);
}

}  // namespace microovn::raft
