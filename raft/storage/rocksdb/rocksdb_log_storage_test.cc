// SPDX-License-Identifier: Apache-2.0
// What only a real disk can do to a member: a kill without closing, a torn
// write, damage.
#include "raft/storage/rocksdb/rocksdb_log_storage.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/crypto/digest.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/record/record_codec.h"
#include "raft/storage/rocksdb/rocksdb_options.h"
#include "rocksdb/db.h"

namespace microovn::raft {
namespace {

const Identity kIdentity{ClusterId(1, 2), MemberId(3, 4), Incarnation(5)};

Persist OneEntry(uint64_t index) {
  Entry entry;
  entry.index = LogIndex(index);
  entry.term = Term(1);
  entry.kind = EntryKind::kCommand;
  entry.payload = Payload(std::string(100, 'p'));
  Persist persist;
  persist.entries = {entry};
  return persist;
}

class RocksdbLogStorageTest : public testing::Test {
 protected:
  RocksdbLogStorageTest() {
    EXPECT_OK(RocksdbLogStorage::Create(path_, kIdentity, Recovered()));
  }

  // Five entries written and synced, then the process is gone.
  void WriteFiveAndDie() {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto storage = RocksdbLogStorage::Open(path_);
      for (uint64_t i = 1; i <= 5 && storage.ok(); ++i) {
        if (!(*storage)->Write({OneEntry(i)}).ok()) _exit(2);
      }
      _exit(storage.ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
  }

  // The write-ahead log of the database that is not empty.
  std::filesystem::path WriteAheadLog() {
    std::filesystem::path found;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      if (file.path().extension() == ".log" && file.file_size() > 0) {
        found = file.path();
      }
    }
    EXPECT_FALSE(found.empty());
    return found;
  }

  absl::StatusOr<size_t> EntriesAfterOpen() {
    auto storage = RocksdbLogStorage::Open(path_);
    if (!storage.ok()) return storage.status();
    auto member = (*storage)->Read();
    if (!member.ok()) return member.status();
    return member->recovered.entries.size();
  }

  TempDir directory_;
  const std::string path_ = directory_.File("raft");
};

TEST_F(RocksdbLogStorageTest, SurvivesAKill) {
  WriteFiveAndDie();
  EXPECT_THAT(EntriesAfterOpen(), IsOkAndHolds(5));
}

TEST_F(RocksdbLogStorageTest, ATornLastWriteIsNotThere) {
  WriteFiveAndDie();
  const std::filesystem::path log = WriteAheadLog();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 20);
  EXPECT_THAT(EntriesAfterOpen(), IsOkAndHolds(4));
}

// RocksDB opens without the last write either way; only the ring knows.
TEST_F(RocksdbLogStorageTest, ALostAcknowledgedWriteIsNoticed) {
  WriteFiveAndDie();
  const std::filesystem::path log = WriteAheadLog();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 20);
  const auto storage = RocksdbLogStorage::Open(path_);
  ASSERT_OK(storage);
  const auto member = (*storage)->Read();
  ASSERT_OK(member);
  EXPECT_EQ(member->recovered.quarantine,
            (Quarantine{Term(), {LogIndex(5), Term(1)}}));
  ASSERT_OK((*storage)->Write({OneEntry(5)}));
  EXPECT_TRUE((*storage)->Read()->recovered.quarantine.has_value());
}

TEST_F(RocksdbLogStorageTest, WithoutTheRingNothingIsNoticed) {
  WriteFiveAndDie();
  const std::filesystem::path log = WriteAheadLog();
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - 20);
  std::filesystem::remove(path_ + "/tail_ring");
  EXPECT_THAT(EntriesAfterOpen(), IsOkAndHolds(4));
}

TEST_F(RocksdbLogStorageTest, AnEarlierRingDoesNotAccuseANewDatabase) {
  WriteFiveAndDie();
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().filename() != "tail_ring") {
      std::filesystem::remove_all(file.path());
    }
  }
  ASSERT_OK(RocksdbLogStorage::Create(path_, kIdentity, Recovered()));
  const auto storage = RocksdbLogStorage::Open(path_);
  ASSERT_OK(storage);
  EXPECT_EQ((*storage)->Read()->recovered.quarantine, std::nullopt);
}

TEST_F(RocksdbLogStorageTest, DamageInTheMiddleOfTheLogIsNotPassedOver) {
  WriteFiveAndDie();
  const std::filesystem::path log = WriteAheadLog();
  const auto middle =
      static_cast<std::streamoff>(std::filesystem::file_size(log) / 2);
  {
    std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(middle);
    file.write("damage", 6);
  }
  EXPECT_THAT(EntriesAfterOpen(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RocksdbLogStorageTest, ARecordThatFailsItsChecksumIsRefused) {
  {
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    rocksdb::DB* database = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(DatabaseOptions(), path_, Families(),
                                  &families, &database)
                    .ok());
    std::string sealed = Seal("hard_state", EncodeHardState(HardState()));
    sealed.back() = 'x';
    ASSERT_TRUE(
        database->Put(Synced(), families[2], "hard_state", sealed).ok());
    for (auto* family : families) delete family;
    delete database;
  }
  EXPECT_THAT(EntriesAfterOpen(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RocksdbLogStorageTest, AGapInTheLogIsRefused) {
  {
    auto storage = RocksdbLogStorage::Open(path_);
    ASSERT_OK(storage);
    ASSERT_OK((*storage)->Write({OneEntry(1), OneEntry(3)}));
  }
  EXPECT_THAT(EntriesAfterOpen(), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RocksdbLogStorageTest, BelongsToOneProcessAndIsMadeOnce) {
  EXPECT_THAT(RocksdbLogStorage::Create(path_, kIdentity, Recovered()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  const auto storage = RocksdbLogStorage::Open(path_);
  ASSERT_OK(storage);
  EXPECT_THAT(RocksdbLogStorage::Open(path_),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(RocksdbLogStorage::Open(directory_.File("nothing")),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(FileExists(directory_.File("nothing")));
}

TEST_F(RocksdbLogStorageTest, RefusesAFormatOfALaterVersion) {
  std::string sealed = Seal("k", "content");
  ++sealed[0];
  EXPECT_THAT(Unseal("k", sealed),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(RecordCodecTest, WhatIsCutShortOrTooLongIsDataLoss) {
  const std::string number = EncodeNumber(7);
  EXPECT_THAT(DecodeNumber(number), IsOkAndHolds(7));
  const Entry entry = OneEntry(1).entries[0];
  const std::vector<std::string> bytes = {
      EncodeNumber(1), EncodeEntry(entry).substr(0, 20),
      EncodeHardState(HardState()) + "x", EncodeIdentity(kIdentity) + "x", ""};
  for (const std::string& each : bytes) {
    EXPECT_FALSE(DecodeHardState(each).ok());
    EXPECT_FALSE(DecodeIdentity(each).ok());
    EXPECT_FALSE(DecodeMetadata(each).ok());
    EXPECT_FALSE(DecodeAppliedState(each).ok());
  }
  EXPECT_FALSE(DecodeEntry(LogIndex(1), bytes[1]).ok());
  std::string other_kind = EncodeEntry(entry);
  other_kind[15] = 9;
  EXPECT_FALSE(DecodeEntry(LogIndex(1), other_kind).ok());
  EXPECT_THAT(DecodeEntry(LogIndex(1), EncodeEntry(entry)),
              IsOkAndHolds(entry));
}

TEST(RecordCodecTest, EveryFlippedBitOfASealedRecordIsNoticed) {
  const std::string sealed = Seal("key", "content");
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string damaged = sealed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Unseal("key", damaged).ok()) << bit;
  }
  EXPECT_FALSE(Unseal("kex", sealed).ok());
  EXPECT_THAT(Unseal("key", sealed), IsOkAndHolds("content"));
}

}  // namespace
}  // namespace microovn::raft
