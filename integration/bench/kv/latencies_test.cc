// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/latencies.h"

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

TEST(LatenciesTest, PercentilesAreOfWhatWasMeasured) {
  Latencies latencies;
  EXPECT_EQ(latencies.Percentile(0.5), absl::ZeroDuration());
  Latencies others;
  for (int i = 100; i > 50; --i) others.Add(absl::Microseconds(i));
  for (int i = 1; i <= 50; ++i) latencies.Add(absl::Microseconds(i));
  latencies.Add(others);
  EXPECT_EQ(latencies.count(), 100u);
  EXPECT_EQ(latencies.Percentile(0.5), absl::Microseconds(50));
  EXPECT_EQ(latencies.Percentile(0.99), absl::Microseconds(99));
  EXPECT_EQ(latencies.Percentile(1), absl::Microseconds(100));
  EXPECT_EQ(latencies.Percentile(0), absl::Microseconds(1));
}

}  // namespace
}  // namespace microovn::raft
