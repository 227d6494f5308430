// SPDX-License-Identifier: Apache-2.0
// Runs a function on a thread of its own: at once, at each change of the
// state, and at least once in a period. While the function says that it did
// something it runs again without waiting.
//
// Made and destroyed by its owner; the destructor waits for the function.
#ifndef MICROOVN_AGENT_OPERATIONS_WAKEUP_LOOP_H_
#define MICROOVN_AGENT_OPERATIONS_WAKEUP_LOOP_H_

#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "agent/state/store/state_store.h"
#include "base/mutex.h"

namespace microovn::agent {

class WakeupLoop {
 public:
  // `store` outlives the loop. `step` must end within seconds.
  WakeupLoop(StateStore* store, absl::Duration period,
             std::function<bool()> step);
  ~WakeupLoop();
  WakeupLoop(const WakeupLoop&) = delete;
  WakeupLoop& operator=(const WakeupLoop&) = delete;

 private:
  void Run();
  void Wake() ABSL_LOCKS_EXCLUDED(mu_);
  // Until woken or the period is over; false once the loop must end.
  bool Wait() ABSL_LOCKS_EXCLUDED(mu_);

  const absl::Duration period_;
  const std::function<bool()> step_;
  Mutex mu_;
  CondVar woken_;
  bool wake_ ABSL_GUARDED_BY(mu_) = false;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;
  std::unique_ptr<StateStore::Subscription> subscription_;
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_WAKEUP_LOOP_H_
