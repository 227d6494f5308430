// SPDX-License-Identifier: Apache-2.0
#include "agent/watchdog/proof_of_life.h"

#include "absl/strings/str_cat.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {
namespace {

std::string Seconds(absl::Duration duration) {
  return absl::StrCat(absl::ToInt64Seconds(duration), " s");
}

std::string StuckReconciling(const ReconcileProgress& progress,
                             absl::Duration now) {
  if (progress.under_way_since.has_value()) {
    const absl::Duration since = now - progress.last_turn;
    if (since <= kLongestReconcile) return "";
    return absl::StrCat("the reconcile thread has been in ",
                        progress.at.empty() ? "its loop" : progress.at, " for ",
                        Seconds(since));
  }
  const absl::Duration late = now - progress.next_due;
  if (late <= kLatestPass) return "";
  return absl::StrCat("the reconcile thread's pass is late by ", Seconds(late));
}

}  // namespace

std::string WhatIsStuck(const std::optional<LifeSigns>& signs,
                        absl::Duration now) {
  if (!signs.has_value()) return "";
  if (signs->log_turn.has_value() && now - *signs->log_turn > kLongestLogTurn) {
    return absl::StrCat("the log's thread has had no turn for ",
                        Seconds(now - *signs->log_turn));
  }
  return signs->reconcile.has_value() ? StuckReconciling(*signs->reconcile, now)
                                      : "";
}

}  // namespace microovn::agent
