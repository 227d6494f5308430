// SPDX-License-Identifier: Apache-2.0
// What RocksDB 7.8 does with a write-ahead log whose end is damaged: the facts
// of docs/explanation/raft-storage.md.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/record/running_hash.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

constexpr size_t kWrites = 5;
constexpr size_t kPayload = 700;
// Of a record in the log: checksum, length, type.
constexpr size_t kHeader = 7;
constexpr size_t kBlock = 32768;
constexpr size_t kSector = 512;

Persist EntryOf(uint64_t index) {
  Entry entry;
  entry.index = LogIndex(index);
  entry.term = Term(1);
  entry.kind = EntryKind::kCommand;
  entry.payload = Payload(SeededRandom(index).Bytes(kPayload));
  Persist persist;
  persist.entries = {entry};
  return persist;
}

void Zero(size_t begin, std::string& bytes) {
  const size_t size = bytes.size() - begin;
  bytes.replace(begin, size, size, '\0');
}

// From `at` to the end of its sector.
void ZeroSector(size_t at, std::string& bytes) {
  const size_t size = std::min(kSector - at % kSector, bytes.size() - at);
  bytes.replace(at, size, size, '\0');
}

void Flip(size_t at, int bits, std::string& bytes) {
  bytes[at] = static_cast<char>(bytes[at] ^ bits);
}

// A log with five writes, each acknowledged, and where each of them ends.
class WalDamageTest : public testing::Test {
 protected:
  WalDamageTest() : env_(FormattedDisk()) {
    EXPECT_OK(RocksdbLogStorage::Create(kLifeDirectory, LifeIdentity(),
                                        Recovered(), EnvironmentOn(&env_)));
    auto opened = RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env_));
    EXPECT_OK(opened);
    storage_ = *std::move(opened);
    for (uint64_t index = 1; index <= kWrites; ++index) {
      EXPECT_OK(storage_->Write({EntryOf(index)}));
      Written();
    }
  }

  // Applies up to `index`, with a record of `size` bytes.
  void UnsyncedState(uint64_t index, size_t size) {
    const std::string value = SeededRandom(index).Bytes(size);
    EXPECT_OK(storage_->WriteState({{"key", value}},
                                   {LogIndex(index), EmptyStateHash()}));
    Written();
  }

  void Written() {
    disk_ = env_.volume().image();
    ends_.push_back(File(disk_).size);
  }

  static DiskFile& File(DiskImage&& disk) { return File(disk); }

  // The newest log.
  static DiskFile& File(DiskImage& disk) {
    const NodeId directory = disk.Find(kLifeDirectory).value();
    NodeId newest = 0;
    for (const auto& [name, node] : disk.directories.at(directory).names) {
      if (absl::StrContains(name, ".log")) newest = node;
    }
    return disk.files.at(newest);
  }

  using Damage = std::function<void(std::string&)>;

  absl::StatusOr<Recovered> After(const Damage& damage) {
    DiskImage disk = disk_;
    DiskFile& file = File(disk);
    std::string bytes = file.bytes->substr(0, file.size);
    damage(bytes);
    file.size = file.synced = bytes.size();
    file.bytes = std::make_shared<std::string>(std::move(bytes));
    SimEnv env(std::move(disk));
    const auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env));
    if (!storage.ok()) return storage.status();
    const auto member = (*storage)->Read();
    if (!member.ok()) return member.status();
    return member->recovered;
  }

  absl::StatusOr<size_t> EntriesAfter(const Damage& damage) {
    const auto recovered = After(damage);
    if (!recovered.ok()) return recovered.status();
    return recovered->entries.size();
  }

  absl::StatusOr<uint64_t> AppliedAfter(const Damage& damage) {
    const auto recovered = After(damage);
    if (!recovered.ok()) return recovered.status();
    return recovered->applied.value();
  }

  SimEnv env_;
  std::unique_ptr<RocksdbLogStorage> storage_;
  DiskImage disk_;
  std::vector<size_t> ends_;
};

TEST_F(WalDamageTest, ATornTailIsDropped) {
  for (const size_t cut : {size_t{1}, size_t{20}, kPayload}) {
    EXPECT_THAT(EntriesAfter([this, cut](std::string& bytes) {
                  bytes.resize(ends_.back() - cut);
                }),
                IsOkAndHolds(kWrites - 1));
  }
}

TEST_F(WalDamageTest, ATailThatIsGoneLeavesNoTrace) {
  EXPECT_THAT(
      EntriesAfter([this](std::string& bytes) { bytes.resize(ends_[1]); }),
      IsOkAndHolds(2));
}

TEST_F(WalDamageTest, ZerosInPlaceOfWholeRecordsAreTakenForTheEnd) {
  EXPECT_THAT(
      EntriesAfter([this](std::string& bytes) { Zero(ends_[2], bytes); }),
      IsOkAndHolds(3));
}

// Not what a disk does, which loses sectors.
TEST_F(WalDamageTest, ZerosInAPartOfASectorAreRefused) {
  EXPECT_THAT(EntriesAfter([this](std::string& bytes) {
                bytes.replace(ends_[2] + kHeader, 5, 5, '\0');
              }),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(WalDamageTest, AnUnsyncedRecordWithoutASectorIsDropped) {
  UnsyncedState(kWrites, 2 * kSector);
  EXPECT_THAT(EntriesAfter([this](std::string& bytes) {
                ZeroSector((ends_[kWrites - 1] / kSector + 1) * kSector, bytes);
              }),
              IsOkAndHolds(kWrites));
}

TEST_F(WalDamageTest, TheRingMissesAnAcknowledgedRecordWithoutASector) {
  for (const size_t record : {size_t{1}, size_t{2}, kWrites - 1}) {
    const size_t sector = (ends_[record - 1] / kSector + 1) * kSector;
    const auto recovered =
        After([sector](std::string& bytes) { ZeroSector(sector, bytes); });
    ASSERT_OK(recovered);
    EXPECT_EQ(recovered->entries.size(), record);
    ASSERT_TRUE(recovered->quarantine.has_value());
    EXPECT_EQ(recovered->quarantine->last.index, LogIndex(kWrites));
  }
}

TEST_F(WalDamageTest, WithoutTheRingItLeavesNoTrace) {
  const size_t sector = (ends_[1] / kSector + 1) * kSector;
  disk_.directories.at(disk_.Find(kLifeDirectory).value())
      .names.erase("tail_ring");
  const auto recovered =
      After([sector](std::string& bytes) { ZeroSector(sector, bytes); });
  ASSERT_OK(recovered);
  EXPECT_EQ(recovered->entries.size(), 2u);
  EXPECT_FALSE(recovered->quarantine.has_value());
}

// RocksDB skips the rest of a block that begins with zeros. Where the next
// block begins with a record, nothing tells it that one is missing.
TEST_F(WalDamageTest, NothingIsReadBehindALostRecord) {
  UnsyncedState(1, 20000);
  const size_t lost = ends_.back();
  const size_t overhead = lost - ends_[kWrites - 1] - 20000;
  UnsyncedState(2, kBlock - lost - overhead - 2);
  ASSERT_GT(ends_.back(), kBlock - kHeader);
  ASSERT_LE(ends_.back(), kBlock);
  UnsyncedState(3, 100);
  EXPECT_THAT(AppliedAfter([](std::string&) {}), IsOkAndHolds(3));
  EXPECT_THAT(
      AppliedAfter([lost](std::string& bytes) { ZeroSector(lost, bytes); }),
      IsOkAndHolds(1));
}

TEST_F(WalDamageTest, AFlippedBitInAContentIsRefused) {
  for (size_t record = 1; record < kWrites; ++record) {
    EXPECT_THAT(EntriesAfter([this, record](std::string& bytes) {
                  Flip(ends_[record] - 50, 1, bytes);
                }),
                StatusIs(absl::StatusCode::kDataLoss))
        << record;
  }
}

// The length of the last record then reaches beyond the end of the file.
TEST_F(WalDamageTest, AFlippedBitInTheLastLengthIsTakenForATornTail) {
  EXPECT_THAT(EntriesAfter([this](std::string& bytes) {
                Flip(ends_[kWrites - 2] + kHeader - 2, 0x40, bytes);
              }),
              IsOkAndHolds(kWrites - 1));
}

}  // namespace
}  // namespace microovn::raft
