// SPDX-License-Identifier: Apache-2.0
// LogStorage in memory, on a disk that can lose what was not synced and can
// fail at any write. Keeps the contract of log_storage.h.
#ifndef MICROOVN_RAFT_STORAGE_FAKE_LOG_STORAGE_H_
#define MICROOVN_RAFT_STORAGE_FAKE_LOG_STORAGE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/tail/tail_guard.h"
#include "raft/storage/tail/tail_ring.h"

namespace microovn::raft {

// Outlives the storage on it, as a disk outlives a process. Thread-safe.
// A step is a change of the whole image, so each is there or not, as the
// contract wants it. Unsynced ones survive a crash as a prefix of the order in
// which they were made.
class FakeDisk {
 public:
  struct Image {
    Identity identity;
    HardState hard_state;
    SnapshotMetadata base;
    std::map<LogIndex, Entry> entries;
    AppliedState applied;
    std::map<std::string, std::string> records;
    uint64_t sequence = 0;  // of the last synced write
  };
  using Step = std::function<void(Image*)>;

  FakeDisk(const Identity& identity, const Recovered& initial);

  // A power cut: of the steps since the last sync the first `survivors` are
  // there afterwards.
  void Crash(size_t survivors);
  size_t unsynced() const;
  // Also loses the last `syncs` of the steps that were synced, of at most
  // kKept. The tail ring is on another sector and keeps what it says.
  void LoseAcknowledged(size_t syncs);
  static constexpr size_t kKept = 16;

  // Lets `count` more steps through; then every step fails.
  void FailAfter(size_t count);
  void StopFailing();

  // A step runs once on what the process sees and, after a crash, again on what
  // is durable: it must be a function of the image alone.
  absl::Status Commit(Step step, bool sync);
  Image Contents() const;

  std::string ring() const;
  void WriteRing(uint64_t offset, absl::string_view bytes);

 private:
  mutable Mutex mu_;
  Image durable_ ABSL_GUARDED_BY(mu_);
  Image current_ ABSL_GUARDED_BY(mu_);
  std::vector<Step> unsynced_ ABSL_GUARDED_BY(mu_);
  std::deque<Image> earlier_ ABSL_GUARDED_BY(mu_);  // before each sync
  std::string ring_ ABSL_GUARDED_BY(mu_);
  std::optional<size_t> steps_left_ ABSL_GUARDED_BY(mu_);
};

// A restart is a new one on the same disk; what was staged is gone with the
// old.
class FakeLogStorage final : public LogStorage {
 public:
  explicit FakeLogStorage(FakeDisk* disk);

  absl::StatusOr<StoredMember> Read() override;
  absl::StatusOr<std::vector<Record>> ReadRecords() override;
  absl::Status Write(const std::vector<Persist>& batches) override;
  absl::Status WriteState(const std::vector<Mutation>& mutations,
                          const AppliedState& now) override;
  absl::Status Compact(const SnapshotMetadata& base) override;
  absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot() override;
  absl::StatusOr<uint64_t> StageChunk(const StoreSnapshotChunk& chunk) override;
  absl::StatusOr<AppliedState> Install(const InstallSnapshot& install) override;

 private:
  struct Staged {
    SnapshotMetadata snapshot;
    SnapshotDecoder decoder;
    std::map<std::string, std::string> records;
  };

  absl::Status CommitTail(const Tail& tail, FakeDisk::Step step)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  FakeDisk* const disk_;
  std::unique_ptr<Staged> staged_;
  Mutex mu_;
  std::unique_ptr<TailGuard> guard_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_FAKE_LOG_STORAGE_H_
