// SPDX-License-Identifier: Apache-2.0
// Brings the log's configuration to what the role policy decides: the one
// place from which members become stand-bys and voters and leave the log.
//
// Acts on the leader only, one change at a time; another leader goes on.
#ifndef MICROOVN_AGENT_OPERATIONS_ROLE_RECONCILER_H_
#define MICROOVN_AGENT_OPERATIONS_ROLE_RECONCILER_H_

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "agent/operations/ca_sealer.h"
#include "agent/operations/member_health.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/role_policy.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "base/time/clock.h"

namespace microovn::agent {

// Members this far behind the leader, or less, have caught up.
inline constexpr uint64_t kCaughtUpEntries = 64;

// What the policy decides on: pure.
RoleFacts RoleFactsOf(const ClusterState& state, const RaftView& view,
                      const MemberHealth& health);

class RoleReconciler {
 public:
  // Borrowed; all outlive the reconciler.
  struct Parts {
    RaftControl* raft = nullptr;
    CaSealer* sealer = nullptr;
    StateStore* store = nullptr;
    const Clock* clock = nullptr;
  };

  explicit RoleReconciler(Parts parts) : parts_(parts) {}

  // Looks at each change of the state, and every second at who answers.
  void Start();
  // Waits until the thread has ended.
  void Stop();

  // One look and at most one action; whether there was one. Called by the
  // thread, and by tests instead of Start.
  bool RunOnce();

 private:
  absl::Status Act(const RoleDecision& decision, const RaftView& view);

  const Parts parts_;
  MemberHealth health_;
  // What failed last, so that the same failure is logged once.
  std::string last_failure_;
  std::unique_ptr<WakeupLoop> loop_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_ROLE_RECONCILER_H_
