// SPDX-License-Identifier: Apache-2.0
// Lives a StorageLife on a simulated machine, and says whether what a disk
// holds afterwards is what it may hold. Thread-compatible.
#ifndef MICROOVN_RAFT_STORAGE_TESTING_LIFE_RUNNER_H_
#define MICROOVN_RAFT_STORAGE_TESTING_LIFE_RUNNER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"
#include "raft/storage/testing/sim_env.h"
#include "raft/storage/testing/storage_life.h"

namespace microovn::raft {

// How many steps had begun, and how many were acknowledged.
struct LifeProgress {
  size_t begun = 0;
  size_t durable = 0;
};

// Where the member's data is on every simulated disk.
extern const char kLifeDirectory[];

// A disk with the directory in which Create makes the member's.
DiskImage FormattedDisk();

// Buffers at their smallest.
RocksdbEnvironment EnvironmentOn(SimEnv* env);

class LifeRunner {
 public:
  // Both must outlive this.
  LifeRunner(SimEnv* env, const std::vector<LifeStep>* life);
  ~LifeRunner();

  // All steps, with the background work that is due after each; the failure of
  // the first that fails, or of what a process did in the background before it
  // was closed.
  absl::Status Run();
  // Of a call that writes and changes nothing.
  absl::Status Probe();
  // After a failure: says which later call succeeded all the same, if any.
  std::string CheckFailureIsFinal();
  // The process is gone, without a last word.
  void Kill();

  const LifeProgress& progress() const { return progress_; }

 private:
  absl::Status Do(const LifeStep& step, bool first);

  SimEnv* const env_;
  const std::vector<LifeStep>* const life_;
  LifeProgress progress_;
  std::unique_ptr<RocksdbLogStorage> storage_;
};

// Opens what is on `env`'s disk. Empty when all is well: it opens, or was not
// yet created and can be; it holds what it held after one of the allowed
// steps; and it can be written. With `twice` also what was read must be there
// again after one more crash.
std::string CheckRecovery(SimEnv& env, const std::vector<LifeStep>& life,
                          const LifeProgress& progress, bool twice);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_TESTING_LIFE_RUNNER_H_
