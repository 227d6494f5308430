// SPDX-License-Identifier: Apache-2.0
// Tells whoever wants to know that the role or the leader changed, on a thread
// of its own so that nobody can hold up whoever has the inbox's claim.
#ifndef MICROOVN_RAFT_NODE_METRICS_OBSERVERS_H_
#define MICROOVN_RAFT_NODE_METRICS_OBSERVERS_H_

#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "raft/node/metrics/node_status.h"

namespace microovn::raft {

using Observer = std::function<void(const NodeStatus&)>;

// Thread-safe.
class Observers {
 public:
  Observers();
  ~Observers();

  // `observer` hears of every change from now on, in order, and before that of
  // `now`.
  void Add(Observer observer, NodeStatus now);
  void Notify(NodeStatus status);
  // No observer runs after it; it must not be called by one.
  // What is queued then is told to nobody.
  void Stop();

 private:
  // Shared: what an observer keeps between two calls is not copied.
  using Listeners = std::vector<std::shared_ptr<Observer>>;

  void Run();

  Mutex mu_;
  CondVar changed_;
  Listeners observers_ ABSL_GUARDED_BY(mu_);
  // Each with the observers that are to hear it.
  std::deque<std::pair<NodeStatus, Listeners>> news_ ABSL_GUARDED_BY(mu_);
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_METRICS_OBSERVERS_H_
