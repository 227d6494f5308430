// SPDX-License-Identifier: Apache-2.0
// Gathers ClusterFacts: the state after a quorum has confirmed it, the log's
// view, and what every member says of itself. Thread-safe.
#ifndef MICROOVN_AGENT_MEMBER_FACT_GATHERER_H_
#define MICROOVN_AGENT_MEMBER_FACT_GATHERER_H_

#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "agent/cluster/peer_client.h"
#include "agent/health/facts.h"
#include "agent/member/replicated_log.h"
#include "agent/state/store/state_store.h"
#include "base/mutex.h"
#include "base/time/clock.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {

class FactGatherer {
 public:
  struct Parts {
    // Borrowed; all outlive the gatherer.
    ReplicatedLog* log = nullptr;
    StateStore* store = nullptr;
    PeerClient* peers = nullptr;
    const Clock* clock = nullptr;
    std::string self_id;
    std::function<internal::peer::v1::GetLocalStatusResponse()> local_status;
  };

  explicit FactGatherer(Parts parts) : parts_(std::move(parts)) {}

  // Never fails: what could not be asked is stale or unreachable.
  ClusterFacts Gather(bool linearizable, bool probe, absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Parts parts_;
  Mutex mu_;
  // When each member last answered this one.
  std::map<std::string, absl::Time> last_seen_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_FACT_GATHERER_H_
