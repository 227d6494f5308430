// SPDX-License-Identifier: Apache-2.0
#include "agent/health/clock_skew.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace microovn::agent {

std::map<std::string, absl::Duration> SkewedClocks(
    const std::map<std::string, absl::Duration>& offsets,
    const std::string& reference_id) {
  std::map<std::string, absl::Duration> skewed;
  if (offsets.empty()) return skewed;
  std::vector<absl::Duration> sorted;
  for (const auto& [id, offset] : offsets) sorted.push_back(offset);
  std::sort(sorted.begin(), sorted.end());
  absl::Duration middle = sorted[sorted.size() / 2];
  if (sorted.size() % 2 == 0) {
    const absl::Duration lower = sorted[sorted.size() / 2 - 1];
    const auto reference = offsets.find(reference_id);
    const absl::Duration believed =
        reference == offsets.end() ? lower : reference->second;
    if (absl::AbsDuration(lower - believed) <=
        absl::AbsDuration(middle - believed)) {
      middle = lower;
    }
  }
  for (const auto& [id, offset] : offsets) {
    const absl::Duration off = offset - middle;
    if (absl::AbsDuration(off) > kMaxClockSkew) skewed[id] = off;
  }
  return skewed;
}

}  // namespace microovn::agent
