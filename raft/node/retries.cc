// SPDX-License-Identifier: Apache-2.0
#include "raft/node/retries.h"

#include <pthread.h>

#include <utility>

#include "base/time/clock.h"

namespace microovn::raft {

Retries::~Retries() { Stop(); }

void Retries::Add(absl::Duration when, const Try& again) {
  if (!Keep(when, again)) again();
}

bool Retries::Keep(absl::Duration when, const Try& again) {
  MutexLock lock(&mu_);
  if (stopped_) return false;
  waiting_.emplace(when, again);
  changed_.SignalAll();
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { Run(); });
    pthread_setname_np(thread_.native_handle(), "raft-retry");
  }
  return true;
}

void Retries::Wake() {
  MutexLock lock(&mu_);
  // Or the next request would be tried at once, without need.
  if (waiting_.empty()) return;
  woken_ = true;
  changed_.SignalAll();
}

void Retries::Stop() {
  std::thread thread;
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    thread = std::move(thread_);
    changed_.SignalAll();
  }
  if (thread.joinable()) thread.join();
  std::multimap<absl::Duration, Try> left;
  {
    MutexLock lock(&mu_);
    left.swap(waiting_);
  }
  // After the thread has ended, so that none runs beside another.
  for (const auto& [when, again] : left) again();
}

void Retries::Run() {
  for (;;) {
    std::vector<Try> due;
    {
      MutexLock lock(&mu_);
      while (!stopped_ && due.empty()) due = TakeDueOrWait();
      if (stopped_) return;
    }
    for (const Try& again : due) again();
  }
}

std::vector<Retries::Try> Retries::TakeDueOrWait() {
  const absl::Duration now = Clock::Real().Monotonic();
  const auto end =
      std::exchange(woken_, false) ? waiting_.end() : waiting_.upper_bound(now);
  std::vector<Try> due;
  for (auto at = waiting_.begin(); at != end; ++at) {
    due.push_back(std::move(at->second));
  }
  waiting_.erase(waiting_.begin(), end);
  if (!due.empty()) return due;
  const absl::Duration next =
      waiting_.empty() ? absl::InfiniteDuration() : waiting_.begin()->first;
  changed_.WaitWithTimeout(&mu_, next - now);
  return due;
}

}  // namespace microovn::raft
