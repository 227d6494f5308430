// SPDX-License-Identifier: Apache-2.0
#include "supervisor/service/restart_policy.h"

#include <algorithm>

namespace microovn::supervisor {
namespace {

// Far beyond where the delay stops growing.
// A daemon that fails for years must not make the count overflow.
constexpr int kMostEnds = 1000;

}  // namespace

RestartHistory AfterEnd(const RestartPolicy& policy, RestartHistory history,
                        absl::Duration uptime) {
  // One and not none: this end is the first of a new row.
  if (uptime >= policy.forget_after) return {1};
  return {std::min(history.ends + 1, kMostEnds)};
}

absl::Duration DelayBeforeRestart(const RestartPolicy& policy,
                                  RestartHistory history) {
  return BackoffDelay(policy.backoff, history.ends);
}

}  // namespace microovn::supervisor
