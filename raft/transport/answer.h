// SPDX-License-Identifier: Apache-2.0
// An answer that one thread waits for and another gives.
#ifndef MICROOVN_RAFT_TRANSPORT_ANSWER_H_
#define MICROOVN_RAFT_TRANSPORT_ANSWER_H_

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::raft {

// Thread-safe. Held by shared_ptr: the waiter may leave before the answer
// comes.
// For callers that wait in their own thread only. With the inbox's or the
// applier's claim nobody may wait (THREADS.md).
template <typename T>
class Answer {
 public:
  // The first answer counts.
  void Set(T value) {
    MutexLock lock(&mu_);
    if (!value_.has_value()) value_ = std::move(value);
    given_.SignalAll();
  }

  // None when `timeout` has passed.
  std::optional<T> Wait(absl::Duration timeout) {
    // Monotonic: a step of the system's time must not hold up a caller.
    const absl::Duration end = Clock::Real().Monotonic() + timeout;
    MutexLock lock(&mu_);
    while (!value_.has_value()) {
      const absl::Duration left = end - Clock::Real().Monotonic();
      if (left <= absl::ZeroDuration()) return std::nullopt;
      given_.WaitWithTimeout(&mu_, left);
    }
    return value_;
  }

 private:
  Mutex mu_;
  CondVar given_;
  std::optional<T> value_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_ANSWER_H_
