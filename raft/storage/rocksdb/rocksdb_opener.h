// SPDX-License-Identifier: Apache-2.0
// Opens the database of a member.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPENER_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPENER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "raft/storage/rocksdb/rocksdb_environment.h"
#include "rocksdb/db.h"
#include "rocksdb/listener.h"

namespace microovn::raft {

// Makes it if there is none. `families` are the caller's to destroy, in the
// order of Families(). UNAVAILABLE if another process has it open; DATA_LOSS
// if it is damaged, or a file is missing.
// Torn tails are cut first (torn_tail.h). `listener` hears of failures in the
// background, from the first one on.
absl::Status OpenRocksdb(const std::string& directory,
                         const RocksdbEnvironment& environment,
                         std::shared_ptr<rocksdb::EventListener> listener,
                         std::unique_ptr<rocksdb::DB>* database,
                         std::vector<rocksdb::ColumnFamilyHandle*>* families);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_OPENER_H_
