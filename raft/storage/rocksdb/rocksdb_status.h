// SPDX-License-Identifier: Apache-2.0
// RocksDB's outcomes as ours.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_STATUS_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/status.h"

namespace microovn::raft {

// "ACTION: what RocksDB says". Corruption is DATA_LOSS; a full disk is
// RESOURCE_EXHAUSTED; every other failure of a device is INTERNAL.
// DATA_LOSS at the start is STORAGE_DAMAGED for people, and the way out is to
// join anew. While the member runs, every failure of a write ends the process,
// whatever its code.
absl::Status FromRocksdb(const rocksdb::Status& status,
                         absl::string_view action);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_STATUS_H_
