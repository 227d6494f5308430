// SPDX-License-Identifier: Apache-2.0
// The tail ring's file, and the rule around it.
#include "raft/storage/tail/tail_ring.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/recovered.h"
#include "raft/storage/tail/tail_guard.h"

namespace microovn::raft {
namespace {

constexpr Incarnation kIncarnation(77);

Tail TailAt(uint64_t sequence) {
  Tail tail;
  tail.sequence = sequence;
  tail.term = Term(sequence + 1);
  tail.last = {LogIndex(sequence + 2), Term(sequence)};
  tail.chain = ChainHash(sequence + 3);
  return tail;
}

class TailRingTest : public testing::Test {
 protected:
  std::unique_ptr<TailRing> Open(Incarnation incarnation = kIncarnation) {
    return std::make_unique<TailRing>(TailRingFile::At(path_), incarnation);
  }

  std::optional<Tail> Newest(Incarnation incarnation = kIncarnation) {
    const auto newest = Open(incarnation)->Newest();
    EXPECT_OK(newest);
    return newest.ok() ? *newest : std::nullopt;
  }

  void WriteAll(uint64_t first, uint64_t last) {
    const auto ring = Open();
    for (uint64_t i = first; i <= last; ++i) ASSERT_OK(ring->Write(TailAt(i)));
  }

  // Changes the bytes of the slot in which `sequence` is.
  void Damage(uint64_t sequence, const std::string& bytes) {
    std::string file = *ReadFile(path_);
    file.replace(sequence % TailRing::kSlots * TailRing::kSlotSize,
                 bytes.size(), bytes);
    ASSERT_OK(WriteFile(path_, file, 0600));
  }

  TempDir directory_;
  const std::string path_ = directory_.File("tail_ring");
};

TEST_F(TailRingTest, IsEmptyWithoutAFile) { EXPECT_EQ(Newest(), std::nullopt); }

TEST_F(TailRingTest, TheNewestOfAllRoundsIsFound) {
  for (uint64_t last = 1; last <= 3 * TailRing::kSlots; ++last) {
    WriteAll(last, last);
    EXPECT_EQ(Newest(), TailAt(last));
  }
  EXPECT_EQ(ReadFile(path_)->size() / TailRing::kSlotSize,
            TailRing::kSlots - 1);
}

TEST_F(TailRingTest, ATornSlotLeavesTheOneBefore) {
  WriteAll(1, 20);
  Damage(20, std::string(20, '\0'));
  EXPECT_EQ(Newest(), TailAt(19));
  // The last slot is cut off.
  WriteAll(21, 23);
  const std::string file = *ReadFile(path_);
  ASSERT_OK(WriteFile(path_, file.substr(0, file.size() - 1), 0600));
  EXPECT_EQ(Newest(), TailAt(22));
}

TEST_F(TailRingTest, GarbageSaysNothing) {
  ASSERT_OK(WriteFile(path_, std::string(10'000, '\xa5'), 0600));
  EXPECT_EQ(Newest(), std::nullopt);
  WriteAll(5, 5);
  EXPECT_EQ(Newest(), TailAt(5));
  // A slot in another slot's place is garbage too.
  std::string file = *ReadFile(path_);
  const std::string slot =
      file.substr(5 * TailRing::kSlotSize, TailRing::kSlotSize);
  ASSERT_OK(WriteFile(path_, slot + slot, 0600));
  EXPECT_EQ(Newest(), std::nullopt);
}

TEST_F(TailRingTest, AnotherDataDirectorysFileSaysNothing) {
  WriteAll(1, 3);
  EXPECT_EQ(Newest(Incarnation(78)), std::nullopt);
}

// A quarantine takes over the recorded term.
TEST_F(TailRingTest, ATermNearTheEndOfItsRangeSaysNothing) {
  WriteAll(1, 3);
  Tail far = TailAt(4);
  far.term = Term(~uint64_t{0});
  ASSERT_OK(Open()->Write(far));
  EXPECT_EQ(Newest(), TailAt(3));
  far = TailAt(5);
  far.sequence = kGreatestNumber + 1;
  ASSERT_OK(Open()->Write(far));
  EXPECT_EQ(Newest()->sequence, 3u);
}

TEST_F(TailRingTest, ClearedIsEmpty) {
  const auto file = TailRingFile::At(path_);
  WriteAll(1, 3);
  ASSERT_OK(file->Clear());
  EXPECT_EQ(Newest(), std::nullopt);
  WriteAll(1, 1);
  EXPECT_EQ(Newest(), TailAt(1));
}

Persist Entries(uint64_t first, uint64_t last, uint64_t term) {
  Persist persist;
  for (uint64_t i = first; i <= last; ++i) {
    Entry entry;
    entry.index = LogIndex(i);
    entry.term = Term(term);
    entry.chain = ChainHash(100 * term + i);
    persist.entries.push_back(std::move(entry));
  }
  return persist;
}

class TailGuardTest : public TailRingTest {
 protected:
  // What a start finds whose database is at `stored`.
  void Start(const Tail& stored) {
    auto guard = TailGuard::Open(TailRingFile::At(path_), kIncarnation, stored);
    ASSERT_OK(guard);
    guard_ = *std::move(guard);
  }

  Tail Write(const std::vector<Persist>& batches) {
    const Tail tail = guard_->After(batches);
    EXPECT_OK(guard_->Durable(tail));
    return tail;
  }

  std::unique_ptr<TailGuard> guard_;
};

TEST_F(TailGuardTest, FollowsTermAndEndOfTheLog) {
  Start(Tail());
  Persist vote;
  vote.hard_state = HardState{Term(4), MemberId()};
  Tail tail = Write({vote, Entries(1, 3, 4)});
  EXPECT_EQ(tail.sequence, 1u);
  EXPECT_EQ(tail.term, Term(4));
  EXPECT_EQ(tail.last, (LogPosition{LogIndex(3), Term(4)}));
  EXPECT_EQ(tail.chain, ChainHash(403));
  Persist replaced = Entries(2, 2, 5);
  replaced.truncate_from = LogIndex(2);
  tail = Write({replaced});
  EXPECT_EQ(tail.sequence, 2u);
  EXPECT_EQ(tail.last, (LogPosition{LogIndex(2), Term(5)}));
  Persist cut;
  cut.truncate_from = LogIndex(2);
  EXPECT_EQ(Write({cut}).last.index, LogIndex(1));
  SnapshotMetadata snapshot;
  snapshot.index = LogIndex(50);
  snapshot.term = Term(6);
  tail = guard_->After(snapshot);
  EXPECT_OK(guard_->Durable(tail));
  EXPECT_EQ(tail.sequence, 4u);
  EXPECT_EQ(tail.last, (LogPosition{LogIndex(50), Term(6)}));
  EXPECT_EQ(Newest(), tail);
}

TEST_F(TailGuardTest, NothingIsLostAfterACrashAtAnyPoint) {
  Start(Tail());
  const Tail first = Write({Entries(1, 1, 1)});
  const Tail second = guard_->After({Entries(2, 2, 1)});
  // Before the database had it; with it but before the ring had it; after.
  Start(first);
  EXPECT_EQ(guard_->quarantine(), std::nullopt);
  Start(second);
  EXPECT_EQ(guard_->quarantine(), std::nullopt);
  EXPECT_OK(guard_->Durable(second));
  Start(second);
  EXPECT_EQ(guard_->quarantine(), std::nullopt);
}

TEST_F(TailGuardTest, AMissingAcknowledgedWriteIsNoticed) {
  Start(Tail());
  const Tail first = Write({Entries(1, 1, 1)});
  Persist vote;
  vote.hard_state = HardState{Term(9), MemberId(1, 1)};
  Write({vote});
  Start(first);
  EXPECT_EQ(guard_->quarantine(),
            (Quarantine{Term(9), {LogIndex(1), Term(1)}}));
}

TEST_F(TailGuardTest, QuarantineOutlivesRestartsAndEndsDurably) {
  Start(Tail());
  const Tail first = Write({Entries(1, 1, 1)});
  for (uint64_t i = 2; i <= 5; ++i) Write({Entries(i, i, 1)});
  Start(first);
  const std::optional<Quarantine> lost = guard_->quarantine();
  ASSERT_TRUE(lost.has_value());
  // However much is written, it stays.
  Tail tail;
  for (uint64_t i = 2; i <= 20; ++i) tail = Write({Entries(i, i, 2)});
  SnapshotMetadata snapshot;
  snapshot.index = LogIndex(30);
  tail = guard_->After(snapshot);
  EXPECT_OK(guard_->Durable(tail));
  Start(tail);
  EXPECT_EQ(guard_->quarantine(), lost);

  Persist end;
  end.ends_quarantine = true;
  const Tail ended = guard_->After({end});
  Start(tail);
  EXPECT_EQ(guard_->quarantine(), lost) << "a crash before it was durable";
  Start(ended);
  EXPECT_EQ(guard_->quarantine(), std::nullopt)
      << "a crash before the ring had it";
  EXPECT_OK(guard_->Durable(ended));
  EXPECT_EQ(Newest(), ended);
  Start(tail);
  EXPECT_TRUE(guard_->quarantine().has_value()) << "the end itself is lost";
}

}  // namespace
}  // namespace microovn::raft
