// SPDX-License-Identifier: Apache-2.0
#include "base/time/backoff.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

TEST(Backoff, GrowsFromZeroToTheMaximumAndStaysThere) {
  const BackoffPolicy policy = {absl::Seconds(1), absl::Seconds(5), 2.0};
  EXPECT_EQ(BackoffDelay(policy, 0), absl::ZeroDuration());
  EXPECT_EQ(BackoffDelay(policy, 1), absl::Seconds(1));
  EXPECT_EQ(BackoffDelay(policy, 2), absl::Seconds(2));
  EXPECT_EQ(BackoffDelay(policy, 3), absl::Seconds(4));
  EXPECT_EQ(BackoffDelay(policy, 4), absl::Seconds(5));
  EXPECT_EQ(BackoffDelay(policy, 1'000'000), absl::Seconds(5));
}

}  // namespace
}  // namespace microovn
