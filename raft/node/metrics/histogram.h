// SPDX-License-Identifier: Apache-2.0
// How often something took how long. Plain value.
#ifndef MICROOVN_RAFT_NODE_METRICS_HISTOGRAM_H_
#define MICROOVN_RAFT_NODE_METRICS_HISTOGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace microovn::raft {

// Thread-compatible.
// Bounds double, so a value is known to a factor of two: enough to tell a disk
// that syncs from one that stalls, in the same small space for ever.
class Histogram {
 public:
  // Bucket i counts what took less than Bound(i) and no less than Bound(i - 1);
  // the last one takes the rest. From 16 us to 67 s.
  static constexpr size_t kBuckets = 24;
  static absl::Duration Bound(size_t bucket);

  void Add(absl::Duration duration);

  uint64_t count() const { return count_; }
  absl::Duration sum() const { return sum_; }
  absl::Duration longest() const { return longest_; }
  const std::array<uint64_t, kBuckets>& buckets() const { return buckets_; }

  // The bound below which this share of all lies, from 0 to 1; zero without
  // any, and never more than the longest.
  absl::Duration Quantile(double share) const;

  // "count 5, median 2ms, 99 % 8ms, longest 7.5ms".
  std::string Describe() const;

 private:
  uint64_t count_ = 0;
  absl::Duration sum_;
  absl::Duration longest_;
  std::array<uint64_t, kBuckets> buckets_ = {};
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_METRICS_HISTOGRAM_H_
