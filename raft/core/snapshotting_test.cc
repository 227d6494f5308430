// What a snapshot on its way may and may not become (thesis 5, raft.md 5b.7
// and 5b.13).
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

class TransferTest : public testing::Test {
 protected:
  // Member 1 leads and has compacted what member 3 lacks; the first chunk of
  // the snapshot has arrived there, the second is being read.
  TransferTest() : harness_(CoreHarness::Cluster(3, options())) {
    harness_.Elect(1);
    harness_.Isolate(3);
    Write(20);
    first_ = Checkpoint();
    harness_.Heal();
    harness_.Advance(3 * options().heartbeat_interval);
    harness_.Step(1, SnapshotReady{M(3), first_, 0, Payload("abc"), false});
    harness_.Settle();
    harness_.Step(3, SnapshotProgress{first_, 3});
    harness_.Settle();
    harness_.Take(1);
  }

  static Options options() {
    Options options;
    options.retained_entries = 2;
    return options;
  }

  void Write(int entries) {
    for (int i = 0; i < entries; ++i) harness_.Propose(1, "command");
    harness_.Settle();
  }

  SnapshotMetadata Checkpoint() {
    const LogIndex applied = harness_.core(1).applied();
    harness_.Step(1, Checkpointed{applied});
    return *harness_.core(1).DescribeSnapshot(applied);
  }

  std::vector<SnapshotChunk> Read(const SnapshotMetadata& snapshot,
                                  uint64_t offset) {
    harness_.queue().clear();
    harness_.Step(1,
                  SnapshotReady{M(3), snapshot, offset, Payload("de"), true});
    return harness_.Queued<SnapshotChunk>(1);
  }

  CoreHarness harness_;
  SnapshotMetadata first_;
};

TEST_F(TransferTest, TheNextChunkIsOfTheSameSnapshot) {
  const auto sent = Read(first_, 3);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].offset, 3u);
}

// The receiver would put the end of one snapshot behind the start of another.
TEST_F(TransferTest, TheMiddleOfAnotherSnapshotIsNotSent) {
  Write(3);
  const SnapshotMetadata later = Checkpoint();
  ASSERT_NE(later, first_);
  EXPECT_TRUE(Read(later, 3).empty());
  const auto sent = Read(later, 0);
  ASSERT_EQ(sent.size(), 1u) << "from its start it is";
  EXPECT_EQ(sent[0].snapshot, later);
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
