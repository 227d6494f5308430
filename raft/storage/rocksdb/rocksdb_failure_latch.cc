// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_failure_latch.h"

#include "raft/storage/rocksdb/rocksdb_status.h"

namespace microovn::raft {

absl::Status RocksdbFailureLatch::Get() const {
  MutexLock lock(&mu_);
  return failure_;
}

void RocksdbFailureLatch::Set(const absl::Status& status) {
  MutexLock lock(&mu_);
  if (failure_.ok()) failure_ = status;
}

void RocksdbFailureLatch::OnBackgroundError(rocksdb::BackgroundErrorReason,
                                            rocksdb::Status* error) {
  Set(FromRocksdb(*error, "in the background"));
}

void RocksdbFailureLatch::OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason,
                                               rocksdb::Status,
                                               bool* auto_recovery) {
  // After a failed sync the kernel may drop the pages that it could not write;
  // a second sync that succeeds then says nothing.
  *auto_recovery = false;
}

}  // namespace microovn::raft
