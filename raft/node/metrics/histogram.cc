// SPDX-License-Identifier: Apache-2.0
#include "raft/node/metrics/histogram.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace microovn::raft {
namespace {

constexpr int64_t kFirstMicroseconds = 16;

}  // namespace

absl::Duration Histogram::Bound(size_t bucket) {
  if (bucket + 1 >= kBuckets) return absl::InfiniteDuration();
  return absl::Microseconds(kFirstMicroseconds << bucket);
}

void Histogram::Add(absl::Duration duration) {
  size_t bucket = 0;
  while (Bound(bucket) <= duration) ++bucket;
  ++buckets_[bucket];
  ++count_;
  sum_ += duration;
  longest_ = std::max(longest_, duration);
}

absl::Duration Histogram::Quantile(double share) const {
  if (count_ == 0) return absl::ZeroDuration();
  const auto wanted = std::max<uint64_t>(
      1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_))));
  uint64_t seen = 0;
  size_t bucket = 0;
  for (; bucket + 1 < kBuckets; ++bucket) {
    seen += buckets_[bucket];
    if (seen >= wanted) break;
  }
  // The last bucket has no bound, and few values may all be far below theirs.
  return std::min(Bound(bucket), longest_);
}

std::string Histogram::Describe() const {
  return absl::StrCat("count ", count_, ", median ",
                      absl::FormatDuration(Quantile(0.5)), ", 99 % ",
                      absl::FormatDuration(Quantile(0.99)), ", longest ",
                      absl::FormatDuration(longest_));
}

}  // namespace microovn::raft
