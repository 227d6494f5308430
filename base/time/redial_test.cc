// SPDX-License-Identifier: Apache-2.0
#include "base/time/redial.h"

#include "gtest/gtest.h"

namespace microovn {
namespace {

constexpr absl::Duration kNow = absl::Hours(100);

// How often somebody is dialed in `time` who always refuses.
int Dials(absl::Duration time) {
  Redial redial;
  int dials = 0;
  for (absl::Duration now = kNow; now < kNow + time;
       now += redial.UntilDue(now)) {
    ++dials;
    redial.Refuse(now);
  }
  return dials;
}

TEST(Redial, IsDueAtOnceUntilThereWasARefusal) {
  const Redial redial;
  EXPECT_FALSE(redial.refused());
  EXPECT_EQ(redial.UntilDue(kNow), absl::ZeroDuration());
}

TEST(Redial, LeavesAPeerAloneThatRefusesUpToAMinute) {
  struct Case {
    int refusals;
    absl::Duration pause;
  };
  for (const Case& c : {Case{1, absl::Milliseconds(200)},
                        {2, absl::Milliseconds(400)},
                        {5, absl::Milliseconds(3200)},
                        {9, absl::Milliseconds(51'200)},
                        {10, absl::Minutes(1)},
                        {1000, absl::Minutes(1)}}) {
    Redial redial;
    absl::Duration now = kNow;
    for (int i = 0; i < c.refusals; ++i) {
      now += redial.UntilDue(now);
      redial.Refuse(now);
    }
    EXPECT_TRUE(redial.refused());
    EXPECT_EQ(redial.UntilDue(now), c.pause) << c.refusals;
  }
  EXPECT_EQ(Dials(absl::Minutes(1)), 9);
  EXPECT_LE(Dials(absl::Hours(1)), 70);
}

TEST(Redial, CountsARefusalOnceThatSeveralHaveHeard) {
  Redial redial;
  redial.Refuse(kNow);
  redial.Refuse(kNow + absl::Milliseconds(100));
  EXPECT_EQ(redial.UntilDue(kNow + absl::Milliseconds(100)),
            absl::Milliseconds(100));
  redial.Refuse(kNow + absl::Milliseconds(200));
  EXPECT_EQ(redial.UntilDue(kNow + absl::Milliseconds(200)),
            absl::Milliseconds(400));
}

TEST(Redial, StartsAgainWhenSomethingHasChanged) {
  Redial redial;
  for (int i = 0; i < 20; ++i) redial.Refuse(kNow + i * absl::Minutes(1));
  redial.Reset();
  EXPECT_FALSE(redial.refused());
  EXPECT_EQ(redial.UntilDue(kNow), absl::ZeroDuration());
  redial.Refuse(kNow);
  EXPECT_EQ(redial.UntilDue(kNow), absl::Milliseconds(200));
}

}  // namespace
}  // namespace microovn
