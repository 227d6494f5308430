// SPDX-License-Identifier: Apache-2.0
// How fast something may flow. Pure; times are passed in.
#ifndef MICROOVN_RAFT_NODE_LOOP_TOKEN_BUCKET_H_
#define MICROOVN_RAFT_NODE_LOOP_TOKEN_BUCKET_H_

#include <cstdint>

#include "raft/core/values/types.h"

namespace microovn::raft {

// Thread-compatible. What flows may run up a debt, and then waits until it is
// paid: so a piece that is larger than the bucket passes as well.
class TokenBucket {
 public:
  // 0: no limit. The bucket holds what flows in a tenth of a second.
  explicit TokenBucket(uint64_t bytes_per_second)
      : bytes_per_second_(bytes_per_second) {}

  // When the next piece may pass; not after `now`: at once.
  Time NextAt() const { return free_at_; }
  // Whether it may pass is the caller's to ask before.
  void Spend(Time now, uint64_t bytes);

 private:
  const uint64_t bytes_per_second_;
  // When the bucket is no longer in debt. A tenth of a second later it is full.
  Time free_at_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_LOOP_TOKEN_BUCKET_H_
