// SPDX-License-Identifier: Apache-2.0
#include "base/time/backoff.h"

#include <algorithm>

namespace microovn {

absl::Duration BackoffDelay(const BackoffPolicy& policy, int attempt) {
  if (attempt <= 0) return absl::ZeroDuration();
  absl::Duration delay = policy.initial;
  for (int i = 1; i < attempt && delay < policy.maximum; ++i) {
    delay *= policy.factor;
  }
  return std::min(delay, policy.maximum);
}

}  // namespace microovn
