// SPDX-License-Identifier: Apache-2.0
// Carries running operations on, takes joins back that were not confirmed in
// time, lets others take the places of centrals, and begins the rotations of
// CAs that removals call for or that near their end. Everything it knows is in
// the state, so that a new leader goes on where the old one stopped; everything
// it does is a command, which those do whom it concerns.
//
// Acts on the leader only.
#ifndef MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
#define MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_

#include <memory>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/operations/ca_sealer.h"
#include "agent/operations/member_health.h"
#include "agent/operations/operation_progress.h"
#include "agent/operations/raft_control.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/operation/operation_kind.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_clock.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/time/clock.h"

namespace microovn::agent {

class OperationRunner {
 public:
  // Borrowed; all outlive the runner.
  struct Parts {
    RaftControl* raft = nullptr;
    CaSealer* authorities = nullptr;
    StateStore* store = nullptr;
    const Clock* clock = nullptr;
    RandomSource* random = nullptr;
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
  bool ReplaceCentral(const ClusterState& state);
  bool FollowRotations(const ClusterState& state,
                       const std::set<std::string>& renewals);
  // As DueRenewals; of the last look while nothing can have become due.
  const std::set<std::string>& Renewals(const StateSnapshot& state);
  absl::Status StartRotation(const ClusterState& state,
                             const statepb::Authority& authority);
  bool Advance(const ClusterState& state, const statepb::Operation& operation,
               const OperationFacts& facts);
  // Adds what only this member's sealing key can make.
  absl::Status Complete(const ClusterState& state,
                        const statepb::Operation& operation,
                        statepb::Command& command);
  absl::Status Record(const statepb::Operation& operation);
  // The same failure not twice in a row.
  void LogOnce(absl::string_view what, const absl::Status& status);

  const Parts parts_;
  ClusterClock cluster_clock_;
  MemberHealth health_;
  // What was due, in which state, and when that was looked at.
  std::set<std::string> renewals_;
  StateSnapshot renewals_of_;
  absl::Time renewals_at_ = absl::InfinitePast();
  // What failed last of rotations, so that it is logged once.
  std::string last_failure_;
  std::unique_ptr<WakeupLoop> loop_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OPERATION_RUNNER_H_
