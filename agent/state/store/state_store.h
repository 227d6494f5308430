// SPDX-License-Identifier: Apache-2.0
// Where agents get the state from: immutable snapshots that the log publishes,
// and ways to wait for the next one.
//
// Whoever applies publishes (raft/node/THREADS.md); reconcilers, services and
// the operation runner read. Thread-safe; lives as long as the agent.
#ifndef MICROOVN_AGENT_STATE_STORE_STATE_STORE_H_
#define MICROOVN_AGENT_STATE_STORE_STATE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"
#include "base/mutex.h"

namespace microovn::agent {

using StateSnapshot = std::shared_ptr<const ClusterState>;

class StateStore {
 public:
  // Ends with the subscription; must not outlive the store. Destroying it
  // waits for a call that is under way, so the callback must not do that.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };

  StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  // Never null; not bootstrapped before the first Publish.
  StateSnapshot Current() const ABSL_LOCKS_EXCLUDED(mu_);

  void Publish(StateSnapshot state) ABSL_LOCKS_EXCLUDED(mu_);

  // The first snapshot seen with at least this revision. DEADLINE_EXCEEDED
  // after `timeout`, CANCELLED once the store is closed.
  absl::StatusOr<StateSnapshot> WaitForRevision(uint64_t revision,
                                                absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mu_);

  // A snapshot that is not `seen`, whatever differs; same errors.
  absl::StatusOr<StateSnapshot> WaitForChange(const StateSnapshot& seen,
                                              absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mu_);

  // `on_change` runs on the publishing thread after each Publish, with no lock
  // of the store held. It must return at once: wake somebody, nothing else.
  std::unique_ptr<Subscription> Subscribe(std::function<void()> on_change)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Wakes all who wait; nobody can wait any more.
  void Close() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Observer;
  class ObserverHandle;

  absl::StatusOr<StateSnapshot> WaitUntil(
      const std::function<bool(const StateSnapshot&)>& done,
      absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mu_);

  mutable Mutex mu_;
  CondVar changed_;
  StateSnapshot current_ ABSL_GUARDED_BY(mu_);
  std::vector<std::weak_ptr<Observer>> observers_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
};

// The events after `after_revision` that `state` keeps, oldest first; all of
// them for 0. EVENTS_EXPIRED (OUT_OF_RANGE) when some of them are gone.
absl::StatusOr<std::vector<statepb::Event>> EventsAfter(
    const ClusterState& state, uint64_t after_revision);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_STORE_STATE_STORE_H_
