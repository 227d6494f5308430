// Carries running operations on, and takes joins back that were not confirmed
// in time. Everything it knows is in the state, so that a new leader goes on
// where the old one stopped.
//
// Acts on the leader only.
#ifndef MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
#define MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "agent/operations/member_health.h"
#include "agent/operations/operation_progress.h"
#include "agent/operations/ovn_removal.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/cluster_clock.h"
#include "agent/state/cluster_state.h"
#include "agent/state/operation/operation_kind.h"
#include "agent/state/state_store.h"
#include "base/clock.h"

namespace microovn::agent {

// Undoes an admission: puts the joiner's servers out of the OVN databases,
// deletes its chassis, and takes the member back. What cannot be cleaned up is
// an error and the member stays, unless `must`. Also for a joiner that
// withdraws. Any thread, on the leader.
absl::Status TakeBackJoin(RaftControl& raft, OvnRemoval& ovn,
                          const ClusterState& state,
                          const statepb::Member& joiner,
                          const std::string& reason, bool must);

class OperationRunner {
 public:
  // Borrowed; all outlive the runner.
  struct Parts {
    RaftControl* raft = nullptr;
    OvnRemoval* ovn = nullptr;
    StateStore* store = nullptr;
    const Clock* clock = nullptr;
  };

  explicit OperationRunner(Parts parts)
      : parts_(parts), cluster_clock_(parts.clock) {}

  // Looks at each change of the state, and every second.
  void Start();
  // Waits until the thread has ended.
  void Stop();

  // One look at everything; whether anything was done. Called by the thread,
  // and by tests instead of Start.
  bool RunOnce();

 private:
  OperationFacts FactsOf(const ClusterState& state, const RaftView& view,
                         int64_t clock_seconds) const;
  bool TakeBackOverdue(const ClusterState& state, int64_t clock_seconds);
  bool Advance(const ClusterState& state, const statepb::Operation& operation,
               const OperationFacts& facts);
  absl::Status Act(const ClusterState& state,
                   const OperationDecision& decision);
  absl::Status Record(const statepb::Operation& operation);
  absl::Status LeaveDatabase(const std::string& database,
                             const std::string& member_id);

  const Parts parts_;
  ClusterClock cluster_clock_;
  MemberHealth health_;
  std::unique_ptr<WakeupLoop> loop_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
