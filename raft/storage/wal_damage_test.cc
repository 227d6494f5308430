// What RocksDB 7.8 does with a write-ahead log whose end is damaged: the facts
// of docs/explanation/raft-storage.md.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/rocksdb_log_storage.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

constexpr size_t kWrites = 5;
constexpr size_t kPayload = 700;
// Of a record in the log: checksum, length, type.
constexpr size_t kHeader = 7;

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

void Flip(size_t at, int bits, std::string& bytes) {
  bytes[at] = static_cast<char>(bytes[at] ^ bits);
}

// A log with five writes, each acknowledged, and where each of them ends.
class WalDamageTest : public testing::Test {
 protected:
  WalDamageTest() : env_(FormattedDisk()) {
    EXPECT_OK(RocksdbLogStorage::Create(kLifeDirectory, LifeIdentity(),
                                        Recovered(), EnvironmentOn(&env_)));
    auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env_));
    EXPECT_OK(storage);
    for (uint64_t index = 1; index <= kWrites; ++index) {
      EXPECT_OK((*storage)->Write({EntryOf(index)}));
      ends_.push_back(File(env_.volume().image()).size);
    }
    disk_ = env_.volume().image();
  }

  static DiskFile& File(DiskImage&& disk) { return File(disk); }

  // The newest log.
  static DiskFile& File(DiskImage& disk) {
    const NodeId directory = disk.Find(kLifeDirectory).value();
    NodeId newest = 0;
    for (const auto& [name, node] : disk.directories.at(directory).names) {
      if (name.find(".log") != std::string::npos) newest = node;
    }
    return disk.files.at(newest);
  }

  // How many entries are there after `damage`.
  absl::StatusOr<size_t> EntriesAfter(
      const std::function<void(std::string&)>& damage) {
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
    return member->recovered.entries.size();
  }

  SimEnv env_;
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

TEST_F(WalDamageTest, ZerosInPlaceOfTheEndOfTheLastRecordAreRefused) {
  EXPECT_THAT(
      EntriesAfter([](std::string& bytes) { Zero(bytes.size() - 100, bytes); }),
      StatusIs(absl::StatusCode::kDataLoss));
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
