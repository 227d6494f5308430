// SPDX-License-Identifier: Apache-2.0
// How old the cluster is, as this member reckons it: what the log says, and
// the monotonic time that has passed here since that was applied. No wall
// clock moves it. While all agents are down it stands still, which only makes
// the answers of requests live longer.
//
// Thread-safe.
#ifndef MICROOVN_AGENT_STATE_VALUES_CLUSTER_CLOCK_H_
#define MICROOVN_AGENT_STATE_VALUES_CLUSTER_CLOCK_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

class ClusterClock {
 public:
  // Borrowed; outlives it.
  explicit ClusterClock(const Clock* clock) : clock_(clock) {}

  // Seconds, for a command that is proposed now; `state` is the newest that
  // was applied here.
  int64_t Seconds(const ClusterState& state) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Clock* const clock_;
  Mutex mu_;
  // What the log said, and when that was first seen here.
  int64_t logged_ ABSL_GUARDED_BY(mu_) = -1;
  absl::Duration since_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_CLUSTER_CLOCK_H_
