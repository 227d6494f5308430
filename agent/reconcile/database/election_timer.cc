// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/election_timer.h"

#include <algorithm>

namespace microovn::agent {

std::optional<absl::Duration> NextElectionTimer(absl::Duration now,
                                                absl::Duration wanted) {
  if (now <= absl::ZeroDuration() || now == wanted) return std::nullopt;
  return std::min(2 * now, wanted);
}

}  // namespace microovn::agent
