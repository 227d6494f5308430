// SPDX-License-Identifier: Apache-2.0
// What a run of requests took.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_LATENCIES_H_
#define MICROOVN_INTEGRATION_BENCH_KV_LATENCIES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace microovn::raft {

// Thread-compatible.
class Latencies {
 public:
  void Add(absl::Duration took);
  void Add(const Latencies& other);

  size_t count() const { return micros_.size(); }
  // The smallest latency that `share` of all do not exceed; zero without any.
  absl::Duration Percentile(double share);

 private:
  std::vector<uint32_t> micros_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_LATENCIES_H_
