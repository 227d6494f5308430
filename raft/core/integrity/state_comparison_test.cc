// SPDX-License-Identifier: Apache-2.0
#include "raft/core/integrity/state_comparison.h"

#include "gtest/gtest.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

const StateMark kOwn{LogIndex(256), "aa"};

StateMark Answer(const char* hash) { return {LogIndex(256), hash}; }

class StateComparisonTest : public testing::Test {
 protected:
  std::optional<StateMark> Decide() {
    return comparison_.Decide(ConfigurationOf({1, 2, 3}), M(1));
  }

  StateComparison comparison_{M(1), kOwn};
};

TEST_F(StateComparisonTest, NoneAsksNobody) {
  EXPECT_EQ(StateComparison().Question(M(2)), std::nullopt);
  StateComparison none;
  EXPECT_FALSE(none.Hear(M(2), StateMark()));
}

TEST_F(StateComparisonTest, AsksUntilAnsweredThenTellsWhoDiffers) {
  EXPECT_EQ(comparison_.Question(M(2)), Answer(""));
  EXPECT_EQ(Decide(), std::nullopt) << "one of three says nothing";
  EXPECT_TRUE(comparison_.Hear(M(2), Answer("bb")));
  EXPECT_EQ(Decide(), std::nullopt);
  EXPECT_TRUE(comparison_.Hear(M(3), Answer("aa")));
  EXPECT_EQ(Decide(), kOwn);
  EXPECT_EQ(comparison_.Question(M(3)), std::nullopt);
  EXPECT_EQ(comparison_.Question(M(2)), kOwn) << "it must hear that it differs";
}

TEST_F(StateComparisonTest, OnlyTheFirstAnswerToThisQuestionCounts) {
  EXPECT_FALSE(comparison_.Hear(M(2), {LogIndex(512), "aa"}));
  EXPECT_TRUE(comparison_.Hear(M(2), Answer("bb")));
  EXPECT_FALSE(comparison_.Hear(M(2), Answer("aa")));
  comparison_.Hear(M(3), Answer("bb"));
  EXPECT_EQ(Decide(), Answer("bb")) << "the leader is the minority";
}

TEST_F(StateComparisonTest, WhoForgotItsMarkIsNotAskedAgain) {
  comparison_.Hear(M(2), Answer("bb"));
  comparison_.Hear(M(3), Answer("aa"));
  Decide();
  ASSERT_TRUE(comparison_.Question(M(2)).has_value());
  EXPECT_FALSE(comparison_.Hear(M(2), Answer("")));
  EXPECT_EQ(comparison_.Question(M(2)), std::nullopt);
}

}  // namespace
}  // namespace microovn::raft
