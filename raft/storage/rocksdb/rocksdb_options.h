// SPDX-License-Identifier: Apache-2.0
// How RocksDB is set up: to lose nothing that was synced, to say so when it
// did, and to stay small.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPTIONS_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPTIONS_H_

#include <vector>

#include "raft/storage/rocksdb/rocksdb_environment.h"
#include "rocksdb/db.h"

namespace microovn::raft {

// Three, because they live differently: entries are removed in ranges soon
// after they were written, the hard state is a few keys that are overwritten,
// and the applied state stays. Families share one write-ahead log, so a batch
// over several is atomic.
constexpr char kLogFamily[] = "log";
constexpr char kHardFamily[] = "hard";
constexpr char kStateFamily[] = "state";

rocksdb::DBOptions DatabaseOptions(
    const RocksdbEnvironment& environment = RocksdbEnvironment());

// The default family, which RocksDB insists on and we leave empty, then log,
// hard and state.
std::vector<rocksdb::ColumnFamilyDescriptor> Families(
    const RocksdbEnvironment& environment = RocksdbEnvironment());

// For writes that something outside this process will rely on.
// Returns when all of RocksDB's log up to here is on the disk.
rocksdb::WriteOptions Synced();

// For writes that the log can repeat, and for those that a later synced write
// covers: RocksDB syncs its log in order.
rocksdb::WriteOptions Unsynced();

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPTIONS_H_
