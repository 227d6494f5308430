// SPDX-License-Identifier: Apache-2.0
// A clock that moves only when a test says so. Thread-safe.
#ifndef MICROOVN_BASE_TESTING_FAKE_CLOCK_H_
#define MICROOVN_BASE_TESTING_FAKE_CLOCK_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/time/clock.h"

namespace microovn {

class FakeClock final : public Clock {
 public:
  explicit FakeClock(absl::Time start = absl::FromUnixSeconds(1'700'000'000))
      : now_(start) {}

  absl::Time Now() const override {
    MutexLock lock(&mu_);
    return now_;
  }

  absl::Duration Monotonic() const override {
    MutexLock lock(&mu_);
    return elapsed_;
  }

  void Advance(absl::Duration by) {
    MutexLock lock(&mu_);
    now_ += by;
    elapsed_ += by;
  }

  // Moves the wall clock only, as an operator or NTP does.
  void Jump(absl::Duration by) {
    MutexLock lock(&mu_);
    now_ += by;
  }

 private:
  mutable Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Duration elapsed_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TESTING_FAKE_CLOCK_H_
