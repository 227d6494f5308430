// SPDX-License-Identifier: Apache-2.0
// What clients of a store saw, and whether it may be so: every acknowledged
// write is there, none took effect twice, and all reads and writes of a key fit
// one order in time.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_KV_HISTORY_H_
#define MICROOVN_INTEGRATION_BENCH_KV_KV_HISTORY_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "raft/proof/sim/linearizability.h"

namespace microovn::raft {

struct HistoryVerdict {
  int lost = 0;   // acknowledged, and not there at the end
  int twice = 0;  // seen at two places of the log
  LinearizabilityResult order;

  bool good() const {
    return lost == 0 && twice == 0 && order.verdict == Verdict::kLinearizable;
  }
};

// Every value that is written differs from every other. Thread-safe.
class KvHistory {
 public:
  // `revision` is where in the log the value is, as far as the answer says; 0:
  // it does not.
  void Add(RegisterOperation operation, int64_t revision);

  int count(RegisterOperation::Outcome outcome) const;

  // `at_end` is what was read, after all operations, from keys that were
  // written once each.
  HistoryVerdict Check(const std::map<std::string, std::string>& at_end) const;

 private:
  mutable Mutex mu_;
  std::vector<RegisterOperation> operations_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::set<int64_t>> revisions_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_KV_HISTORY_H_
