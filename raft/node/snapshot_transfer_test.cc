// SPDX-License-Identifier: Apache-2.0
// Snapshots on their way: interrupted, resumed, limited. raft.md 5a.13.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/message.h"
#include "raft/node/raft_node.h"
#include "raft/node/testing/memory_network.h"
#include "raft/node/testing/testing_cluster.h"

namespace microovn::raft {
namespace {

using testing::Each;
using testing::Ge;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr uint64_t kChunk = 1000;

// The chunks that one member is sent, of which some are lost.
class ChunkTap {
 public:
  struct Chunk {
    MemberId from;
    LogIndex snapshot;
    uint64_t offset = 0;
  };

  explicit ChunkTap(FakeNetwork* network) : network_(network) {
    network_->SetTap([this](const Message& message) { return Pass(message); });
  }
  ~ChunkTap() { network_->SetTap(nullptr); }

  // Of all that come, so many arrive.
  void Allow(size_t chunks) {
    MutexLock lock(&mu_);
    allowed_ = chunks;
  }
  // Those that arrived.
  std::vector<Chunk> Chunks() {
    MutexLock lock(&mu_);
    return chunks_;
  }

 private:
  bool Pass(const Message& message) {
    const auto* chunk = std::get_if<SnapshotChunk>(&message.body);
    if (chunk == nullptr) return true;
    MutexLock lock(&mu_);
    if (chunks_.size() >= allowed_) return false;
    chunks_.push_back(
        {message.header.from, chunk->snapshot.index, chunk->offset});
    return true;
  }

  FakeNetwork* const network_;
  Mutex mu_;
  size_t allowed_ ABSL_GUARDED_BY(mu_) = SIZE_MAX;
  std::vector<Chunk> chunks_ ABSL_GUARDED_BY(mu_);
};

class SnapshotTransferTest : public testing::Test {
 protected:
  // A member is away for so long that it needs a snapshot of some 12 chunks;
  // only the first few arrive when it is back.
  void Interrupt() {
    cluster_.options.core.retained_entries = 8;
    cluster_.options.core.snapshot_chunk_bytes = kChunk;
    cluster_.options.applier.checkpoint_interval = 8;
    cluster_.FormThree();
    away_ = cluster_.Follower();
    cluster_.Stop(away_);
    leader_ = cluster_.Leader();
    for (int i = 0; i < 100; ++i) {
      ASSERT_OK(cluster_.node(leader_).Propose(
          absl::StrCat(i, "=", std::string(100, 'v')), kPatience));
    }
    tap_.Allow(arrived_);
    cluster_.Start(away_);
    ASSERT_TRUE(TestingCluster::Eventually(
        [&] { return tap_.Chunks().size() == arrived_; }));
  }

  std::vector<uint64_t> OffsetsAfterInterruption() {
    std::vector<uint64_t> offsets;
    for (const ChunkTap::Chunk& each : tap_.Chunks()) {
      offsets.push_back(each.offset);
    }
    offsets.erase(offsets.begin(),
                  offsets.begin() + static_cast<ptrdiff_t>(arrived_));
    return offsets;
  }

  size_t arrived_ = 5;
  MemoryNetwork network_;
  ChunkTap tap_{&network_.network};
  TestingCluster cluster_{&network_};
  size_t leader_ = 0;
  size_t away_ = 0;
};

TEST_F(SnapshotTransferTest, ResumesAfterAReconnect) {
  Interrupt();
  network_.network.Cut(cluster_.id(leader_), cluster_.id(away_));
  const auto unheard = [&] {
    for (const PeerProgress& peer : cluster_.node(leader_).Status().peers) {
      if (peer.member == cluster_.id(away_)) {
        return peer.last_contact_ago > absl::Milliseconds(600);
      }
    }
    return false;
  };
  EXPECT_TRUE(TestingCluster::Eventually(unheard));
  tap_.Allow(SIZE_MAX);
  network_.network.HealAll();
  EXPECT_TRUE(cluster_.Converged());
  // Of the last chunk that arrived, the leader may not have been told.
  EXPECT_THAT(OffsetsAfterInterruption(), Each(Ge((arrived_ - 1) * kChunk)));
  EXPECT_THAT(cluster_.machine(away_).Published(), SizeIs(100));
  const NodeMetrics metrics = cluster_.node(leader_).Status().metrics;
  EXPECT_GE(metrics.snapshots_sent, 1u);
  EXPECT_GE(cluster_.node(away_).Status().metrics.snapshots_received, 1u);
}

// Another leader in between, which sends nothing that arrives; then the first
// one again. It has to ask how far the snapshot came, and goes on from there.
TEST_F(SnapshotTransferTest, ResumesUnderALeaderOfAnotherTerm) {
  Interrupt();
  const size_t other = 3 - leader_ - away_;
  const LogIndex snapshot = tap_.Chunks().front().snapshot;
  ASSERT_OK(
      cluster_.node(leader_).TransferLeadership(cluster_.id(other), kPatience));
  ASSERT_EQ(cluster_.Leader(), other);
  ASSERT_OK(
      cluster_.node(other).TransferLeadership(cluster_.id(leader_), kPatience));
  ASSERT_EQ(cluster_.Leader(), leader_);
  tap_.Allow(SIZE_MAX);
  EXPECT_TRUE(cluster_.Converged());
  const std::vector<ChunkTap::Chunk> chunks = tap_.Chunks();
  ASSERT_GT(chunks.size(), arrived_ + 1);
  EXPECT_EQ(chunks[arrived_].offset, 0u);
  for (size_t i = arrived_; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].snapshot, snapshot);
    if (i > arrived_) {
      EXPECT_GE(chunks[i].offset, arrived_ * kChunk);
    }
  }
}

// The limit is the snapshots' own: at this rate the second chunk is due after a
// quarter of an hour.
TEST_F(SnapshotTransferTest, ALimitHoldsUpTheSnapshotAndNothingElse) {
  cluster_.options.snapshot_bytes_per_second = 1;
  arrived_ = 1;
  Interrupt();
  tap_.Allow(SIZE_MAX);
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(cluster_.node(leader_).Propose("a=b", kPatience));
  }
  EXPECT_THAT(tap_.Chunks(), SizeIs(1));
  EXPECT_EQ(cluster_.Leader(), leader_);
}

}  // namespace
}  // namespace microovn::raft
