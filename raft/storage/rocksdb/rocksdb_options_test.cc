// SPDX-License-Identifier: Apache-2.0
// That the traps of RocksDB (raft.md 5b.16) are avoided, each by what it does
// and not only by what is set.
#include "raft/storage/rocksdb/rocksdb_options.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/life_runner.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

constexpr size_t kMaxWal = (16 << 20) / 64;

Persist EntryOf(uint64_t index, size_t payload) {
  Entry entry;
  entry.index = LogIndex(index);
  entry.term = Term(1);
  entry.kind = EntryKind::kCommand;
  entry.payload = Payload(SeededRandom(index).Bytes(payload));
  Persist persist;
  persist.entries = {entry};
  return persist;
}

class RocksdbOptionsTest : public testing::Test {
 protected:
  RocksdbOptionsTest() : env_(FormattedDisk()) {
    EXPECT_OK(RocksdbLogStorage::Create(kLifeDirectory, LifeIdentity(),
                                        Recovered(), EnvironmentOn(&env_)));
    auto storage =
        RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env_));
    EXPECT_OK(storage);
    storage_ = *std::move(storage);
  }

  // Names in the data directory that end so.
  static std::vector<std::string> Files(const DiskImage& disk,
                                        const std::string& ending) {
    std::vector<std::string> files;
    const NodeId directory = disk.Find(kLifeDirectory).value();
    for (const auto& [name, node] : disk.directories.at(directory).names) {
      const size_t at = name.rfind(ending);
      if (at != std::string::npos && at + ending.size() == name.size()) {
        files.push_back(std::string(kLifeDirectory) + "/" + name);
      }
    }
    return files;
  }

  size_t WalBytes() {
    const DiskImage disk = env_.volume().image();
    size_t bytes = 0;
    for (const std::string& path : Files(disk, ".log")) {
      bytes += disk.files.at(disk.Find(path).value()).size;
    }
    return bytes;
  }

  // Writes entries, without background work, until there are `count` logs.
  void WriteUntilWalFiles(size_t count) {
    uint64_t index = 0;
    while (Files(env_.volume().image(), ".log").size() < count) {
      ASSERT_LT(++index, 100u);
      ASSERT_OK(storage_->Write({EntryOf(index, 9000)}));
    }
    // Its sync makes the closed ones known.
    ASSERT_OK(storage_->Write({EntryOf(index + 1, 10)}));
  }

  static absl::Status OpenOn(DiskImage disk) {
    SimEnv env(std::move(disk));
    return RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&env))
        .status();
  }

  SimEnv env_;
  std::unique_ptr<RocksdbLogStorage> storage_;
};

TEST_F(RocksdbOptionsTest, OnlyAnIncompleteTailOfTheLogIsTolerated) {
  EXPECT_EQ(DatabaseOptions().wal_recovery_mode,
            rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords);
}

TEST_F(RocksdbOptionsTest, LogFilesAreNotReused) {
  EXPECT_EQ(DatabaseOptions().recycle_log_file_num, 0u);
}

TEST_F(RocksdbOptionsTest, AMissingClosedLogFileIsNoticed) {
  EXPECT_TRUE(DatabaseOptions().track_and_verify_wals_in_manifest);
  WriteUntilWalFiles(2);
  DiskImage disk = env_.volume().image();
  EXPECT_OK(OpenOn(disk));
  const auto [directory, name] = disk.Place(Files(disk, ".log")[0]).value();
  disk.Change(directory, {name, std::string(), 0});
  EXPECT_THAT(OpenOn(disk), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RocksdbOptionsTest, AShortenedClosedLogFileIsNoticed) {
  WriteUntilWalFiles(2);
  DiskImage disk = env_.volume().image();
  DiskFile& closed = disk.files.at(disk.Find(Files(disk, ".log")[0]).value());
  closed.size -= 5000;
  closed.synced = closed.size;
  EXPECT_THAT(OpenOn(disk), StatusIs(absl::StatusCode::kDataLoss));
}

// One vote, long ago, sits in the oldest log; so does a little applied state.
TEST_F(RocksdbOptionsTest, AQuietFamilyDoesNotPinLogFiles) {
  Persist vote;
  vote.hard_state = HardState{Term(1), MemberId(1, 1)};
  ASSERT_OK(storage_->Write({vote}));
  ASSERT_OK(storage_->WriteState({{"a", "1"}}, {LogIndex(0), ""}));
  for (uint64_t index = 1; index <= 200; ++index) {
    ASSERT_OK(storage_->Write({EntryOf(index, 9000)}));
    env_.RunJobs();
    EXPECT_LT(WalBytes(), 2 * kMaxWal) << index;
  }
}

TEST_F(RocksdbOptionsTest, AFailedFlushIsFinal) {
  WriteUntilWalFiles(2);
  env_.volume().FailAt(DiskFault::kIoError, 1);
  env_.RunJobs();
  ASSERT_TRUE(env_.volume().failed());
  EXPECT_THAT(storage_->Write({EntryOf(1000, 1)}),
              StatusIs(absl::StatusCode::kInternal));
  env_.RunJobs();
  EXPECT_THAT(storage_->WriteState({}, {}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(RocksdbOptionsTest, AFullDiskIsFinalAlsoWhenThereIsSpaceAgain) {
  env_.volume().FailAt(DiskFault::kNoSpace, 1);
  EXPECT_THAT(storage_->Write({EntryOf(1, 1)}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  env_.volume().Extend();
  env_.RunJobs();
  EXPECT_THAT(storage_->Write({EntryOf(1, 1)}),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(RocksdbOptionsTest, AFailedSyncIsFinal) {
  EXPECT_EQ(DatabaseOptions().max_bgerror_resume_count, 0);
  env_.volume().FailAt(DiskFault::kFailedSync, 1);
  EXPECT_THAT(storage_->Write({EntryOf(1, 1)}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(storage_->Write({EntryOf(1, 1)}),
              StatusIs(absl::StatusCode::kInternal));
}

TEST_F(RocksdbOptionsTest, ADamagedTableIsNotRead) {
  EXPECT_TRUE(DatabaseOptions().paranoid_checks);
  for (uint64_t index = 1; index <= 9; ++index) {
    ASSERT_OK(storage_->Write({EntryOf(index, 9000)}));
  }
  env_.RunJobs();
  const std::vector<std::string> tables = Files(env_.volume().image(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const std::string& table : tables) {
    env_.volume().Flip(table, uint64_t{8} * 100);
  }
  SimEnv next(env_.volume().image());
  const auto storage =
      RocksdbLogStorage::Open(kLifeDirectory, EnvironmentOn(&next));
  const absl::Status read =
      storage.ok() ? (*storage)->Read().status() : storage.status();
  EXPECT_THAT(read, StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace microovn::raft
