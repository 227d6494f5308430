// SPDX-License-Identifier: Apache-2.0
#include "raft/proof/sim/live_configurations.h"

#include <set>

#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

Configuration Voters(const std::vector<uint64_t>& voters,
                     const std::vector<uint64_t>& outgoing = {}) {
  Configuration configuration;
  for (const uint64_t id : voters) configuration.voters.emplace_back(0, id);
  for (const uint64_t id : outgoing) configuration.outgoing.emplace_back(0, id);
  return configuration;
}

bool CanDecide(const LiveConfigurations& live,
               const std::set<uint64_t>& present,
               const std::set<uint64_t>& alive = {1, 2, 3, 4, 5}) {
  return live.HaveQuorum(
      [&](MemberId id) { return present.count(id.low()) > 0; },
      [&](MemberId id) { return alive.count(id.low()) > 0; });
}

TEST(LiveConfigurationsTest, AQuorumOfEachIsNeeded) {
  LiveConfigurations live;
  live.Appended(LogIndex(1), Voters({1, 2, 3}));
  EXPECT_TRUE(CanDecide(live, {1, 2}));
  EXPECT_FALSE(CanDecide(live, {1, 4, 5}));
  live.Appended(LogIndex(4), Voters({3, 4, 5}, {1, 2, 3}));
  EXPECT_FALSE(CanDecide(live, {1, 2}));
  EXPECT_FALSE(CanDecide(live, {3, 4, 5}));
  EXPECT_TRUE(CanDecide(live, {2, 3, 4}));
}

TEST(LiveConfigurationsTest, WhatIsBehindACommittedOneNoLongerCounts) {
  LiveConfigurations live;
  live.Appended(LogIndex(1), Voters({1, 2, 3}));
  live.Appended(LogIndex(4), Voters({3, 4, 5}, {1, 2, 3}));
  live.Appended(LogIndex(5), Voters({3, 4, 5}));
  live.Appended(LogIndex(5), Voters({3, 4, 5}));
  EXPECT_EQ(live.size(), 3u);
  live.Committed(LogIndex(4));
  EXPECT_FALSE(CanDecide(live, {3, 4}));
  live.Committed(LogIndex(5));
  EXPECT_TRUE(CanDecide(live, {3, 4}));
}

TEST(LiveConfigurationsTest, WhatNobodyAliveCanDecideIsLeftOut) {
  LiveConfigurations live;
  live.Appended(LogIndex(1), Voters({1, 2, 3}));
  live.Appended(LogIndex(9), Voters({7, 8}));
  EXPECT_TRUE(CanDecide(live, {1, 2}));
  EXPECT_FALSE(CanDecide(live, {1}));
}

}  // namespace
}  // namespace microovn::raft
