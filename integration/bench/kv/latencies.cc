// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/latencies.h"

#include <algorithm>
#include <cmath>

namespace microovn::raft {

void Latencies::Add(absl::Duration took) {
  micros_.push_back(static_cast<uint32_t>(absl::ToInt64Microseconds(took)));
}

void Latencies::Add(const Latencies& other) {
  micros_.insert(micros_.end(), other.micros_.begin(), other.micros_.end());
}

absl::Duration Latencies::Percentile(double share) {
  if (micros_.empty()) return absl::ZeroDuration();
  const double rank = std::ceil(share * static_cast<double>(micros_.size()));
  const size_t place = std::min(micros_.size() - 1,
                                static_cast<size_t>(std::max(rank, 1.0)) - 1);
  const auto at = micros_.begin() + static_cast<std::ptrdiff_t>(place);
  std::nth_element(micros_.begin(), at, micros_.end());
  return absl::Microseconds(*at);
}

}  // namespace microovn::raft
