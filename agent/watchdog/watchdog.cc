// SPDX-License-Identifier: Apache-2.0
#include "agent/watchdog/watchdog.h"

#include <pthread.h>

#include <utility>

#include "agent/watchdog/proof_of_life.h"
#include "base/process/service_notify.h"
#include "glog/logging.h"

namespace microovn::agent {

Watchdog::Manager Watchdog::ServiceManager() {
  return {WatchdogInterval(), NotifyStarting, NotifyWatchdog, NotifyStatus};
}

Watchdog::Watchdog(Manager manager, const Clock* clock)
    : manager_(std::move(manager)),
      clock_(clock),
      started_(clock->Monotonic()) {}

void Watchdog::Start() {
  if (manager_.interval <= absl::ZeroDuration()) return;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "watchdog");
}

Watchdog::~Watchdog() { Stop(); }

void Watchdog::Stop() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::Watch(Subject subject) {
  {
    MutexLock lock(&mu_);
    subject_ = std::move(subject);
    new_subject_ = true;
  }
  changed_.SignalAll();
}

void Watchdog::Run() {
  for (;;) {
    const absl::Duration deadline = clock_->Monotonic() + RunOnce();
    MutexLock lock(&mu_);
    while (!stopping_ && !new_subject_) {
      const absl::Duration left = deadline - clock_->Monotonic();
      if (left <= absl::ZeroDuration()) break;
      changed_.WaitWithTimeout(&mu_, left);
    }
    if (stopping_) return;
    new_subject_ = false;
  }
}

absl::Duration Watchdog::RunOnce() {
  std::optional<Subject> subject;
  {
    MutexLock lock(&mu_);
    subject = subject_;
  }
  if (!subject.has_value()) {
    if (clock_->Monotonic() - started_ < kLongestStart) {
      manager_.starting(manager_.interval * 2);
    }
    return manager_.interval / 2;
  }
  const std::string stuck = WhatIsStuck(subject->life(), clock_->Monotonic());
  LOG_IF(ERROR, !stuck.empty() && last_stuck_.empty())
      << "no sign of life goes to the service manager: " << stuck;
  LOG_IF(WARNING, stuck.empty() && !last_stuck_.empty())
      << "goes on after this: " << last_stuck_;
  last_stuck_ = stuck;
  // Soon again: what has only been slow must not miss the next beat.
  if (!stuck.empty()) return manager_.interval / 10;
  manager_.beat();
  const std::string status = subject->describe();
  if (status != last_status_) manager_.status(status);
  last_status_ = status;
  return manager_.interval / 2;
}

}  // namespace microovn::agent
