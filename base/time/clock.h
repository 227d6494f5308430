// SPDX-License-Identifier: Apache-2.0
// Time as an interface, so that nothing that decides reads the machine's clock.
// Implementations are thread-safe.
#ifndef MICROOVN_BASE_TIME_CLOCK_H_
#define MICROOVN_BASE_TIME_CLOCK_H_

#include "absl/time/time.h"

namespace microovn {

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time. May jump; only for certificates, tokens and what people read.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary start; never goes back. For timers and deadlines.
  virtual absl::Duration Monotonic() const = 0;

  // The machine's clock. Never destroyed.
  static const Clock& Real();
};

}  // namespace microovn

#endif  // MICROOVN_BASE_TIME_CLOCK_H_
