// SPDX-License-Identifier: Apache-2.0
#include "agent/health/space_finding.h"

#include "gtest/gtest.h"
#include "raft/storage/space/disk_space.h"

namespace microovn::agent {
namespace {

raft::SpaceReport ReportOf(raft::SpaceLevel level) {
  return {level, {uint64_t{100} << 20, uint64_t{7} << 20, 0}};
}

TEST(SpaceFindingTest, SaysHowBadItIs) {
  EXPECT_FALSE(SpaceFinding(ReportOf(raft::SpaceLevel::kOk)).has_value());
  const auto low = SpaceFinding(ReportOf(raft::SpaceLevel::kLow));
  ASSERT_TRUE(low.has_value());
  EXPECT_EQ(low->reason(), "DISK_SPACE_LOW");
  EXPECT_EQ(low->severity(), v1::SEVERITY_WARNING);
  EXPECT_EQ(low->message(),
            "7 of 100 MiB are free on the disk of the agent's log");
  const auto full = SpaceFinding(ReportOf(raft::SpaceLevel::kReadOnly));
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(full->severity(), v1::SEVERITY_CRITICAL);
  EXPECT_NE(full->message().find("takes no changes"), std::string::npos);
}

}  // namespace
}  // namespace microovn::agent
