// SPDX-License-Identifier: Apache-2.0
#include "agent/member/log_timing.h"

#include "absl/time/time.h"
#include "agent/operations/member_health.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr raft::Micros kSecond = 1'000'000;

// Its price on an idle member: about eight context switches for each message.
TEST(LogTimingTest, AnIdleVoterHearsFewHeartbeats) {
  EXPECT_LE(kSecond / WithAgentTiming({}).heartbeat_interval, 4);
}

TEST(LogTimingTest, TwoLostHeartbeatsDeposeNobody) {
  const raft::Options timing = WithAgentTiming({});
  EXPECT_GT(timing.election_timeout, 3 * timing.heartbeat_interval);
}

TEST(LogTimingTest, ASilentLeaderIsReplacedWithinThreeSeconds) {
  const raft::Options timing = WithAgentTiming({});
  EXPECT_LE(2 * timing.election_timeout + 2 * timing.heartbeat_interval,
            3 * kSecond);
}

TEST(LogTimingTest, WhoDoesNotVoteIsHeardOfOftenEnoughToBeInContact) {
  const raft::Options timing = WithAgentTiming({});
  const absl::Duration silence =
      absl::Microseconds(timing.heartbeat_interval) *
      static_cast<int64_t>(timing.learner_heartbeat_rounds);
  EXPECT_LT(2 * silence, MemberHealth::kContact);
}

TEST(LogTimingTest, TheRestIsTheLogsOwn) {
  raft::Options options;
  options.commit_notice_delay = 5'000;
  options.max_pending_reads = 7;
  const raft::Options timing = WithAgentTiming(options);
  EXPECT_EQ(timing.commit_notice_delay, 5'000);
  EXPECT_EQ(timing.max_pending_reads, 7u);
  EXPECT_EQ(timing.transfer_timeout, options.transfer_timeout);
}

}  // namespace
}  // namespace microovn::agent
