// SPDX-License-Identifier: Apache-2.0
// The part of the log that is kept in memory: everything behind the base to
// which it was compacted. Knows which of it is durable. Pure bookkeeping; who
// may append or truncate is decided by the core. Thread-compatible value.
#ifndef MICROOVN_RAFT_CORE_LOG_ENTRY_LOG_H_
#define MICROOVN_RAFT_CORE_LOG_ENTRY_LOG_H_

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "raft/core/values/entry.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

class EntryLog {
 public:
  // `entries` follow `base` and are durable.
  EntryLog(SnapshotMetadata base, std::vector<Entry> entries);

  const SnapshotMetadata& base() const { return base_; }
  LogIndex last_index() const { return base_.index + entries_.size(); }
  LogPosition last() const;
  ChainHash last_chain() const;
  // Everything up to here survives a crash.
  LogIndex durable() const { return durable_; }

  // base().index <= index <= last_index().
  bool Knows(LogIndex index) const {
    return base_.index <= index && index <= last_index();
  }
  // Of an index that it Knows.
  Term TermAt(LogIndex index) const;
  ChainHash ChainAt(LogIndex index) const;
  bool Matches(LogPosition position) const {
    return Knows(position.index) && TermAt(position.index) == position.term;
  }
  // base().index < index <= last_index().
  const Entry& At(LogIndex index) const {
    return entries_[static_cast<size_t>(index.value() - base_.index.value() -
                                        1)];
  }
  // From `first` to at most `last`, at least one entry if there is one, then
  // up to the limits.
  std::vector<Entry> Slice(LogIndex first, LogIndex last, size_t max_entries,
                           size_t max_bytes) const;

  // The largest index at or below `position.index` whose term is not above
  // `position.term`: below it the logs may agree, above it they cannot. Used
  // by both sides (etcd's findConflictByTerm; the paper, end of 5.3).
  LogPosition ConflictHint(LogPosition position) const;

  // The entry must carry index last_index() + 1.
  void Append(Entry entry);
  void TruncateFrom(LogIndex index);
  // `base` must describe an index that it Knows.
  void Compact(SnapshotMetadata base);
  // Forgets all; the log is what the durable snapshot `base` replaces.
  void Reset(SnapshotMetadata base);

  // A batch with `token` was issued that makes all entries so far durable.
  void Written(StorageToken token);
  void Stored(StorageToken token);

  friend bool operator==(const EntryLog& a, const EntryLog& b);

 private:
  friend struct CoreArchive;

  struct Batch {
    StorageToken token;
    LogIndex last;

    friend bool operator==(const Batch& a, const Batch& b) {
      return a.token == b.token && a.last == b.last;
    }
  };

  SnapshotMetadata base_;
  std::deque<Entry> entries_;
  LogIndex durable_;
  std::vector<Batch> writing_;  // in the order of tokens
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_LOG_ENTRY_LOG_H_
