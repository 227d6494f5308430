// SPDX-License-Identifier: Apache-2.0
// A member's life as its storage sees it: steps, each with what must be stored
// after it. A script, or drawn from a seed. And the check of what is stored
// after a crash: exactly what was there after one of the steps between the
// last that was acknowledged and the last that had begun.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_STORAGE_LIFE_H_
#define MICROOVN_RAFT_STORAGE_TESTING_STORAGE_LIFE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/crypto/random.h"
#include "raft/storage/log_storage.h"

namespace microovn::raft {

struct LifeStep {
  std::string name;
  // None: the storage is closed and opened.
  std::function<absl::Status(LogStorage&)> run;
  // It and all before it are durable when it returns.
  bool acknowledges = false;
  std::string stored;  // ContentOf what is stored after it
};

// Of the first step: RocksdbLogStorage::Create with these.
extern const Identity& LifeIdentity();

// Everything that Read and ReadRecords say, as bytes to compare. DATA_LOSS
// also when the log's chain is broken or the applied index is outside it;
// FAILED_PRECONDITION in quarantine.
absl::StatusOr<std::string> ContentOf(LogStorage& storage);
// What of it is readable, for messages.
std::string Describe(LogStorage& storage);

// Appends steps to a life. The first one creates the storage.
class LifeBuilder {
 public:
  LifeBuilder();

  void Vote();
  void Append(size_t count, size_t payload);
  // Drops the last `count` entries, which are not applied, for one other.
  void Replace(size_t count, size_t payload);
  void Apply(size_t count);
  // All but the last `retained` applied entries.
  void Compact(size_t retained);
  // The state of a member that is `ahead` entries beyond this log's end, in
  // chunks; `finish` installs it.
  void Receive(size_t ahead, size_t chunk, bool finish);
  void Reopen();

  size_t unapplied() const { return entries_.size() - applied_entries(); }
  size_t applied_entries() const;
  std::vector<LifeStep> Take() { return std::move(steps_); }

 private:
  Entry NextEntry(LogIndex index, ChainHash previous, size_t payload) const;
  ChainHash ChainAt(LogIndex index) const;
  LogIndex last() const;
  SnapshotMetadata MetadataAt(LogIndex index, Term term, ChainHash chain) const;
  void Add(std::string name, bool acknowledges,
           std::function<absl::Status(LogStorage&)> run);
  std::string Content() const;

  // What the storage holds after the last step.
  HardState hard_state_;
  SnapshotMetadata base_;
  std::vector<Entry> entries_;
  AppliedState applied_;
  std::map<std::string, std::string> records_;
  std::vector<LifeStep> steps_;
  // A transfer that is not finished goes on from there, as a leader does it.
  struct Staged {
    SnapshotMetadata snapshot;
    size_t bytes = 0;
  };
  Staged staged_;
};

// With every kind of step; long enough for flushes and compactions of every
// family when buffers are at their smallest.
std::vector<LifeStep> ScriptedLife();
std::vector<LifeStep> DrawLife(SeededRandom& random, size_t steps);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_STORAGE_LIFE_H_
