// Carries running operations on, and takes joins back that were not confirmed
// in time. Everything it knows is in the state, so that a new leader goes on
// where the old one stopped; everything it does is a command, which those do
// whom it concerns.
//
// Acts on the leader only.
#ifndef MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
#define MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_

#include <memory>

#include "absl/status/status.h"
#include "agent/operations/member_health.h"
#include "agent/operations/operation_progress.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/operation/operation_kind.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_clock.h"
#include "agent/state/values/cluster_state.h"
#include "base/clock.h"

namespace microovn::agent {

class OperationRunner {
 public:
  // Borrowed; all outlive the runner.
  struct Parts {
    RaftControl* raft = nullptr;
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
  absl::Status Record(const statepb::Operation& operation);

  const Parts parts_;
  ClusterClock cluster_clock_;
  MemberHealth health_;
  std::unique_ptr<WakeupLoop> loop_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
