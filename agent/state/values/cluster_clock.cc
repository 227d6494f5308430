// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/cluster_clock.h"

#include <algorithm>

#include "agent/state/values/stamp.h"

namespace microovn::agent {

int64_t ClusterClock::Seconds(const ClusterState& state) {
  const absl::Duration now = clock_->Monotonic();
  const int64_t logged = state.cluster().clock_seconds();
  MutexLock lock(&mu_);
  const int64_t reckoned =
      logged_ < 0
          ? 0
          : std::min(logged_ + absl::ToInt64Seconds(now - since_), kMaxSeconds);
  // What was reckoned here goes into the log and comes back: only a log that
  // is ahead, because of another member or a restart, starts the count anew.
  if (logged_ < 0 || logged > reckoned) {
    logged_ = logged;
    since_ = now;
    return logged;
  }
  return reckoned;
}

}  // namespace microovn::agent
