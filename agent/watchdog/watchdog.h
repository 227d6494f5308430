// SPDX-License-Identifier: Apache-2.0
// Tells the service manager that this agent lives, and only while it does: of
// an agent whose log or reconcile thread is stuck it hears nothing and starts
// it again. One thread of its own, which waits for nobody.
#ifndef MICROOVN_AGENT_WATCHDOG_WATCHDOG_H_
#define MICROOVN_AGENT_WATCHDOG_WATCHDOG_H_

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "agent/member/life_signs.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn::agent {

class Watchdog {
 public:
  // What the service manager hears; must not block.
  struct Manager {
    // Zero: it does not watch.
    absl::Duration interval;
    std::function<void(absl::Duration)> starting;
    std::function<void()> beat;
    std::function<void(const std::string&)> status;
  };
  // What is asked of the agent.
  struct Subject {
    // Empty when this node is no member. Must not block.
    std::function<std::optional<LifeSigns>()> life;
    // Asked only of who lives.
    std::function<std::string()> describe;
  };

  // Those of sd_notify(3).
  static Manager ServiceManager();

  // Until Watch the agent starts, which may take as long as it takes to open
  // the log, up to kLongestStart.
  Watchdog(Manager manager, const Clock* clock);
  // Stops.
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Starts the thread if the service manager watches. Call once.
  void Start();

  // Ends the thread; the subject is not asked afterwards.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // The agent serves. What `subject` calls is there until Stop.
  void Watch(Subject subject) ABSL_LOCKS_EXCLUDED(mu_);

  // One round; returns after how long the next is due. The thread calls it;
  // tests may instead.
  absl::Duration RunOnce() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);

  const Manager manager_;
  const Clock* const clock_;
  const absl::Duration started_;

  // The thread's own.
  std::string last_status_;
  std::string last_stuck_;

  Mutex mu_;
  CondVar changed_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool new_subject_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<Subject> subject_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

inline constexpr absl::Duration kLongestStart = absl::Minutes(30);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCHDOG_WATCHDOG_H_
