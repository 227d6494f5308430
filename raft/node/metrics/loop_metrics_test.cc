// SPDX-License-Identifier: Apache-2.0
#include "raft/node/metrics/loop_metrics.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/node/metrics/histogram.h"

namespace microovn::raft {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(HistogramTest, Counts) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), absl::ZeroDuration());
  histogram.Add(absl::ZeroDuration());
  histogram.Add(absl::Microseconds(15));
  histogram.Add(absl::Microseconds(16));
  histogram.Add(absl::Hours(1));
  EXPECT_EQ(histogram.buckets()[0], 2u);
  EXPECT_EQ(histogram.buckets()[1], 1u);
  EXPECT_EQ(histogram.buckets()[Histogram::kBuckets - 1], 1u);
  EXPECT_EQ(histogram.count(), 4u);
  EXPECT_EQ(histogram.sum(), absl::Hours(1) + absl::Microseconds(31));
  EXPECT_EQ(histogram.longest(), absl::Hours(1));
  EXPECT_EQ(histogram.Quantile(0), absl::Microseconds(16));
  EXPECT_EQ(histogram.Quantile(0.5), absl::Microseconds(16));
  EXPECT_EQ(histogram.Quantile(0.75), absl::Microseconds(32));
  EXPECT_EQ(histogram.Quantile(1), absl::Hours(1));
  EXPECT_EQ(histogram.Describe(), "count 4, median 16us, 99 % 1h, longest 1h");
}

TEST(LoopMetricsTest, CommitIsMeasuredFromAcceptance) {
  LoopMetrics metrics;
  Output accepted;
  accepted.accepted = {{RequestId(1), LogIndex(5), Term(2)},
                       {RequestId(2), LogIndex(6), Term(2)}};
  metrics.Gave(accepted, Time(1000), LogIndex(4));
  EXPECT_EQ(metrics.metrics().commit.count(), 0u);
  metrics.Gave(Output(), Time(3000), LogIndex(5));
  EXPECT_EQ(metrics.metrics().commit.count(), 1u);
  EXPECT_EQ(metrics.metrics().commit.sum(), absl::Milliseconds(2));
  // What is committed under another leader tells nothing.
  Output deposed;
  deposed.role_changes = {
      {Role::kFollower, Term(3), MemberId(), RoleReason::kHigherTerm}};
  metrics.Gave(deposed, Time(4000), LogIndex(5));
  metrics.Gave(Output(), Time(9000), LogIndex(6));
  EXPECT_EQ(metrics.metrics().commit.count(), 1u);
}

TEST(LoopMetricsTest, CountsByReason) {
  LoopMetrics metrics;
  Output output;
  output.role_changes = {
      {Role::kPreCandidate, Term(1), {}, RoleReason::kElectionTimeout},
      {Role::kCandidate, Term(2), {}, RoleReason::kPreVoteWon},
      {Role::kFollower, Term(2), {}, RoleReason::kElectionTimeout}};
  output.rejected = {{MemberId(1, 1), RejectedReason::kOtherCluster},
                     {MemberId(1, 2), RejectedReason::kOtherCluster}};
  metrics.Gave(output, Time(1), LogIndex(0));
  EXPECT_THAT(metrics.metrics().role_changes,
              ElementsAre(Pair(RoleReason::kElectionTimeout, 2),
                          Pair(RoleReason::kPreVoteWon, 1)));
  EXPECT_EQ(metrics.metrics().elections, 1u);
  EXPECT_THAT(metrics.metrics().rejected,
              ElementsAre(Pair(RejectedReason::kOtherCluster, 2)));
}

TEST(LoopMetricsTest, Snapshots) {
  LoopMetrics metrics;
  const MemberId peer(1, 2);
  EXPECT_FALSE(metrics.SnapshotRate(peer).has_value());
  const auto send = [&](uint64_t offset, bool last, uint64_t at) {
    Output output;
    Send chunk;
    chunk.message.header.to = peer;
    chunk.message.body =
        SnapshotChunk{{}, offset, Payload(std::string(1000, 'x')), last};
    output.sends.push_back(chunk);
    metrics.Gave(output, Time(at), LogIndex(0));
  };
  send(0, false, 1'000'000);
  send(1000, true, 1'500'000);
  EXPECT_EQ(metrics.metrics().snapshots_sent, 1u);
  EXPECT_EQ(metrics.metrics().snapshot_bytes_sent, 2000u);
  EXPECT_EQ(metrics.SnapshotRate(peer), 4000u);

  Received received;
  received.message.body = SnapshotChunk{{}, 0, Payload("abc"), false};
  metrics.Told(received);
  metrics.Told(SnapshotInstalled{{}, true});
  metrics.Told(SnapshotInstalled{{}, false});
  EXPECT_EQ(metrics.metrics().snapshot_bytes_received, 3u);
  EXPECT_EQ(metrics.metrics().snapshots_received, 1u);
}

}  // namespace
}  // namespace microovn::raft
