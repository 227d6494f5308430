// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/protocol_version.h"

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::raft {
namespace {

TEST(ProtocolVersionTest, TheNewestThatBothSpeak) {
  struct Case {
    ProtocolRange ours;
    const char* theirs;
    uint32_t agreed;  // 0: none
  };
  const Case cases[] = {
      {{1, 1}, "1-1", 1}, {{1, 3}, "2-5", 3}, {{2, 5}, "1-3", 3},
      {{2, 3}, "3-3", 3}, {{2, 3}, "4-9", 0}, {{2, 3}, "1-1", 0},
      {{1, 1}, "", 0},    {{1, 1}, "1", 0},   {{1, 1}, "0-1", 0},
      {{1, 1}, "2-1", 0}, {{1, 1}, "1-x", 0}, {{1, 1}, "1-1-1", 0},
  };
  for (const Case& each : cases) {
    const auto agreed = AgreeOnProtocol(each.ours, each.theirs);
    if (each.agreed == 0) {
      EXPECT_THAT(agreed, HasReason(kProtocolUnknownReason)) << each.theirs;
    } else {
      EXPECT_THAT(agreed, IsOkAndHolds(each.agreed)) << each.theirs;
    }
  }
}

TEST(ProtocolVersionTest, ARefusalNamesBoth) {
  const auto refused = AgreeOnProtocol({2, 3}, "4-9");
  EXPECT_THAT(refused.status().message(), testing::HasSubstr("4-9"));
  EXPECT_THAT(refused.status().message(), testing::HasSubstr("2-3"));
}

TEST(ProtocolVersionTest, OwnRangeRoundTrips) {
  const auto own = DecodeProtocols(EncodeProtocols(kOwnProtocols));
  ASSERT_TRUE(own.has_value());
  EXPECT_EQ(own->newest, kOwnProtocols.newest);
}

}  // namespace
}  // namespace microovn::raft
