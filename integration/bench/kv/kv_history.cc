// SPDX-License-Identifier: Apache-2.0
#include "integration/bench/kv/kv_history.h"

#include <algorithm>
#include <utility>

namespace microovn::raft {
namespace {

// Of the search for one key: seconds.
constexpr uint64_t kMostSteps = 20'000'000;

bool IsAcknowledgedWrite(const RegisterOperation& operation) {
  return operation.kind == RegisterOperation::Kind::kWrite &&
         operation.outcome == RegisterOperation::Outcome::kOk;
}

}  // namespace

void KvHistory::Add(RegisterOperation operation, int64_t revision) {
  MutexLock lock(&mu_);
  if (revision != 0 && !operation.value.empty()) {
    revisions_[operation.value].insert(revision);
  }
  operations_.push_back(std::move(operation));
}

int KvHistory::count(RegisterOperation::Outcome outcome) const {
  MutexLock lock(&mu_);
  return static_cast<int>(
      std::count_if(operations_.begin(), operations_.end(),
                    [outcome](const RegisterOperation& each) {
                      return each.outcome == outcome;
                    }));
}

HistoryVerdict KvHistory::Check(
    const std::map<std::string, std::string>& at_end) const {
  MutexLock lock(&mu_);
  HistoryVerdict verdict;
  for (const RegisterOperation& each : operations_) {
    const auto found = at_end.find(each.key);
    if (found == at_end.end() || !IsAcknowledgedWrite(each)) continue;
    if (found->second != each.value) ++verdict.lost;
  }
  for (const auto& [value, places] : revisions_) {
    if (places.size() > 1) ++verdict.twice;
  }
  verdict.order = CheckLinearizable(operations_, kMostSteps);
  return verdict;
}

}  // namespace microovn::raft
