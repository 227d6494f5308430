// SPDX-License-Identifier: Apache-2.0
// The stored format: testdata/format-1.txt is what the first version wrote for
// the member below. It is never made anew; every later version reads it.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/recovered.h"
#include "raft/storage/record/record_codec.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/rocksdb/rocksdb_options.h"
#include "rocksdb/db.h"

namespace microovn::raft {
namespace {

constexpr char kFixture[] = "raft/storage/rocksdb/testdata/format-1.txt";

const Identity kIdentity{ClusterId(0x1111, 0x2222), MemberId(0x3333, 0x4444),
                         Incarnation(0x5555)};

Entry EntryBehind(const Entry& before, EntryKind kind, std::string payload) {
  Entry entry;
  entry.index = before.index.Next();
  entry.term = Term(3);
  entry.kind = kind;
  entry.payload = Payload(std::move(payload));
  entry.chain = ChainOf(before.chain, entry);
  return entry;
}

// What the member of the fixture was told to keep.
absl::Status WriteMember(const std::string& directory) {
  const Recovered first = Bootstrap(kIdentity);
  absl::Status status = RocksdbLogStorage::Create(directory, kIdentity, first);
  if (!status.ok()) return status;
  auto storage = RocksdbLogStorage::Open(directory);
  if (!storage.ok()) return storage.status();

  Configuration wider;
  wider.voters = {MemberId(0x3333, 0x4444), MemberId(0x6666, 0x7777)};
  wider.learners = {MemberId(0x8888, 0x9999)};
  wider.incarnations = {{MemberId(0x8888, 0x9999), Incarnation(0xaaaa)}};
  wider.removed = {MemberId(0xbbbb, 0xcccc)};
  Persist persist;
  persist.token = StorageToken(1);
  persist.hard_state = HardState{Term(3), MemberId(0x3333, 0x4444)};
  const Entry& last = first.entries.back();
  persist.entries.push_back(EntryBehind(last, EntryKind::kNoop, ""));
  persist.entries.push_back(EntryBehind(
      persist.entries.back(), EntryKind::kCommand, std::string("a\0b", 3)));
  persist.entries.push_back(EntryBehind(persist.entries.back(),
                                        EntryKind::kConfiguration,
                                        EncodeConfiguration(wider)));
  status = (*storage)->Write({persist});
  if (!status.ok()) return status;
  status = (*storage)->WriteState({{"key", "value"},
                                   {"other", std::string("\0", 1)},
                                   {"gone", "x"},
                                   {"gone", std::nullopt}},
                                  {LogIndex(3), std::string(32, '\x42')});
  if (!status.ok()) return status;
  SnapshotMetadata base;
  base.index = last.index;
  base.term = last.term;
  base.chain = last.chain;
  base.configuration_index = last.index;
  base.configuration.voters = {MemberId(0x3333, 0x4444)};
  return (*storage)->Compact(base);
}

// The database without the storage: families and what is in them.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& directory) {
    const rocksdb::Status status = rocksdb::DB::Open(
        DatabaseOptions(), directory, Families(), &families_, &database_);
    EXPECT_TRUE(status.ok()) << status.ToString();
  }
  ~RawDatabase() {
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      EXPECT_TRUE(database_->DestroyColumnFamilyHandle(family).ok());
    }
    delete database_;
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  // A line for each record: family, key and value.
  std::string Dump() {
    std::string lines;
    for (rocksdb::ColumnFamilyHandle* family : families_) {
      const std::unique_ptr<rocksdb::Iterator> at(
          database_->NewIterator(rocksdb::ReadOptions(), family));
      for (at->SeekToFirst(); at->Valid(); at->Next()) {
        absl::StrAppend(&lines, family->GetName(), " ",
                        absl::BytesToHexString(at->key().ToString()), " ",
                        absl::BytesToHexString(at->value().ToString()), "\n");
      }
    }
    return lines;
  }

  void Load(const std::string& lines) {
    for (const absl::string_view line :
         absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
      const std::vector<std::string> parts = absl::StrSplit(line, ' ');
      ASSERT_EQ(parts.size(), 3u) << line;
      for (rocksdb::ColumnFamilyHandle* family : families_) {
        if (family->GetName() != parts[0]) continue;
        EXPECT_TRUE(database_
                        ->Put(Synced(), family,
                              absl::HexStringToBytes(parts[1]),
                              absl::HexStringToBytes(parts[2]))
                        .ok());
      }
    }
  }

 private:
  rocksdb::DB* database_ = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

TEST(FormatTest, TheFirstFormatIsRead) {
  const auto fixture = ReadFile(kFixture);
  ASSERT_OK(fixture);
  TempDir old;
  RawDatabase(old.File("raft")).Load(*fixture);
  TempDir fresh;
  ASSERT_OK(WriteMember(fresh.File("raft")));
  const auto old_storage = RocksdbLogStorage::Open(old.File("raft"));
  ASSERT_OK(old_storage);
  const auto fresh_storage = RocksdbLogStorage::Open(fresh.File("raft"));
  ASSERT_OK(fresh_storage);
  const auto read = (*old_storage)->Read();
  ASSERT_OK(read);
  const auto expected = (*fresh_storage)->Read();
  ASSERT_OK(expected);
  EXPECT_EQ(read->identity, kIdentity);
  EXPECT_EQ(read->recovered.hard_state.term, Term(3));
  EXPECT_EQ(read->recovered.applied, LogIndex(3));
  EXPECT_EQ(read->recovered.base, expected->recovered.base);
  EXPECT_EQ(read->recovered.entries, expected->recovered.entries);
  EXPECT_EQ(read->recovered.entries.size(), 3u);
  EXPECT_TRUE(IsIntact(read->recovered.base, read->recovered.entries));
  EXPECT_EQ(read->running_hash, std::string(32, '\x42'));
  const auto records = (*old_storage)->ReadRecords();
  ASSERT_OK(records);
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[0].key, "key");
  EXPECT_EQ((*records)[0].value, "value");
  EXPECT_EQ((*records)[1].value, std::string("\0", 1));
}

// As long as the first format is the present one, it is written as well: a
// change of the format shows here and needs a new version.
TEST(FormatTest, TheFirstFormatIsWritten) {
  const auto fixture = ReadFile(kFixture);
  ASSERT_OK(fixture);
  TempDir directory;
  ASSERT_OK(WriteMember(directory.File("raft")));
  EXPECT_EQ(RawDatabase(directory.File("raft")).Dump(), *fixture);
}

TEST(FormatTest, ALaterFormatIsRefusedByName) {
  std::string sealed = Seal("key", "content");
  sealed[0] = 2;
  const auto record = Unseal("key", sealed);
  EXPECT_THAT(record, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(record.status().message(), testing::HasSubstr("format 2"));
  EXPECT_THAT(record.status().message(), testing::HasSubstr("reads 1"));

  TempDir directory;
  ASSERT_OK(WriteMember(directory.File("raft")));
  RawDatabase(directory.File("raft"))
      .Load(absl::StrCat(
          "hard ", absl::BytesToHexString("format"), " ",
          absl::BytesToHexString(Seal("format", EncodeNumber(7)))));
  const auto opened = RocksdbLogStorage::Open(directory.File("raft"));
  EXPECT_THAT(opened.status(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(opened.status().message(), testing::HasSubstr("format 7"));
  EXPECT_THAT(opened.status().message(), testing::HasSubstr("reads 1"));
}

}  // namespace
}  // namespace microovn::raft
