// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/wakeup_loop.h"

#include <utility>

namespace microovn::agent {

WakeupLoop::WakeupLoop(StateStore* store, absl::Duration period,
                       std::function<bool()> step)
    : period_(period), step_(std::move(step)) {
  subscription_ = store->Subscribe([this] { Wake(); });
  thread_ = std::thread([this] { Run(); });
}

WakeupLoop::~WakeupLoop() {
  subscription_.reset();
  {
    MutexLock lock(&mu_);
    stop_ = true;
    woken_.Signal();
  }
  thread_.join();
}

void WakeupLoop::Run() {
  do {
    while (step_()) {
      MutexLock lock(&mu_);
      if (stop_) return;
    }
  } while (Wait());
}

void WakeupLoop::Wake() {
  MutexLock lock(&mu_);
  wake_ = true;
  woken_.Signal();
}

bool WakeupLoop::Wait() {
  MutexLock lock(&mu_);
  bool in_time = true;
  while (!wake_ && !stop_ && in_time) {
    in_time = woken_.WaitWithTimeout(&mu_, period_);
  }
  wake_ = false;
  return !stop_;
}

}  // namespace microovn::agent
