// SPDX-License-Identifier: Apache-2.0
// The records under one prefix of a column family, as they were when the
// cursor was made. Thread-compatible; must not outlive the database.
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_RECORD_CURSOR_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_RECORD_CURSOR_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "raft/storage/record/record.h"
#include "raft/storage/record/snapshot_stream.h"
#include "rocksdb/db.h"

namespace microovn::raft {

class RocksdbRecordCursor final : public RecordCursor {
 public:
  RocksdbRecordCursor(rocksdb::DB* database,
                      rocksdb::ColumnFamilyHandle* family, std::string prefix);

  void SeekToFirst() override;
  // Each record is checked against its key. Keys come without the prefix.
  absl::StatusOr<std::optional<Record>> Next() override;

 private:
  const std::string prefix_;
  // An iterator sees the moment of its making.
  const std::unique_ptr<rocksdb::Iterator> at_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_ROCKSDB_RECORD_CURSOR_H_
