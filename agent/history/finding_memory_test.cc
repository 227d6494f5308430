// SPDX-License-Identifier: Apache-2.0
#include "agent/history/finding_memory.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr absl::Duration kStart = absl::Seconds(1000);
const FindingKey kFrozen = {"DAEMON_FROZEN", "node2"};
const FindingKey kNone = {"NO_CENTRAL", ""};

v1::ClusterStatus StatusWith(const std::string& reason, v1::Severity severity) {
  v1::ClusterStatus status;
  v1::Finding* finding = status.add_findings();
  finding->set_reason(reason);
  finding->set_member("node2");
  finding->set_severity(severity);
  return status;
}

TEST(EventFindingsTest, AreWhatIsWrong) {
  EXPECT_THAT(EventFindings(StatusWith("DAEMON_FROZEN", v1::SEVERITY_WARNING)),
              ElementsAre(Pair("DAEMON_FROZEN", "node2")));
  EXPECT_THAT(EventFindings(StatusWith("DATABASE_DOWN", v1::SEVERITY_CRITICAL)),
              ElementsAre(Pair("DATABASE_DOWN", "node2")));
  EXPECT_THAT(EventFindings(StatusWith("DAEMON_FROZEN", v1::SEVERITY_NOTICE)),
              IsEmpty());
}

TEST(EventFindingsTest, AreNotWhatIsToldOtherwise) {
  for (const char* reason :
       {"MEMBER_UNREACHABLE", "MEMBER_REMOVED", "NO_LEADER", "NO_QUORUM"}) {
    EXPECT_THAT(EventFindings(StatusWith(reason, v1::SEVERITY_CRITICAL)),
                IsEmpty())
        << reason;
  }
}

TEST(FindingMemoryTest, WhatStaysIsRaised) {
  FindingMemory memory;
  memory.See({kFrozen}, kStart);
  EXPECT_THAT(memory.raised(), IsEmpty());
  EXPECT_TRUE(memory.Unsettled());
  memory.See({kFrozen}, kStart + FindingMemory::kRaisedAfter);
  EXPECT_THAT(memory.raised(), ElementsAre(kFrozen));
  EXPECT_FALSE(memory.Unsettled());
}

TEST(FindingMemoryTest, WhatPassesIsNot) {
  FindingMemory memory;
  memory.See({kFrozen}, kStart);
  memory.See({}, kStart + absl::Seconds(4));
  EXPECT_FALSE(memory.Unsettled());
  // From the beginning.
  memory.See({kFrozen}, kStart + absl::Seconds(8));
  EXPECT_THAT(memory.raised(), IsEmpty());
}

TEST(FindingMemoryTest, WhatIsGoneForGoodIsCleared) {
  FindingMemory memory;
  memory.See({kFrozen}, kStart);
  memory.See({kFrozen}, kStart + absl::Seconds(10));
  memory.See({}, kStart + absl::Seconds(20));
  EXPECT_THAT(memory.raised(), ElementsAre(kFrozen));
  EXPECT_TRUE(memory.Unsettled());
  memory.See({}, kStart + absl::Seconds(20) + FindingMemory::kRaisedAfter);
  EXPECT_THAT(memory.raised(), ElementsAre(kFrozen)) << "not so soon";
  memory.See({}, kStart + absl::Seconds(20) + FindingMemory::kClearedAfter);
  EXPECT_THAT(memory.raised(), IsEmpty());
  EXPECT_FALSE(memory.Unsettled());
}

TEST(FindingMemoryTest, EachByItself) {
  FindingMemory memory;
  memory.See({kFrozen}, kStart);
  memory.See({kFrozen, kNone}, kStart + FindingMemory::kRaisedAfter);
  EXPECT_THAT(memory.raised(), ElementsAre(kFrozen));
  memory.See({kFrozen, kNone}, kStart + 2 * FindingMemory::kRaisedAfter);
  EXPECT_THAT(memory.raised(), ElementsAre(kFrozen, kNone));
}

TEST(FindingMemoryTest, TheNextLeaderGoesOn) {
  internal::state::v1::Observation told;
  told.add_findings()->set_reason("NO_CENTRAL");
  FindingMemory memory(told);
  EXPECT_THAT(memory.raised(), ElementsAre(kNone));
  memory.See({kNone}, kStart);
  EXPECT_FALSE(memory.Unsettled());
}

}  // namespace
}  // namespace microovn::agent
