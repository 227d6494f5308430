// SPDX-License-Identifier: Apache-2.0
// Lets a few through at once and then one in a while. Pure; times are
// Clock::Monotonic(). Copyable value.
#ifndef MICROOVN_BASE_TIME_TOKEN_BUCKET_H_
#define MICROOVN_BASE_TIME_TOKEN_BUCKET_H_

#include <algorithm>

#include "absl/time/time.h"

namespace microovn {

class TokenBucket {
 public:
  // Full at first; one more every `interval`, up to `burst`.
  TokenBucket(int burst, absl::Duration interval)
      : capacity_(burst * interval), interval_(interval), level_(capacity_) {}

  bool Has(absl::Duration now) const { return Level(now) >= interval_; }

  // Whether there was one.
  bool Take(absl::Duration now) {
    if (!Has(now)) return false;
    level_ = Level(now) - interval_;
    at_ = now;
    return true;
  }

  bool Full(absl::Duration now) const { return Level(now) >= capacity_; }

  // Until there is one; zero if there is.
  absl::Duration Wait(absl::Duration now) const {
    return std::max(interval_ - Level(now), absl::ZeroDuration());
  }

 private:
  // In the time that it took to gather.
  absl::Duration Level(absl::Duration now) const {
    const absl::Duration passed = std::max(now - at_, absl::ZeroDuration());
    return std::min(capacity_, level_ + passed);
  }

  absl::Duration capacity_;
  absl::Duration interval_;
  absl::Duration level_;
  absl::Duration at_ = absl::ZeroDuration();
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TIME_TOKEN_BUCKET_H_
