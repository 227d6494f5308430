// SPDX-License-Identifier: Apache-2.0
#include "agent/history/flap_damper.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kStart = absl::Seconds(1000);
constexpr char kNode[] = "members/2";

// A subject whose changes are told whenever they may be.
class Flapping {
 public:
  // How many changes were told; 0: none.
  uint32_t Becomes(bool is, absl::Duration now) {
    const uint32_t changes = damper_.See(kNode, told_, is, now);
    if (changes == 0) return 0;
    damper_.Told(kNode, now);
    told_ = is;
    ++tellings_;
    return changes;
  }
  bool told() const { return told_; }
  int tellings() const { return tellings_; }
  FlapDamper& damper() { return damper_; }

 private:
  FlapDamper damper_;
  bool told_ = false;
  int tellings_ = 0;
};

TEST(FlapDamperTest, TellsAChangeAtOnceAndOnce) {
  Flapping flapping;
  EXPECT_EQ(flapping.Becomes(false, kStart), 0U);
  EXPECT_EQ(flapping.Becomes(true, kStart), 1U);
  EXPECT_EQ(flapping.Becomes(true, kStart + absl::Seconds(1)), 0U);
  EXPECT_EQ(flapping.Becomes(false, kStart + absl::Seconds(2)), 1U);
}

TEST(FlapDamperTest, WhatFlapsForAnHourIsToldAFewTimes) {
  Flapping flapping;
  bool is = false;
  for (int second = 0; second < 3600; ++second) {
    is = !is;
    flapping.Becomes(is, kStart + absl::Seconds(second));
  }
  EXPECT_LE(flapping.tellings(), FlapDamper::kBurst + 30);
  EXPECT_GE(flapping.tellings(), 25) << "and is not forgotten";
}

TEST(FlapDamperTest, WhatIsToldLateIsCounted) {
  Flapping flapping;
  absl::Duration now = kStart;
  bool is = false;
  while (flapping.tellings() < FlapDamper::kBurst) {
    flapping.Becomes(is = !is, now += absl::Seconds(1));
  }
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(flapping.Becomes(is = !is, now += absl::Seconds(1)), 0U) << i;
  }
  // Nothing has changed since, and there is a token again.
  EXPECT_EQ(flapping.Becomes(is, now + FlapDamper::kInterval), 7U);
  EXPECT_EQ(flapping.told(), is);
}

TEST(FlapDamperTest, WhatCameAndWentIsToldAsWell) {
  Flapping flapping;
  absl::Duration now = kStart;
  bool is = false;
  while (flapping.tellings() < FlapDamper::kBurst) {
    flapping.Becomes(is = !is, now += absl::Seconds(1));
  }
  flapping.Becomes(!is, now += absl::Seconds(1));
  flapping.Becomes(is, now += absl::Seconds(1));
  EXPECT_EQ(flapping.Becomes(is, now + FlapDamper::kInterval), 2U);
}

TEST(FlapDamperTest, WhatWasNotTakenInIsToldAgain) {
  FlapDamper damper;
  EXPECT_EQ(damper.See(kNode, false, true, kStart), 1U);
  EXPECT_EQ(damper.See(kNode, false, true, kStart + absl::Seconds(1)), 1U);
}

TEST(FlapDamperTest, SubjectsDoNotShare) {
  Flapping flapping;
  bool is = false;
  for (int i = 0; i < 20; ++i) flapping.Becomes(is = !is, kStart);
  EXPECT_EQ(flapping.damper().See("members/3", false, true, kStart), 1U);
}

TEST(FlapDamperTest, NothingIsKeptOfTheQuiet) {
  Flapping flapping;
  flapping.Becomes(true, kStart);
  flapping.damper().Forget(kStart + absl::Seconds(1));
  EXPECT_EQ(flapping.damper().size(), 1U);
  flapping.damper().Forget(kStart + absl::Hours(1));
  EXPECT_EQ(flapping.damper().size(), 0U);
  // What is still to be told is kept.
  flapping.damper().See(kNode, true, false, kStart);
  flapping.damper().Forget(kStart + absl::Hours(1));
  EXPECT_EQ(flapping.damper().size(), 1U);
}

}  // namespace
}  // namespace microovn::agent
