// SPDX-License-Identifier: Apache-2.0
// Control commands to a database server, of which `cluster/status` is answered
// from memory while the server serves and a watch says that nothing of its
// part in the cluster has changed.
//
// The watch does not tell of the cluster's other servers. They change with the
// replicated state, whose owner calls Forget, and after commands other than
// cluster/status, after which each status is asked for.
#ifndef MICROOVN_AGENT_WATCH_CLUSTER_STATUS_READS_H_
#define MICROOVN_AGENT_WATCH_CLUSTER_STATUS_READS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/watch/cached_reads.h"
#include "agent/watch/change_watch.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

// Thread-safe.
class ClusterStatusReads {
 public:
  // `watch` (may be null) and `clock` outlive it.
  ClusterStatusReads(ChangeWatch* watch, const Clock* clock);

  // The answer to `command`, which `ask` brings from the server.
  absl::StatusOr<std::string> Call(const std::string& command,
                                   const CachedReads::Read& ask)
      ABSL_LOCKS_EXCLUDED(mu_);

  void Forget();

 private:
  bool Unsettled() const ABSL_LOCKS_EXCLUDED(mu_);

  const Clock& clock_;
  CachedReads reads_;
  mutable Mutex mu_;
  // Until when what a command has begun may still go on, monotonic.
  absl::Duration unsettled_until_ ABSL_GUARDED_BY(mu_) =
      -absl::InfiniteDuration();
};

// `sockets`, with control commands through `reads`, which outlives them.
OvsSockets Through(ClusterStatusReads* reads, OvsSockets sockets);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_CLUSTER_STATUS_READS_H_
