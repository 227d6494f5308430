// SPDX-License-Identifier: Apache-2.0
#include "agent/watchdog/proof_of_life.h"

#include <string>
#include <vector>

#include "agent/reconcile/facts/reconciler.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kNow = absl::Hours(1);
constexpr absl::Duration kTick = absl::Milliseconds(1);

LifeSigns Alive() {
  LifeSigns signs;
  signs.log_turn = kNow - absl::Milliseconds(50);
  ReconcileProgress progress;
  progress.last_end = kNow - absl::Seconds(4);
  progress.last_turn = progress.last_end;
  progress.next_due = kNow + absl::Seconds(1);
  signs.reconcile = progress;
  return signs;
}

LifeSigns WithLogTurn(absl::Duration ago) {
  LifeSigns signs = Alive();
  signs.log_turn = kNow - ago;
  return signs;
}

LifeSigns DueSince(absl::Duration late) {
  LifeSigns signs = Alive();
  signs.reconcile->next_due = kNow - late;
  return signs;
}

LifeSigns InPass(absl::Duration turned_ago, const std::string& at) {
  LifeSigns signs = Alive();
  signs.reconcile->under_way_since = kNow - absl::Hours(1);
  signs.reconcile->last_turn = kNow - turned_ago;
  signs.reconcile->at = at;
  return signs;
}

TEST(ProofOfLifeTest, NamesWhatIsStuck) {
  LifeSigns ends = Alive();
  ends.log_turn.reset();
  ends.reconcile.reset();
  LifeSigns departs = Alive();
  departs.log_turn.reset();
  LifeSigns before_the_first_pass = Alive();
  before_the_first_pass.reconcile = ReconcileProgress();
  const struct {
    std::string what;
    std::optional<LifeSigns> signs;
    std::string wanted;  // empty: it lives
  } cases[] = {
      {"no member", std::nullopt, ""},
      {"all lives", Alive(), ""},
      {"a membership that ends", ends, ""},
      {"a departure after the log's end", departs, ""},
      {"the first pass has not begun", before_the_first_pass, ""},
      {"log just in time", WithLogTurn(kLongestLogTurn), ""},
      {"log silent", WithLogTurn(kLongestLogTurn + kTick),
       "the log's thread has had no turn for 10 s"},
      {"log never had a turn", WithLogTurn(kNow), "the log's thread"},
      {"pass a little late", DueSince(kLatestPass), ""},
      {"pass too late", DueSince(kLatestPass + kTick),
       "the reconcile thread's pass is late by 30 s"},
      {"a long pass that moves on", InPass(absl::Seconds(9), "databases"), ""},
      {"a long reconciler", InPass(kLongestReconcile, "databases"), ""},
      {"a stuck reconciler", InPass(kLongestReconcile + kTick, "databases"),
       "the reconcile thread has been in databases for 120 s"},
      {"stuck between two", InPass(kLongestReconcile + kTick, ""),
       "in its loop for 120 s"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.what);
    const std::string stuck = WhatIsStuck(test.signs, kNow);
    if (test.wanted.empty()) {
      EXPECT_THAT(stuck, IsEmpty());
    } else {
      EXPECT_THAT(stuck, HasSubstr(test.wanted));
    }
  }
}

}  // namespace
}  // namespace microovn::agent
