// SPDX-License-Identifier: Apache-2.0
#include "base/time/token_bucket.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

constexpr absl::Duration kStart = absl::Seconds(1000);

TEST(TokenBucketTest, LetsAFewThroughAtOnce) {
  TokenBucket bucket(3, absl::Seconds(10));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.Take(kStart)) << i;
  EXPECT_FALSE(bucket.Take(kStart));
  EXPECT_EQ(bucket.Wait(kStart), absl::Seconds(10));
}

TEST(TokenBucketTest, ThenOneInAWhile) {
  TokenBucket bucket(3, absl::Seconds(10));
  while (bucket.Take(kStart)) {
  }
  EXPECT_FALSE(bucket.Take(kStart + absl::Milliseconds(9999)));
  EXPECT_TRUE(bucket.Take(kStart + absl::Seconds(10)));
  EXPECT_FALSE(bucket.Take(kStart + absl::Seconds(19)));
  EXPECT_TRUE(bucket.Take(kStart + absl::Seconds(20)));
}

TEST(TokenBucketTest, SavesNoMoreThanTheBurst) {
  TokenBucket bucket(2, absl::Seconds(10));
  while (bucket.Take(kStart)) {
  }
  EXPECT_FALSE(bucket.Full(kStart + absl::Seconds(19)));
  const absl::Duration later = kStart + absl::Hours(1);
  EXPECT_TRUE(bucket.Full(later));
  EXPECT_TRUE(bucket.Take(later));
  EXPECT_TRUE(bucket.Take(later));
  EXPECT_FALSE(bucket.Take(later));
}

TEST(TokenBucketTest, HasDoesNotTake) {
  TokenBucket bucket(1, absl::Seconds(10));
  EXPECT_TRUE(bucket.Has(kStart));
  EXPECT_TRUE(bucket.Has(kStart));
  EXPECT_EQ(bucket.Wait(kStart), absl::ZeroDuration());
}

}  // namespace
}  // namespace microovn
