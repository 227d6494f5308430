// SPDX-License-Identifier: Apache-2.0
#include "agent/server/connection_gate.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

ConnectionLimits Limits(double burst, double per_second, int max_descriptor,
                        size_t max_sources) {
  ConnectionLimits limits;
  limits.burst = burst;
  limits.per_second = per_second;
  limits.max_descriptor = max_descriptor;
  limits.max_sources = max_sources;
  return limits;
}

TEST(ConnectionGate, BurstThenRatePerSource) {
  ConnectionGate gate(Limits(3, 1, 100, 10));
  const absl::Duration start = absl::Seconds(10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(gate.Admit("a", true, 5, start));
  EXPECT_FALSE(gate.Admit("a", true, 5, start));
  EXPECT_TRUE(gate.Admit("b", true, 5, start))
      << "another source is not affected";
  EXPECT_TRUE(gate.Admit("a", true, 5, start + absl::Seconds(1)));
  EXPECT_FALSE(gate.Admit("a", true, 5, start + absl::Seconds(1)));
}

TEST(ConnectionGate, RefusesWhenDescriptorsRunOut) {
  ConnectionGate gate(Limits(3, 1, /*max_descriptor=*/100, 10));
  EXPECT_TRUE(gate.Admit("a", true, 99, absl::Seconds(1)));
  EXPECT_FALSE(gate.Admit("a", true, 100, absl::Seconds(1)));
}

TEST(ConnectionGate, ManySourcesDoNotForgetASpentOne) {
  ConnectionGate gate(Limits(1, 0.001, 100, /*max_sources=*/4));
  EXPECT_TRUE(gate.Admit("spent", true, 5, absl::Seconds(100)));
  for (int i = 0; i < 4; ++i) {
    gate.Admit(absl::StrCat("old", i), true, 5, absl::Seconds(50));
  }
  EXPECT_FALSE(gate.Admit("spent", true, 5, absl::Seconds(101)));
}

// Memory is bounded: who came first is forgotten, spent or not.
TEST(ConnectionGate, NewSourcesPushTheOldestOut) {
  ConnectionGate gate(Limits(1, 0.001, 100, /*max_sources=*/4));
  EXPECT_TRUE(gate.Admit("spent", true, 5, absl::Seconds(100)));
  EXPECT_FALSE(gate.Admit("spent", true, 5, absl::Seconds(100)));
  for (int i = 0; i < 6; ++i) {
    gate.Admit(absl::StrCat("new", i), true, 5, absl::Seconds(101));
  }
  EXPECT_TRUE(gate.Admit("spent", true, 5, absl::Seconds(101)));
}

TEST(ConnectionGate, StrangersTogetherTakeNothingFromMembers) {
  ConnectionLimits limits = Limits(10, 10, 100, 1000);
  limits.strangers_burst = 5;
  limits.strangers_per_second = 1;
  ConnectionGate gate(limits);
  const absl::Duration start = absl::Seconds(10);
  int admitted = 0;
  for (int i = 0; i < 50; ++i) {
    admitted += gate.Admit(absl::StrCat("10.0.0.", i), false, 5, start);
  }
  EXPECT_EQ(admitted, 5) << "from however many addresses";
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(gate.Admit("10.1.0.1", true, 5, start)) << i;
  }
  EXPECT_TRUE(gate.Admit("10.0.0.7", false, 5, start + absl::Seconds(1)));
}

TEST(ConnectionGate, OneThatAsksTooOftenLeavesTheCommonBucketAlone) {
  ConnectionLimits limits = Limits(2, 0, 100, 1000);
  limits.strangers_burst = 4;
  limits.strangers_per_second = 0;
  ConnectionGate gate(limits);
  for (int i = 0; i < 50; ++i) {
    gate.Admit("10.0.0.1", false, 5, absl::Seconds(1));
  }
  EXPECT_TRUE(gate.Admit("10.0.0.2", false, 5, absl::Seconds(1)));
}

TEST(ConnectionGate, AnIpv6NetworkIsOneSource) {
  EXPECT_EQ(SourceOfAddress("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
  EXPECT_EQ(SourceOfAddress("2001:db8:1:2::1"), "2001:db8:1:2::/64");
  EXPECT_NE(SourceOfAddress("2001:db8:1:3::1"), "2001:db8:1:2::/64");
  EXPECT_EQ(SourceOfAddress("fe80::1%eth0"), "fe80::/64");
  EXPECT_EQ(SourceOfAddress("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(SourceOfAddress("10.0.0.1"), "10.0.0.1");
}

}  // namespace
}  // namespace microovn::agent
