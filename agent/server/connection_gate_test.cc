#include "agent/server/connection_gate.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(ConnectionGate, BurstThenRatePerSource) {
  ConnectionGate gate({/*burst=*/3, /*per_second=*/1, 100, 10});
  const absl::Duration start = absl::Seconds(10);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(gate.Admit("a", 5, start));
  EXPECT_FALSE(gate.Admit("a", 5, start));
  EXPECT_TRUE(gate.Admit("b", 5, start)) << "another source is not affected";
  EXPECT_TRUE(gate.Admit("a", 5, start + absl::Seconds(1)));
  EXPECT_FALSE(gate.Admit("a", 5, start + absl::Seconds(1)));
}

TEST(ConnectionGate, RefusesWhenDescriptorsRunOut) {
  ConnectionGate gate({3, 1, /*max_descriptor=*/100, 10});
  EXPECT_TRUE(gate.Admit("a", 99, absl::Seconds(1)));
  EXPECT_FALSE(gate.Admit("a", 100, absl::Seconds(1)));
}

TEST(ConnectionGate, ManySourcesDoNotForgetASpentOne) {
  ConnectionGate gate({1, 0.001, 100, /*max_sources=*/4});
  EXPECT_TRUE(gate.Admit("spent", 5, absl::Seconds(100)));
  for (int i = 0; i < 4; ++i) {
    gate.Admit(absl::StrCat("old", i), 5, absl::Seconds(50));
  }
  EXPECT_FALSE(gate.Admit("spent", 5, absl::Seconds(101)));
}

// Memory is bounded: who came first is forgotten, spent or not.
TEST(ConnectionGate, NewSourcesPushTheOldestOut) {
  ConnectionGate gate({1, 0.001, 100, /*max_sources=*/4});
  EXPECT_TRUE(gate.Admit("spent", 5, absl::Seconds(100)));
  EXPECT_FALSE(gate.Admit("spent", 5, absl::Seconds(100)));
  for (int i = 0; i < 6; ++i) {
    gate.Admit(absl::StrCat("new", i), 5, absl::Seconds(101));
  }
  EXPECT_TRUE(gate.Admit("spent", 5, absl::Seconds(101)));
}

}  // namespace
}  // namespace microovn::agent
