// SPDX-License-Identifier: Apache-2.0
#include "base/time/clock.h"

#include <time.h>

#include "absl/time/clock.h"

namespace microovn {
namespace {

class RealClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }

  absl::Duration Monotonic() const override {
    timespec now = {};
    // CLOCK_BOOTTIME goes on during suspend, as the peers' clocks do.
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }
};

}  // namespace

const Clock& Clock::Real() {
  static const RealClock* const kClock = new RealClock();
  return *kClock;
}

}  // namespace microovn
