// SPDX-License-Identifier: Apache-2.0
// Requests that wait for another try.
#ifndef MICROOVN_RAFT_NODE_RETRIES_H_
#define MICROOVN_RAFT_NODE_RETRIES_H_

#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"

namespace microovn::raft {

// Thread-safe. Its thread, "raft-retry", begins with the first request.
// For requests that would otherwise each need a thread to wait in.
class Retries {
 public:
  // Runs exactly once, on the retries' thread or that of Add or Stop, without a
  // lock held; must not block.
  using Try = std::function<void()>;

  ~Retries();

  // Tries at `when` (monotonic time), or earlier when woken; at once after
  // Stop.
  void Add(absl::Duration when, const Try& again);
  // Another leader is known: everything is due.
  void Wake();

  // Ends the thread and tries everything once more.
  // Each Try then finds out for itself that the node has ended, and answers.
  void Stop();

 private:
  // False after Stop.
  bool Keep(absl::Duration when, const Try& again);
  void Run();
  std::vector<Try> TakeDueOrWait() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Mutex mu_;
  CondVar changed_;
  std::multimap<absl::Duration, Try> waiting_ ABSL_GUARDED_BY(mu_);
  // What waits is due whatever its time.
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_RETRIES_H_
