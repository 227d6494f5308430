// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/history.h"

#include "gtest/gtest.h"
#include "raft/proof/sim/register_history.h"
#include "raft/proof/sim/sim_disk.h"
#include "raft/proof/sim/sim_state_machine.h"

namespace microovn::raft {
namespace {

TEST(HistoryTest, AcceptsWhatOneCopyCouldHaveDone) {
  History history;
  const uint64_t write = history.Invoke();
  const uint64_t read = history.Invoke();
  EXPECT_EQ(history.Apply(LogIndex(1), write, 11), std::nullopt);
  EXPECT_EQ(history.Apply(LogIndex(2), 0, 11), std::nullopt);
  EXPECT_EQ(history.CompleteWrite(write, LogIndex(1)), std::nullopt);
  // It began before the write was done, so it may have missed it.
  EXPECT_EQ(history.CompleteRead(read, LogIndex(0), 0), std::nullopt);
  const uint64_t later = history.Invoke();
  EXPECT_EQ(history.CompleteRead(later, LogIndex(2), 11), std::nullopt);
  // Another member applies the same.
  EXPECT_EQ(history.Apply(LogIndex(1), write, 11), std::nullopt);
}

TEST(HistoryTest, FindsStaleReads) {
  History history;
  const uint64_t write = history.Invoke();
  history.Apply(LogIndex(1), write, 11);
  history.CompleteWrite(write, LogIndex(1));
  const uint64_t read = history.Invoke();
  EXPECT_TRUE(history.CompleteRead(read, LogIndex(0), 0).has_value());
}

TEST(HistoryTest, FindsReadsThatGoBack) {
  History history;
  history.Apply(LogIndex(1), history.Invoke(), 11);
  history.CompleteRead(history.Invoke(), LogIndex(1), 11);
  EXPECT_TRUE(
      history.CompleteRead(history.Invoke(), LogIndex(0), 0).has_value());
}

TEST(HistoryTest, FindsStatesThatNeverWere) {
  History history;
  history.Apply(LogIndex(1), history.Invoke(), 11);
  EXPECT_TRUE(
      history.CompleteRead(history.Invoke(), LogIndex(1), 12).has_value());
}

TEST(HistoryTest, FindsWritesOutOfRealTimeOrder) {
  History history;
  const uint64_t first = history.Invoke();
  history.Apply(LogIndex(1), 0, 0);
  history.Apply(LogIndex(2), first, 11);
  history.CompleteWrite(first, LogIndex(2));
  const uint64_t second = history.Invoke();
  EXPECT_TRUE(history.CompleteWrite(second, LogIndex(1)).has_value());
}

TEST(HistoryTest, FindsDisagreementAndGaps) {
  History history;
  const uint64_t a = history.Invoke();
  const uint64_t b = history.Invoke();
  history.Apply(LogIndex(1), a, 11);
  EXPECT_TRUE(history.Apply(LogIndex(1), b, 11).has_value());
  EXPECT_TRUE(history.Apply(LogIndex(1), a, 12).has_value());
  EXPECT_TRUE(history.Apply(LogIndex(3), b, 13).has_value());
}

TEST(HistoryTest, FindsWhatHappenedTwiceOrAfterARefusal) {
  History history;
  const uint64_t twice = history.Invoke();
  history.Apply(LogIndex(1), twice, 11);
  EXPECT_TRUE(history.Apply(LogIndex(2), twice, 12).has_value());
  const uint64_t refused = history.Invoke();
  EXPECT_EQ(history.Refuse(refused), std::nullopt);
  EXPECT_TRUE(history.Apply(LogIndex(3), refused, 13).has_value());
  EXPECT_TRUE(history.Refuse(twice).has_value());
}

TEST(RegisterHistoryTest, RemembersWhatClientsSaw) {
  using Kind = RegisterOperation::Kind;
  using Outcome = RegisterOperation::Outcome;
  RegisterHistory history(/*enabled=*/true);
  history.Invoke(/*client=*/5, /*key=*/2, /*read=*/false);
  history.Invoke(6, 2, /*read=*/true);
  history.Invoke(7, 3, /*read=*/false);
  history.Invoke(8, 3, /*read=*/true);
  history.CompleteRead(2, 1);
  history.CompleteWrite(1);
  history.Refuse(3);
  const auto& operations = history.operations();
  ASSERT_EQ(operations.size(), 4u);
  EXPECT_EQ(operations[0].client, 5u);
  EXPECT_EQ(operations[0].key, "2");
  EXPECT_EQ(operations[0].kind, Kind::kWrite);
  EXPECT_EQ(operations[0].value, "1");
  EXPECT_EQ(operations[0].outcome, Outcome::kOk);
  EXPECT_EQ(operations[1].kind, Kind::kRead);
  EXPECT_EQ(operations[1].value, "1");
  EXPECT_LT(operations[1].invoked, operations[1].returned);
  EXPECT_LT(operations[1].returned, operations[0].returned);
  EXPECT_EQ(operations[2].outcome, Outcome::kRefused);
  EXPECT_EQ(operations[3].outcome, Outcome::kUnknown);
}

TEST(RegisterHistoryTest, IsEmptyUnlessEnabled) {
  RegisterHistory history(/*enabled=*/false);
  history.Invoke(1, 2, /*read=*/false);
  history.CompleteWrite(1);
  history.Refuse(1);
  history.CompleteRead(1, 1);
  EXPECT_TRUE(history.operations().empty());
}

Persist Batch(uint64_t token, uint64_t index) {
  Persist persist;
  persist.token = StorageToken(token);
  Entry entry;
  entry.index = LogIndex(index);
  entry.chain = ChainHash(index * 10);
  persist.entries.push_back(entry);
  return persist;
}

TEST(SimDiskTest, ACrashKeepsAPrefixOfWhatWasNotSynced) {
  uint64_t kept[4] = {};
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SeededRandom random(seed);
    SimDisk disk;
    disk.Write(Batch(1, 1));
    disk.Sync(StorageToken(1));
    disk.Write(Batch(2, 2));
    disk.Write(Batch(3, 3));
    EXPECT_TRUE(disk.Holds(LogIndex(1), ChainHash(10)));
    EXPECT_FALSE(disk.Holds(LogIndex(2), ChainHash(20)));
    disk.Crash(random);
    const size_t entries = disk.Recover().entries.size();
    ASSERT_GE(entries, 1u);
    ASSERT_LE(entries, 3u);
    ++kept[entries];
  }
  for (size_t entries = 1; entries <= 3; ++entries) {
    EXPECT_GT(kept[entries], 30u) << entries;
  }
}

TEST(SimStateMachineTest, SnapshotsRestoreTheState) {
  SimStateMachine state;
  for (uint64_t index = 1; index < 200; ++index) {
    Entry entry;
    entry.index = LogIndex(index);
    entry.kind = EntryKind::kCommand;
    entry.payload = Payload(EncodeCommand({index, index % kRegisters}, 3));
    state.Apply(entry);
    const auto restored = SimStateMachine::Restore(state.Snapshot());
    ASSERT_TRUE(restored.has_value());
    EXPECT_EQ(restored->hash(), state.hash());
    EXPECT_EQ(restored->applied(), state.applied());
    for (size_t key = 0; key < kRegisters; ++key) {
      EXPECT_EQ(restored->value(key), state.value(key));
    }
    EXPECT_EQ(state.value(index % kRegisters), index);
    EXPECT_FALSE(SimStateMachine::Restore(state.Snapshot() + "x").has_value());
  }
}

}  // namespace
}  // namespace microovn::raft
