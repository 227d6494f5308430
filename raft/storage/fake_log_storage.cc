// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/fake_log_storage.h"

#include <algorithm>
#include <utility>

#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::raft {
namespace {

using Records = std::map<std::string, std::string>;

class FakeCursor final : public RecordCursor {
 public:
  explicit FakeCursor(Records records)
      : records_(std::move(records)), at_(records_.begin()) {}

  void SeekToFirst() override { at_ = records_.begin(); }

  absl::StatusOr<std::optional<Record>> Next() override {
    if (at_ == records_.end()) return std::nullopt;
    const auto here = at_++;
    return Record{here->first, here->second};
  }

 private:
  const Records records_;
  Records::const_iterator at_;
};

class FakeTailRingFile final : public TailRingFile {
 public:
  explicit FakeTailRingFile(FakeDisk* disk) : disk_(disk) {}

  absl::StatusOr<std::string> Read() override { return disk_->ring(); }
  absl::Status Write(uint64_t offset, absl::string_view bytes) override {
    disk_->WriteRing(offset, bytes);
    return absl::OkStatus();
  }
  // A FakeDisk is born with its member, and never had another.
  absl::Status Clear() override { return absl::OkStatus(); }

 private:
  FakeDisk* const disk_;
};

StoredMember MemberOf(const FakeDisk::Image& image) {
  StoredMember member;
  member.identity = image.identity;
  member.recovered.hard_state = image.hard_state;
  member.recovered.base = image.base;
  member.recovered.applied = image.applied.index;
  member.running_hash = image.applied.hash;
  for (const auto& [index, entry] : image.entries) {
    member.recovered.entries.push_back(entry);
  }
  return member;
}

}  // namespace

FakeDisk::FakeDisk(const Identity& identity, const Recovered& initial) {
  durable_.identity = identity;
  durable_.hard_state = initial.hard_state;
  durable_.base = initial.base;
  for (const Entry& entry : initial.entries) {
    durable_.entries[entry.index] = entry;
  }
  durable_.applied = {initial.applied, EmptyStateHash()};
  current_ = durable_;
}

void FakeDisk::Crash(size_t survivors) {
  MutexLock lock(&mu_);
  CHECK_LE(survivors, unsynced_.size());
  for (size_t i = 0; i < survivors; ++i) unsynced_[i](&durable_);
  unsynced_.clear();
  current_ = durable_;
}

void FakeDisk::LoseAcknowledged(size_t syncs) {
  MutexLock lock(&mu_);
  CHECK(syncs > 0 && syncs <= earlier_.size());
  durable_ = earlier_[earlier_.size() - syncs];
  earlier_.clear();
  unsynced_.clear();
  current_ = durable_;
}

std::string FakeDisk::ring() const {
  MutexLock lock(&mu_);
  return ring_;
}

void FakeDisk::WriteRing(uint64_t offset, absl::string_view bytes) {
  MutexLock lock(&mu_);
  // Durable at once: what a power cut does to the ring is tried on the
  // simulated file system.
  ring_.resize(std::max<size_t>(ring_.size(), offset + bytes.size()));
  ring_.replace(offset, bytes.size(), bytes.data(), bytes.size());
}

size_t FakeDisk::unsynced() const {
  MutexLock lock(&mu_);
  return unsynced_.size();
}

void FakeDisk::FailAfter(size_t count) {
  MutexLock lock(&mu_);
  steps_left_ = count;
}

void FakeDisk::StopFailing() {
  MutexLock lock(&mu_);
  steps_left_.reset();
}

absl::Status FakeDisk::Commit(Step step, bool sync) {
  MutexLock lock(&mu_);
  if (steps_left_.has_value()) {
    if (*steps_left_ == 0) return absl::InternalError("the disk fails");
    --*steps_left_;
  }
  step(&current_);
  unsynced_.push_back(std::move(step));
  if (sync) {
    // For LoseAcknowledged.
    earlier_.push_back(durable_);
    if (earlier_.size() > kKept) earlier_.pop_front();
    durable_ = current_;
    unsynced_.clear();
  }
  return absl::OkStatus();
}

FakeDisk::Image FakeDisk::Contents() const {
  MutexLock lock(&mu_);
  return current_;
}

FakeLogStorage::FakeLogStorage(FakeDisk* disk) : disk_(disk) {
  const FakeDisk::Image image = disk->Contents();
  absl::StatusOr<std::unique_ptr<TailGuard>> guard = TailGuard::Open(
      std::make_unique<FakeTailRingFile>(disk), image.identity.incarnation,
      TailOf(MemberOf(image).recovered, image.sequence));
  CHECK(guard.ok()) << guard.status();
  MutexLock lock(&mu_);
  guard_ = *std::move(guard);
}

absl::StatusOr<StoredMember> FakeLogStorage::Read() {
  StoredMember member = MemberOf(disk_->Contents());
  MutexLock lock(&mu_);
  member.recovered.quarantine = guard_->quarantine();
  return member;
}

absl::Status FakeLogStorage::CommitTail(const Tail& tail, FakeDisk::Step step) {
  RETURN_IF_ERROR(disk_->Commit(
      [step = std::move(step), tail](FakeDisk::Image* image) {
        step(image);
        image->sequence = tail.sequence;
      },
      /*sync=*/true));
  return guard_->Durable(tail);
}

absl::StatusOr<std::vector<Record>> FakeLogStorage::ReadRecords() {
  std::vector<Record> records;
  for (const auto& [key, value] : disk_->Contents().records) {
    records.push_back({key, value});
  }
  return records;
}

absl::Status FakeLogStorage::Write(const std::vector<Persist>& batches) {
  MutexLock lock(&mu_);
  return CommitTail(guard_->After(batches), [batches](FakeDisk::Image* image) {
    for (const Persist& batch : batches) {
      if (batch.hard_state.has_value()) {
        image->hard_state = *batch.hard_state;
      }
      if (batch.truncate_from.has_value()) {
        image->entries.erase(image->entries.lower_bound(*batch.truncate_from),
                             image->entries.end());
      }
      for (const Entry& entry : batch.entries) {
        image->entries[entry.index] = entry;
      }
    }
  });
}

absl::Status FakeLogStorage::WriteState(const std::vector<Mutation>& mutations,
                                        const AppliedState& now) {
  return disk_->Commit(
      [mutations, now](FakeDisk::Image* image) {
        for (const Mutation& mutation : mutations) {
          if (mutation.value.has_value()) {
            image->records[mutation.key] = *mutation.value;
          } else {
            image->records.erase(mutation.key);
          }
        }
        image->applied = now;
      },
      /*sync=*/false);
}

absl::Status FakeLogStorage::Compact(const SnapshotMetadata& base) {
  return disk_->Commit(
      [base](FakeDisk::Image* image) {
        image->base = base;
        image->entries.erase(image->entries.begin(),
                             image->entries.upper_bound(base.index));
      },
      /*sync=*/false);
}

absl::StatusOr<std::unique_ptr<SnapshotReader>> FakeLogStorage::OpenSnapshot() {
  FakeDisk::Image image = disk_->Contents();
  return std::make_unique<SnapshotReader>(
      std::move(image.applied),
      std::make_unique<FakeCursor>(std::move(image.records)));
}

absl::StatusOr<uint64_t> FakeLogStorage::StageChunk(
    const StoreSnapshotChunk& chunk) {
  if (staged_ == nullptr || staged_->snapshot != chunk.snapshot) {
    staged_ = std::make_unique<Staged>();
    staged_->snapshot = chunk.snapshot;
  }
  if (chunk.offset != staged_->decoder.offset())
    return staged_->decoder.offset();
  const absl::Status fed =
      staged_->decoder.Feed(chunk.bytes.bytes(), [this](Record record) {
        staged_->records[std::move(record.key)] = std::move(record.value);
        return absl::OkStatus();
      });
  if (!fed.ok()) {
    staged_ = nullptr;
    return 0;
  }
  return staged_->decoder.offset();
}

absl::StatusOr<AppliedState> FakeLogStorage::Install(
    const InstallSnapshot& install) {
  // Whole or not, nothing is staged afterwards.
  const std::unique_ptr<Staged> stage = std::move(staged_);
  if (stage == nullptr || stage->snapshot != install.snapshot) {
    return absl::DataLossError("no snapshot is staged");
  }
  ASSIGN_OR_RETURN(std::string hash, stage->decoder.Finish());
  const AppliedState applied{install.snapshot.index, std::move(hash)};
  MutexLock lock(&mu_);
  RETURN_IF_ERROR(CommitTail(
      guard_->After(install.snapshot),
      [applied, install, records = stage->records](FakeDisk::Image* image) {
        image->records = records;
        image->applied = applied;
        image->base = install.snapshot;
        image->entries.clear();
      }));
  return applied;
}

}  // namespace microovn::raft
