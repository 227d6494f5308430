// SPDX-License-Identifier: Apache-2.0
// What a database stands on. The defaults are the machine itself; tests give
// another one. A value, and what it is asked besides RocksDB.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_ENVIRONMENT_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_ENVIRONMENT_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "raft/storage/tail/tail_ring.h"
#include "rocksdb/env.h"

namespace microovn::raft {

struct RocksdbEnvironment {
  // Must outlive the storage.
  rocksdb::Env* env = rocksdb::Env::Default();
  // Divides the sizes of buffers, tables and logs, so that a short life has
  // flushes and compactions.
  size_t shrink = 1;
  // The tail ring at a path of `env`.
  std::function<std::unique_ptr<TailRingFile>(const std::string&)> ring =
      TailRingFile::At;

  // Only there are directories made and permissions set; a simulated disk has
  // them already.
  bool is_real() const { return env == rocksdb::Env::Default(); }
};

// So that the data directory itself survives a power cut.
// A database syncs its own directory, but the name of that directory is in
// another one.
absl::Status SyncParent(const RocksdbEnvironment& environment,
                        const std::string& directory);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_ENVIRONMENT_H_
