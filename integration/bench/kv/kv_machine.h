// SPDX-License-Identifier: Apache-2.0
// The replicated map of the benchmark server: keys to values, each with the
// index of the command that wrote it.
#ifndef MICROOVN_INTEGRATION_BENCH_KV_KV_MACHINE_H_
#define MICROOVN_INTEGRATION_BENCH_KV_KV_MACHINE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "raft/core/values/types.h"
#include "raft/node/apply/state_machine.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

// The command that sets `key` to `value`.
std::string EncodePut(absl::string_view key, absl::string_view value);

struct KvValue {
  LogIndex written;
  std::string value;
};

// Get is thread-safe; for the rest see StateMachine.
class KvMachine final : public StateMachine {
 public:
  Applied Apply(LogIndex index, absl::string_view command) override;
  absl::Status Load(LogIndex applied, std::vector<Record> records) override;
  void Publish(LogIndex applied) override;

  // As of the last Publish.
  std::optional<KvValue> Get(absl::string_view key) const;

 private:
  // Applied, not yet published.
  std::vector<std::pair<std::string, KvValue>> pending_;

  mutable Mutex mu_;
  absl::flat_hash_map<std::string, KvValue> values_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_INTEGRATION_BENCH_KV_KV_MACHINE_H_
