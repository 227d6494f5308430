// SPDX-License-Identifier: Apache-2.0
// When a peer is dialed again that answers and refuses the handshake, or whom
// this end does not trust: ever more rarely, up to a minute, since somebody has
// to mend that. Who cannot be reached at all may just be starting, and is no
// case for this. Pure; times are Clock::Monotonic(). Copyable value.
#ifndef MICROOVN_BASE_TIME_REDIAL_H_
#define MICROOVN_BASE_TIME_REDIAL_H_

#include <algorithm>

#include "absl/time/time.h"
#include "base/time/backoff.h"

namespace microovn {

class Redial {
 public:
  // One more handshake has failed. What comes during a pause says nothing new:
  // it was begun before.
  void Refuse(absl::Duration now) {
    if (UntilDue(now) > absl::ZeroDuration()) return;
    due_ = now + BackoffDelay(kPolicy, ++refusals_);
  }

  // It has answered, cannot be reached at all, or one of the two ends has
  // changed what it shows or trusts.
  void Reset() { *this = Redial(); }

  bool refused() const { return refusals_ > 0; }

  // Zero unless it is left alone.
  absl::Duration UntilDue(absl::Duration now) const {
    return refused() ? std::max(due_ - now, absl::ZeroDuration())
                     : absl::ZeroDuration();
  }

 private:
  // The first pauses are short: a peer that ends may close what it accepted.
  static constexpr BackoffPolicy kPolicy = {absl::Milliseconds(200),
                                            absl::Minutes(1), 2.0};

  int refusals_ = 0;
  absl::Duration due_ = absl::ZeroDuration();
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TIME_REDIAL_H_
