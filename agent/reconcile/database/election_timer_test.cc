// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/election_timer.h"

#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(NextElectionTimerTest, DoublesAtMostAndShortensAtOnce) {
  const struct {
    int now;
    int wanted;
    // 0: nothing to do.
    int next;
  } cases[] = {
      {1000, 1000, 0},     {1000, 1001, 1001},    {1000, 2000, 2000},
      {1000, 2001, 2000},  {1000, 60000, 2000},   {32000, 60000, 60000},
      {16000, 1000, 1000}, {60000, 59999, 59999}, {0, 1000, 0},
  };
  for (const auto& test : cases) {
    const auto next = NextElectionTimer(absl::Milliseconds(test.now),
                                        absl::Milliseconds(test.wanted));
    EXPECT_EQ(absl::ToInt64Milliseconds(next.value_or(absl::ZeroDuration())),
              test.next)
        << test.now << " to " << test.wanted;
  }
}

}  // namespace
}  // namespace microovn::agent
