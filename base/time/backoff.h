// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next try: pure.
#ifndef MICROOVN_BASE_TIME_BACKOFF_H_
#define MICROOVN_BASE_TIME_BACKOFF_H_

#include "absl/time/time.h"

namespace microovn {

struct BackoffPolicy {
  absl::Duration initial = absl::Milliseconds(200);
  absl::Duration maximum = absl::Seconds(30);
  double factor = 2.0;
};

// The delay before try number `attempt`; zero before the first (attempt 0),
// `initial` before the second, then growing by `factor` up to `maximum`.
absl::Duration BackoffDelay(const BackoffPolicy& policy, int attempt);

}  // namespace microovn

#endif  // MICROOVN_BASE_TIME_BACKOFF_H_
