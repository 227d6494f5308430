// SPDX-License-Identifier: Apache-2.0
// What log_storage.h promises, on RocksDB and on the fake alike.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto/digest.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/record/running_hash.h"
#include "raft/storage/rocksdb/rocksdb_environment.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/sim_env.h"

namespace microovn::raft {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Identity kIdentity{ClusterId(1, 2), MemberId(3, 4), Incarnation(5)};

SnapshotMetadata MetadataAt(uint64_t index) {
  SnapshotMetadata metadata;
  metadata.index = LogIndex(index);
  metadata.term = Term(2);
  metadata.chain = ChainHash(99);
  metadata.configuration_index = LogIndex(1);
  metadata.configuration.voters = {kIdentity.member};
  return metadata;
}

Entry EntryAt(uint64_t index, uint64_t term, std::string payload) {
  Entry entry;
  entry.index = LogIndex(index);
  entry.term = Term(term);
  entry.kind = EntryKind::kCommand;
  entry.chain = ChainHash(index * 1000 + term);
  entry.payload = Payload(std::move(payload));
  return entry;
}

Persist EntriesFrom(uint64_t first, uint64_t last, uint64_t term) {
  Persist persist;
  for (uint64_t i = first; i <= last; ++i) {
    persist.entries.push_back(EntryAt(i, term, "payload"));
  }
  return persist;
}

std::string HashOf(char c) { return std::string(kDigestSize, c); }

// A disk and the way to open what is on it.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual absl::Status Create(const Recovered& initial) = 0;
  virtual std::unique_ptr<LogStorage> Open() = 0;
};

class RocksdbDisk final : public Disk {
 public:
  absl::Status Create(const Recovered& initial) override {
    return RocksdbLogStorage::Create(path_, kIdentity, initial);
  }
  std::unique_ptr<LogStorage> Open() override {
    auto storage = RocksdbLogStorage::Open(path_);
    EXPECT_OK(storage);
    return storage.ok() ? *std::move(storage) : nullptr;
  }

 private:
  TempDir directory_;
  const std::string path_ = directory_.File("raft");
};

class SimulatedDisk final : public Disk {
 public:
  SimulatedDisk() { env_.volume().MakeDirectory("/member"); }
  absl::Status Create(const Recovered& initial) override {
    return RocksdbLogStorage::Create(path_, kIdentity, initial, environment_);
  }
  std::unique_ptr<LogStorage> Open() override {
    auto storage = RocksdbLogStorage::Open(path_, environment_);
    EXPECT_OK(storage);
    return storage.ok() ? *std::move(storage) : nullptr;
  }

 private:
  const std::string path_ = "/member/raft";
  SimEnv env_;
  const RocksdbEnvironment environment_ = env_.Environment(1);
};

class MemoryDisk final : public Disk {
 public:
  absl::Status Create(const Recovered& initial) override {
    disk_ = std::make_unique<FakeDisk>(kIdentity, initial);
    return absl::OkStatus();
  }
  std::unique_ptr<LogStorage> Open() override {
    return std::make_unique<FakeLogStorage>(disk_.get());
  }

 private:
  std::unique_ptr<FakeDisk> disk_;
};

struct Case {
  const char* name;
  std::function<std::unique_ptr<Disk>()> make;
};

class LogStorageTest : public testing::TestWithParam<Case> {
 protected:
  LogStorageTest() : disk_(GetParam().make()) {
    EXPECT_OK(disk_->Create(Recovered()));
    storage_ = disk_->Open();
  }

  void Reopen() {
    storage_ = nullptr;
    storage_ = disk_->Open();
  }

  StoredMember Stored() {
    absl::StatusOr<StoredMember> member = storage_->Read();
    EXPECT_OK(member);
    return member.ok() ? *std::move(member) : StoredMember();
  }

  std::vector<Record> Records() {
    absl::StatusOr<std::vector<Record>> records = storage_->ReadRecords();
    EXPECT_OK(records);
    return records.ok() ? *std::move(records) : std::vector<Record>();
  }

  // The stream of the state that is applied now.
  std::string Stream() {
    const auto reader = storage_->OpenSnapshot();
    EXPECT_OK(reader);
    return (*reader)->Read(0, 1 << 20)->bytes;
  }

  absl::StatusOr<uint64_t> Stage(const SnapshotMetadata& snapshot,
                                 uint64_t offset, const std::string& bytes) {
    StoreSnapshotChunk chunk;
    chunk.snapshot = snapshot;
    chunk.offset = offset;
    chunk.bytes = Payload(bytes);
    return storage_->StageChunk(chunk);
  }

  const std::unique_ptr<Disk> disk_;
  std::unique_ptr<LogStorage> storage_;
};

TEST_P(LogStorageTest, StartsWithWhatItWasMadeWith) {
  const StoredMember member = Stored();
  EXPECT_EQ(member.identity.cluster, kIdentity.cluster);
  EXPECT_EQ(member.identity.member, kIdentity.member);
  EXPECT_EQ(member.identity.incarnation, kIdentity.incarnation);
  EXPECT_EQ(member.recovered.hard_state, HardState());
  EXPECT_EQ(member.recovered.base, SnapshotMetadata());
  EXPECT_THAT(member.recovered.entries, IsEmpty());
  EXPECT_EQ(member.recovered.applied, LogIndex(0));
  EXPECT_EQ(member.running_hash, EmptyStateHash());
  EXPECT_THAT(Records(), IsEmpty());
}

TEST_P(LogStorageTest, KeepsHardStateAndEntriesOfSeveralBatches) {
  Persist vote;
  vote.hard_state = HardState{Term(4), MemberId(8, 9)};
  ASSERT_OK(storage_->Write({vote, EntriesFrom(1, 3, 4)}));
  Reopen();
  const StoredMember member = Stored();
  EXPECT_EQ(member.recovered.hard_state, *vote.hard_state);
  EXPECT_EQ(member.recovered.entries, EntriesFrom(1, 3, 4).entries);
}

TEST_P(LogStorageTest, TruncatesBeforeItAppends) {
  ASSERT_OK(storage_->Write({EntriesFrom(1, 5, 1)}));
  Persist persist = EntriesFrom(3, 4, 2);
  persist.truncate_from = LogIndex(3);
  ASSERT_OK(storage_->Write({persist}));
  Reopen();
  std::vector<Entry> expected = EntriesFrom(1, 2, 1).entries;
  expected.push_back(EntryAt(3, 2, "payload"));
  expected.push_back(EntryAt(4, 2, "payload"));
  EXPECT_EQ(Stored().recovered.entries, expected);
}

TEST_P(LogStorageTest, AppliesMutationsWithTheirIndex) {
  ASSERT_OK(storage_->WriteState({{"a", "1"}, {"b", "2"}, {"a", "3"}},
                                 {LogIndex(2), HashOf('x')}));
  ASSERT_OK(storage_->WriteState({{"b", std::nullopt}, {"", "empty key"}},
                                 {LogIndex(3), HashOf('y')}));
  Reopen();
  EXPECT_EQ(Stored().recovered.applied, LogIndex(3));
  EXPECT_EQ(Stored().running_hash, HashOf('y'));
  EXPECT_THAT(Records(),
              ElementsAre(Record{"", "empty key"}, Record{"a", "3"}));
}

TEST_P(LogStorageTest, NothingIsInQuarantineThatLostNothing) {
  EXPECT_EQ(Stored().recovered.quarantine, std::nullopt);
  for (uint64_t i = 1; i <= 20; ++i) {
    ASSERT_OK(storage_->Write({EntriesFrom(i, i, 1), Persist()}));
    Reopen();
    EXPECT_EQ(Stored().recovered.quarantine, std::nullopt);
  }
}

TEST_P(LogStorageTest, CompactsUpToTheBase) {
  ASSERT_OK(storage_->Write({EntriesFrom(1, 6, 1)}));
  ASSERT_OK(storage_->Compact(MetadataAt(4)));
  ASSERT_OK(storage_->Write({EntriesFrom(7, 7, 1)}));
  Reopen();
  EXPECT_EQ(Stored().recovered.base, MetadataAt(4));
  EXPECT_EQ(Stored().recovered.entries, EntriesFrom(5, 7, 1).entries);
}

TEST_P(LogStorageTest, AnOpenSnapshotDoesNotChange) {
  ASSERT_OK(storage_->WriteState({{"a", "1"}}, {LogIndex(2), HashOf('x')}));
  const auto reader = storage_->OpenSnapshot();
  ASSERT_OK(reader);
  const std::string before = Stream();
  ASSERT_OK(storage_->WriteState({{"a", "2"}}, {LogIndex(3), HashOf('y')}));
  EXPECT_EQ((*reader)->index(), LogIndex(2));
  EXPECT_EQ((*reader)->Read(0, 1 << 20)->bytes, before);
  EXPECT_NE(Stream(), before);
}

TEST_P(LogStorageTest, InstallsASnapshotOfAnotherMember) {
  FakeDisk other_disk(kIdentity, Recovered());
  FakeLogStorage other(&other_disk);
  ASSERT_OK(other.WriteState({{"k1", "v1"}, {"k2", "v2"}},
                             {LogIndex(9), HashOf('s')}));
  const std::string stream = (*other.OpenSnapshot())->Read(0, 1 << 20)->bytes;

  ASSERT_OK(storage_->Write({EntriesFrom(1, 3, 1)}));
  ASSERT_OK(storage_->WriteState({{"old", "1"}}, {LogIndex(2), HashOf('x')}));
  const std::string half = stream.substr(0, 60);
  EXPECT_THAT(Stage(MetadataAt(9), 0, half), IsOkAndHolds(60));
  EXPECT_THAT(Stage(MetadataAt(9), 0, half), IsOkAndHolds(60));
  EXPECT_THAT(Records(), ElementsAre(Record{"old", "1"}));
  EXPECT_THAT(Stage(MetadataAt(9), 60, stream.substr(60)),
              IsOkAndHolds(stream.size()));
  EXPECT_THAT(storage_->Install({MetadataAt(9)}),
              IsOkAndHolds(AppliedState{LogIndex(9), HashOf('s')}));
  ASSERT_OK(storage_->Write({EntriesFrom(10, 10, 2)}));

  Reopen();
  EXPECT_THAT(Records(), ElementsAre(Record{"k1", "v1"}, Record{"k2", "v2"}));
  EXPECT_EQ(Stored().recovered.base, MetadataAt(9));
  EXPECT_EQ(Stored().recovered.applied, LogIndex(9));
  EXPECT_EQ(Stored().running_hash, HashOf('s'));
  EXPECT_EQ(Stored().recovered.entries, EntriesFrom(10, 10, 2).entries);
  EXPECT_EQ(Stream(), stream);
}

TEST_P(LogStorageTest, AnIncompleteSnapshotChangesNothing) {
  ASSERT_OK(storage_->WriteState({{"a", "1"}}, {LogIndex(2), HashOf('x')}));
  const std::string stream = Stream();
  ASSERT_OK(Stage(MetadataAt(9), 0, stream.substr(0, stream.size() - 1)));
  EXPECT_THAT(storage_->Install({MetadataAt(9)}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(storage_->Install({MetadataAt(9)}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Stage(MetadataAt(9), 50, "x"), IsOkAndHolds(0));
  EXPECT_THAT(Records(), ElementsAre(Record{"a", "1"}));
  EXPECT_EQ(Stored().recovered.applied, LogIndex(2));
}

TEST_P(LogStorageTest, AnotherOrADamagedSnapshotStartsAnew) {
  ASSERT_OK(storage_->WriteState({{"a", "1"}}, {LogIndex(2), HashOf('x')}));
  const std::string stream = Stream();
  EXPECT_THAT(Stage(MetadataAt(9), 0, stream.substr(0, 60)), IsOkAndHolds(60));
  EXPECT_THAT(Stage(MetadataAt(10), 60, stream.substr(60)), IsOkAndHolds(0));
  EXPECT_THAT(Stage(MetadataAt(10), 0,
                    "not a snapshot at all, but longer than "
                    "the header of one would be"),
              IsOkAndHolds(0));
  EXPECT_THAT(Stage(MetadataAt(10), 0, stream), IsOkAndHolds(stream.size()));
  Reopen();
  EXPECT_THAT(Stage(MetadataAt(10), 60, "x"), IsOkAndHolds(0));
}

INSTANTIATE_TEST_SUITE_P(
    Disks, LogStorageTest,
    testing::Values(
        Case{"Rocksdb", [] { return std::make_unique<RocksdbDisk>(); }},
        Case{"Simulated", [] { return std::make_unique<SimulatedDisk>(); }},
        Case{"Fake", [] { return std::make_unique<MemoryDisk>(); }}),
    [](const auto& test) { return test.param.name; });

// What was synced and is gone; the rest of the rule is in tail_ring_test.
TEST(FakeLogStorageTest, LosesAcknowledgedWritesAndKnowsIt) {
  FakeDisk disk(kIdentity, Recovered());
  {
    FakeLogStorage storage(&disk);
    for (uint64_t i = 1; i <= 5; ++i) {
      ASSERT_OK(storage.Write({EntriesFrom(i, i, 1)}));
    }
  }
  disk.LoseAcknowledged(2);
  FakeLogStorage storage(&disk);
  const StoredMember member = *storage.Read();
  EXPECT_EQ(member.recovered.entries, EntriesFrom(1, 3, 1).entries);
  EXPECT_EQ(member.recovered.quarantine,
            (Quarantine{Term(), {LogIndex(5), Term(1)}}));
  Persist end;
  end.ends_quarantine = true;
  ASSERT_OK(storage.Write({end}));
  EXPECT_EQ(FakeLogStorage(&disk).Read()->recovered.quarantine, std::nullopt);
}

// Every step of a member's life on the fake, cut off at every step and with
// every number of unsynced steps surviving: what is there is what was there
// after some prefix of the steps, and at least what was promised.
TEST(LogStorageCrashTest, EveryCrashLeavesAPrefix) {
  FakeDisk source(kIdentity, Recovered());
  FakeLogStorage sender(&source);
  ASSERT_OK(sender.WriteState({{"s", "1"}}, {LogIndex(20), HashOf('s')}));
  const std::string stream = (*sender.OpenSnapshot())->Read(0, 1 << 20)->bytes;

  const std::vector<std::function<absl::Status(LogStorage&)>> life = {
      [](LogStorage& s) { return s.Write({EntriesFrom(1, 4, 1)}); },
      [](LogStorage& s) {
        return s.WriteState({{"a", "1"}}, {LogIndex(2), HashOf('2')});
      },
      [](LogStorage& s) {
        return s.WriteState({{"a", "2"}}, {LogIndex(4), HashOf('4')});
      },
      [](LogStorage& s) { return s.Compact(MetadataAt(3)); },
      [](LogStorage& s) { return s.Write({EntriesFrom(5, 6, 1)}); },
      [&stream](LogStorage& s) {
        StoreSnapshotChunk chunk;
        chunk.snapshot = MetadataAt(20);
        chunk.bytes = Payload(stream);
        EXPECT_OK(s.StageChunk(chunk));
        return s.Install({MetadataAt(20)}).status();
      },
      [](LogStorage& s) {
        return s.WriteState({{"b", "1"}}, {LogIndex(21), HashOf('b')});
      },
  };
  const std::vector<size_t> synced_after = {1, 1, 1, 1, 5, 6, 6};

  for (size_t crash = 0; crash <= life.size(); ++crash) {
    for (size_t survivors = 0;; ++survivors) {
      FakeDisk disk(kIdentity, Recovered());
      std::vector<std::string> states = {""};
      const auto state_of = [&disk] {
        const FakeDisk::Image image = disk.Contents();
        return EncodeAppliedState(image.applied) + EncodeMetadata(image.base) +
               EncodeNumber(image.entries.size()) +
               testing::PrintToString(image.records);
      };
      states[0] = state_of();
      FakeLogStorage storage(&disk);
      disk.FailAfter(crash);
      size_t done = 0;
      while (done < life.size() && life[done](storage).ok()) {
        ++done;
        states.push_back(state_of());
      }
      ASSERT_EQ(done, crash);
      if (survivors > disk.unsynced()) break;
      disk.Crash(survivors);
      const size_t promised = crash == 0 ? 0 : synced_after[crash - 1];
      EXPECT_EQ(state_of(), states[promised + survivors])
          << "after " << crash << " steps, " << survivors << " survivors";
    }
  }
}

}  // namespace
}  // namespace microovn::raft
