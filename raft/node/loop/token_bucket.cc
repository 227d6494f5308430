// SPDX-License-Identifier: Apache-2.0
#include "raft/node/loop/token_bucket.h"

#include <algorithm>

namespace microovn::raft {
namespace {

constexpr uint64_t kMicrosPerSecond = 1'000'000;
constexpr uint64_t kBurst = kMicrosPerSecond / 10;

}  // namespace

void TokenBucket::Spend(Time now, uint64_t bytes) {
  if (bytes_per_second_ == 0) return;
  // Not further back: after a long pause no more than a burst is let through at
  // once.
  const Time full(now.value() - std::min(now.value(), kBurst));
  free_at_ =
      std::max(free_at_, full) + bytes * kMicrosPerSecond / bytes_per_second_;
}

}  // namespace microovn::raft
