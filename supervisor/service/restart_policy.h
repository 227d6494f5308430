// SPDX-License-Identifier: Apache-2.0
// When a daemon that ended by itself is started again: at once after a long
// life, with growing delays when it keeps ending, and never not at all. Pure.
// A daemon may fail for a reason that mends itself, such as a full disk or a
// peer that is down; giving up would leave a node without its data plane until
// somebody comes.
#ifndef MICROOVN_SUPERVISOR_SERVICE_RESTART_POLICY_H_
#define MICROOVN_SUPERVISOR_SERVICE_RESTART_POLICY_H_

#include "absl/time/time.h"
#include "base/time/backoff.h"

namespace microovn::supervisor {

struct RestartPolicy {
  // Whoever has mended what a daemon ended for does not wait long for it.
  BackoffPolicy backoff = {absl::Milliseconds(200), absl::Seconds(5), 2.0};
  // A daemon that was up this long has forgotten its earlier failures.
  absl::Duration forget_after = absl::Minutes(1);
};

// Ends in a row, none of them after a long life.
struct RestartHistory {
  // Zero before the first end. A start that failed counts as an end.
  int ends = 0;
};

RestartHistory AfterEnd(const RestartPolicy& policy, RestartHistory history,
                        absl::Duration uptime);

// From the last end to the next start.
absl::Duration DelayBeforeRestart(const RestartPolicy& policy,
                                  RestartHistory history);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SERVICE_RESTART_POLICY_H_
