// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/snapshot_pacer.h"

#include <vector>

#include "gtest/gtest.h"
#include "raft/node/loop/token_bucket.h"

namespace microovn::raft {
namespace {

constexpr uint64_t kSecond = 1'000'000;

TEST(TokenBucketTest, LetsFlowWhatIsAllowed) {
  TokenBucket bucket(1000);
  Time now(10 * kSecond);
  EXPECT_LE(bucket.NextAt(), now);
  // A tenth of a second's worth at once.
  bucket.Spend(now, 100);
  EXPECT_LE(bucket.NextAt(), now);
  bucket.Spend(now, 100);
  EXPECT_EQ(bucket.NextAt(), now + kSecond / 10);
  // Larger than the bucket.
  now = bucket.NextAt();
  bucket.Spend(now, 5000);
  EXPECT_EQ(bucket.NextAt(), now + 5 * kSecond);
  // What was not used for long is not saved up.
  now = now + 100 * kSecond;
  bucket.Spend(now, 200);
  EXPECT_EQ(bucket.NextAt(), now + kSecond / 10);
}

TEST(TokenBucketTest, OverTimeItIsTheRate) {
  TokenBucket bucket(1'000'000);
  Time now(kSecond);
  uint64_t bytes = 0;
  const Time end = now + 10 * kSecond;
  while (now < end) {
    if (bucket.NextAt() <= now) {
      bucket.Spend(now, 3333);
      bytes += 3333;
    }
    now = now + 1000;
  }
  EXPECT_GE(bytes, 9'900'000u);
  EXPECT_LE(bytes, 10'200'000u);
}

TEST(TokenBucketTest, WithoutALimitNothingWaits) {
  TokenBucket bucket(0);
  for (int i = 0; i < 10; ++i) bucket.Spend(Time(5), ~uint64_t{0});
  EXPECT_LE(bucket.NextAt(), Time(5));
}

SnapshotWanted WantedBy(uint64_t peer, uint64_t offset) {
  SnapshotWanted wanted;
  wanted.to = MemberId(1, peer);
  wanted.offset = offset;
  wanted.max_bytes = 1000;
  return wanted;
}

TEST(SnapshotPacerTest, OneForEachPeerInTurn) {
  SnapshotPacer pacer(1000);
  Time now(10 * kSecond);
  EXPECT_FALSE(pacer.NextAt().has_value());
  pacer.Add(WantedBy(1, 0));
  pacer.Add(WantedBy(2, 0));
  // Asked again, because it took long: no second one.
  pacer.Add(WantedBy(2, 7));
  std::vector<SnapshotWanted> taken = pacer.Take(now);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].to, MemberId(1, 1));
  ASSERT_TRUE(pacer.NextAt().has_value());
  EXPECT_GT(*pacer.NextAt(), now);
  EXPECT_TRUE(pacer.Take(now).empty());
  pacer.Add(WantedBy(1, 1000));
  now = *pacer.NextAt();
  taken = pacer.Take(now);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].to, MemberId(1, 2));
  EXPECT_EQ(taken[0].offset, 7u);

  pacer.Clear();
  EXPECT_FALSE(pacer.NextAt().has_value());
  EXPECT_TRUE(pacer.Take(now + 100 * kSecond).empty());
}

}  // namespace
}  // namespace microovn::raft
