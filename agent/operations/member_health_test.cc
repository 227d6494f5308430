// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/member_health.h"

#include <string>

#include "absl/time/time.h"
#include "agent/operations/raft_control.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kDownAfter = absl::Seconds(20);

RaftView Leading(bool heard) {
  RaftView view;
  view.leading = true;
  view.self_id = "self";
  view.peers["peer"].last_contact_ago =
      heard ? absl::Milliseconds(100) : absl::Minutes(1);
  return view;
}

TEST(MemberHealthTest, TheLeaderIsWellAndStrangersAreNot) {
  MemberHealth health;
  health.Observe(Leading(true), absl::Seconds(1), kDownAfter);
  EXPECT_TRUE(health.InContact("self"));
  EXPECT_FALSE(health.Down("self"));
  EXPECT_TRUE(health.InContact("peer"));
  EXPECT_FALSE(health.InContact("stranger"));
  EXPECT_FALSE(health.Down("stranger"));
}

TEST(MemberHealthTest, DownAfterTheGivenTimeAndUpAfterFiveSeconds) {
  MemberHealth health;
  absl::Duration now = absl::Seconds(100);
  const auto observe = [&health, &now](bool heard, int seconds) {
    now += absl::Seconds(seconds);
    health.Observe(Leading(heard), now, kDownAfter);
  };
  observe(true, 1);
  observe(false, 1);
  EXPECT_FALSE(health.InContact("peer"));
  observe(false, 16);
  EXPECT_FALSE(health.Down("peer"));
  observe(false, 1);
  EXPECT_TRUE(health.Down("peer"));
  observe(true, 1);
  EXPECT_TRUE(health.InContact("peer"));
  EXPECT_TRUE(health.Down("peer")) << "one answer is not enough";
  observe(false, 1);
  observe(true, 1);
  observe(true, 4);
  EXPECT_TRUE(health.Down("peer"));
  observe(true, 1);
  EXPECT_FALSE(health.Down("peer"));
}

TEST(MemberHealthTest, SaysForHowLongAMemberHasBeenSilent) {
  MemberHealth health;
  health.Observe(Leading(true), absl::Seconds(1), kDownAfter);
  EXPECT_EQ(health.SilentFor("self", absl::Hours(1)), absl::ZeroDuration());
  EXPECT_EQ(health.SilentFor("peer", absl::Hours(1)), absl::ZeroDuration());
  EXPECT_GT(health.SilentFor("stranger", absl::Hours(1)), absl::ZeroDuration());
  EXPECT_LT(health.SilentFor("stranger", absl::Hours(1)), absl::Seconds(1));
  health.Observe(Leading(false), absl::Seconds(10), kDownAfter);
  EXPECT_EQ(health.SilentFor("peer", absl::Seconds(10)),
            MemberHealth::kContact);
  EXPECT_EQ(health.SilentFor("peer", absl::Seconds(70)),
            absl::Seconds(60) + MemberHealth::kContact);
}

TEST(MemberHealthTest, AMemberNeverHeardFromIsDownInTime) {
  MemberHealth health;
  RaftView view = Leading(true);
  view.peers["peer"].last_contact_ago.reset();
  health.Observe(view, absl::Seconds(1), kDownAfter);
  health.Observe(view, absl::Seconds(17), kDownAfter);
  EXPECT_FALSE(health.Down("peer"));
  health.Observe(view, absl::Seconds(18), kDownAfter);
  EXPECT_TRUE(health.Down("peer"));
}

TEST(MemberHealthTest, ANewLeaderBeginsAnew) {
  MemberHealth health;
  health.Observe(Leading(false), absl::Seconds(1), kDownAfter);
  health.Observe(Leading(false), absl::Seconds(60), kDownAfter);
  ASSERT_TRUE(health.Down("peer"));
  RaftView follower = Leading(false);
  follower.leading = false;
  health.Observe(follower, absl::Seconds(61), kDownAfter);
  EXPECT_FALSE(health.InContact("self"));
  health.Observe(Leading(false), absl::Seconds(62), kDownAfter);
  EXPECT_FALSE(health.Down("peer"));
}

}  // namespace
}  // namespace microovn::agent
