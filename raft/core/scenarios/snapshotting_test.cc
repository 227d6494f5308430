// SPDX-License-Identifier: Apache-2.0
// What a snapshot on its way may and may not become (thesis 5, raft.md 5b.7
// and 5b.13).
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

class SnapshotTest : public testing::Test {
 protected:
  // Member 1 leads. Member 3 was away for 20 entries, of which the log has
  // `retained`, and is back.
  void LeaveBehind(uint64_t retained) {
    Options options;
    options.retained_entries = retained;
    harness_ = CoreHarness::Cluster(3, options);
    harness_.Elect(1);
    harness_.Isolate(3);
    Write(20);
    const Output compacted = Checkpoint(first_);
    ASSERT_TRUE(compacted.compact.has_value());
    ASSERT_EQ(compacted.compact->base.index + retained, first_.index);
    harness_.Heal();
    harness_.Take(1);
    harness_.Advance(3 * options.heartbeat_interval);
  }

  void Write(int entries) {
    for (int i = 0; i < entries; ++i) harness_.Propose(1, "command");
    harness_.Settle();
  }

  Output Checkpoint(SnapshotMetadata& snapshot) {
    const LogIndex applied = harness_.core(1).applied();
    snapshot = *harness_.core(1).DescribeSnapshot(applied);
    return harness_.Step(1, Checkpointed{applied});
  }

  CoreHarness harness_;
  SnapshotMetadata first_;
};

// 7: in chunks, and the next index follows from it.
TEST_F(SnapshotTest, ItReplacesWhatIsCompacted) {
  LeaveBehind(2);
  const Output wanted = harness_.Take(1);
  ASSERT_FALSE(wanted.snapshots_wanted.empty());
  EXPECT_EQ(wanted.snapshots_wanted[0].to, M(3));
  EXPECT_EQ(wanted.snapshots_wanted[0].offset, 0u);
  harness_.Step(1, SnapshotReady{M(3), first_, 0, Payload("abc"), false});
  harness_.Take(3);
  harness_.Settle();
  ASSERT_TRUE(harness_.Take(3).store_snapshot_chunk.has_value());
  harness_.Step(3, SnapshotProgress{first_, 3});
  harness_.Settle();
  EXPECT_EQ(harness_.Take(1).snapshots_wanted.at(0).offset, 3u);
  harness_.Step(1, SnapshotReady{M(3), first_, 3, Payload("de"), true});
  harness_.Settle();
  harness_.Step(3, SnapshotProgress{first_, 5});
  ASSERT_TRUE(harness_.Take(3).install_snapshot.has_value());
  EXPECT_EQ(harness_.core(3).log().base().index, LogIndex(0))
      << "the old log is in force until the snapshot is durable";
  harness_.Step(3, SnapshotInstalled{first_, true});
  harness_.Settle();
  EXPECT_EQ(harness_.core(3).log().base(), first_);
  EXPECT_EQ(harness_.core(3).applied(), first_.index);
  EXPECT_EQ(harness_.core(1).Describe().peers.back().match, first_.index);
}

// Thesis 5.1: or the next one would be needed when it arrives.
TEST_F(SnapshotTest, ATransferHoldsTheLogBehindItsSnapshot) {
  LeaveBehind(0);
  harness_.Step(1, SnapshotReady{M(3), first_, 0, Payload("abc"), false});
  Write(20);
  SnapshotMetadata later;
  EXPECT_FALSE(Checkpoint(later).compact.has_value());
  ASSERT_GT(later.index, first_.index);
  EXPECT_EQ(harness_.core(1).log().base().index, first_.index);
}

class TransferTest : public SnapshotTest {
 protected:
  // The first chunk has arrived, the second is being read.
  void SetUp() override {
    LeaveBehind(2);
    harness_.Step(1, SnapshotReady{M(3), first_, 0, Payload("abc"), false});
    harness_.Settle();
    harness_.Step(3, SnapshotProgress{first_, 3});
    harness_.Settle();
    harness_.Take(1);
  }

  std::vector<SnapshotChunk> Read(const SnapshotMetadata& snapshot,
                                  uint64_t offset) {
    harness_.queue().clear();
    harness_.Step(1,
                  SnapshotReady{M(3), snapshot, offset, Payload("de"), true});
    return harness_.Queued<SnapshotChunk>(1);
  }
};

TEST_F(TransferTest, TheNextChunkIsOfTheSameSnapshot) {
  const auto sent = Read(first_, 3);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].offset, 3u);
}

// The receiver would put the end of one snapshot behind the start of another.
TEST_F(TransferTest, TheMiddleOfAnotherSnapshotIsNotSent) {
  Write(3);
  SnapshotMetadata later;
  Checkpoint(later);
  ASSERT_NE(later, first_);
  EXPECT_TRUE(Read(later, 3).empty());
  const auto sent = Read(later, 0);
  ASSERT_EQ(sent.size(), 1u) << "from its start it is";
  EXPECT_EQ(sent[0].snapshot, later);
}

// The node answers so when the peer claims more than there is.
TEST_F(TransferTest, TheBeginningOfTheSameSnapshotIsSentAgain) {
  const auto sent = Read(first_, 0);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].offset, 0u);
}

TEST_F(TransferTest, AChunkThatLeavesAGapIsNotSent) {
  EXPECT_TRUE(Read(first_, 4).empty());
  EXPECT_TRUE(Read(first_, 2).empty());
}

// What the log said of an uncommitted change went with the log.
TEST(InstallTest, TheSnapshotsConfigurationReplacesALaterOneOfTheOldLog) {
  const Configuration old = ConfigurationOf({1, 2, 3});
  CoreHarness harness;
  harness.Add(2, LogOf(old));
  Entry change;
  change.index = LogIndex(2);
  change.term = Term(2);
  change.kind = EntryKind::kConfiguration;
  change.payload = Payload(EncodeConfiguration(ConfigurationOf({1, 2}, {3})));
  const RaftCore& core = harness.core(2);
  change.chain = ChainOf(core.log().last_chain(), change);
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = core.log().last_chain();
  append.entries = {change};
  harness.Receive(2, 1, 2, append);
  ASSERT_EQ(core.configurations().InForce().index, LogIndex(2));

  // Of a leader that never saw the change.
  SnapshotMetadata snapshot;
  snapshot.index = LogIndex(50);
  snapshot.term = Term(3);
  snapshot.configuration_index = LogIndex(1);
  snapshot.configuration = old;
  harness.Receive(2, 3, 3, SnapshotChunk{snapshot, 0, Payload("all"), true});
  harness.Step(2, SnapshotProgress{snapshot, 3});
  harness.Step(2, SnapshotInstalled{snapshot, true});
  EXPECT_EQ(core.configurations().InForce().index, LogIndex(1));
  EXPECT_EQ(core.configurations().InForce().configuration, old);
}

}  // namespace
}  // namespace microovn::raft
