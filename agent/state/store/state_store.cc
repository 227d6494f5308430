// SPDX-License-Identifier: Apache-2.0
#include "agent/state/store/state_store.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "agent/errors/cluster_errors.h"
#include "agent/state/values/limits.h"

namespace microovn::agent {

// Its own lock, so that ending a subscription waits for a running callback and
// not for the store.
struct StateStore::Observer {
  Mutex mu;
  std::function<void()> on_change ABSL_GUARDED_BY(mu);
};

class StateStore::ObserverHandle final : public Subscription {
 public:
  explicit ObserverHandle(std::shared_ptr<Observer> observer)
      : observer_(std::move(observer)) {}
  ~ObserverHandle() override {
    MutexLock lock(&observer_->mu);
    observer_->on_change = nullptr;
  }

 private:
  const std::shared_ptr<Observer> observer_;
};

StateStore::StateStore() : current_(std::make_shared<const ClusterState>()) {}

StateSnapshot StateStore::Current() const {
  MutexLock lock(&mu_);
  return current_;
}

void StateStore::Publish(StateSnapshot state) {
  std::vector<std::shared_ptr<Observer>> observers;
  {
    MutexLock lock(&mu_);
    current_ = std::move(state);
    for (const std::weak_ptr<Observer>& known : observers_) {
      if (auto observer = known.lock()) observers.push_back(observer);
    }
    observers_.assign(observers.begin(), observers.end());
    changed_.SignalAll();
  }
  for (const std::shared_ptr<Observer>& observer : observers) {
    MutexLock lock(&observer->mu);
    if (observer->on_change) observer->on_change();
  }
}

absl::StatusOr<StateSnapshot> StateStore::WaitUntil(
    const std::function<bool(const StateSnapshot&)>& done,
    absl::Duration timeout) {
  const auto start = std::chrono::steady_clock::now();
  MutexLock lock(&mu_);
  while (!closed_) {
    if (done(current_)) return current_;
    const absl::Duration left =
        timeout - absl::FromChrono(std::chrono::steady_clock::now() - start);
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("the state did not change in time");
    }
    changed_.WaitWithTimeout(&mu_, left);
  }
  return absl::CancelledError("the agent is stopping");
}

absl::StatusOr<StateSnapshot> StateStore::WaitForRevision(
    uint64_t revision, absl::Duration timeout) {
  return WaitUntil(
      [revision](const StateSnapshot& state) {
        return state->revision() >= revision;
      },
      timeout);
}

absl::StatusOr<StateSnapshot> StateStore::WaitForChange(
    const StateSnapshot& seen, absl::Duration timeout) {
  return WaitUntil(
      [&seen](const StateSnapshot& state) { return state != seen; }, timeout);
}

std::unique_ptr<StateStore::Subscription> StateStore::Subscribe(
    std::function<void()> on_change) {
  auto observer = std::make_shared<Observer>();
  {
    MutexLock lock(&observer->mu);
    observer->on_change = std::move(on_change);
  }
  MutexLock lock(&mu_);
  observers_.push_back(observer);
  return std::make_unique<ObserverHandle>(std::move(observer));
}

void StateStore::Close() {
  MutexLock lock(&mu_);
  closed_ = true;
  changed_.SignalAll();
}

absl::StatusOr<std::vector<statepb::Event>> EventsAfter(
    const ClusterState& state, uint64_t after_revision) {
  const auto& events = state.events.records();
  if (after_revision != 0 && !events.empty()) {
    uint64_t gone = state.cluster().forgotten_revision();
    // Agents that forget the oldest first do not say so.
    if (gone == 0 && events.size() >= kMaxEvents) {
      gone = events.begin()->second->revision() - 1;
    }
    if (after_revision < gone) return EventsExpired(gone);
  }
  std::vector<statepb::Event> after;
  for (auto it = events.upper_bound(EventKey(after_revision));
       it != events.end(); ++it) {
    after.push_back(*it->second);
  }
  return after;
}

}  // namespace microovn::agent
