// SPDX-License-Identifier: Apache-2.0
// The first failure of a database, whoever met it: a call, or RocksDB's own
// flushes and compactions. Nothing may succeed after it (raft.md 5b.15).
//
// Thread-safe. Shared with the database, which tells it of errors.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_FAILURE_LATCH_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_FAILURE_LATCH_H_

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "rocksdb/listener.h"

namespace microovn::raft {

class RocksdbFailureLatch final : public rocksdb::EventListener {
 public:
  // OK until the first failure.
  // Asked before and after each write: a flush that fails in the background
  // ends the next write, not only the next restart.
  absl::Status Get() const;
  // Keeps `status` unless it is OK or another came first.
  void Set(const absl::Status& status);

  // On RocksDB's threads, perhaps with its locks held: must not call it.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason,
                         rocksdb::Status* error) override;
  // RocksDB must not try to go on by itself.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason reason,
                            rocksdb::Status error,
                            bool* auto_recovery) override;

 private:
  mutable Mutex mu_;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_FAILURE_LATCH_H_
