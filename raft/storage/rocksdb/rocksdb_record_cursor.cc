// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_record_cursor.h"

#include <utility>

#include "base/status/status_macros.h"
#include "raft/storage/record/record_codec.h"
#include "raft/storage/rocksdb/rocksdb_status.h"

namespace microovn::raft {
namespace {

rocksdb::ReadOptions WithoutCache() {
  rocksdb::ReadOptions options;
  // One pass over all would push out what is read often.
  options.fill_cache = false;
  return options;
}

}  // namespace

RocksdbRecordCursor::RocksdbRecordCursor(rocksdb::DB* database,
                                         rocksdb::ColumnFamilyHandle* family,
                                         std::string prefix)
    : prefix_(std::move(prefix)),
      at_(database->NewIterator(WithoutCache(), family)) {}

void RocksdbRecordCursor::SeekToFirst() { at_->Seek(prefix_); }

absl::StatusOr<std::optional<Record>> RocksdbRecordCursor::Next() {
  if (!at_->Valid() || !at_->key().starts_with(prefix_)) {
    // An iterator that met damage looks like one at its end.
    RETURN_IF_ERROR(FromRocksdb(at_->status(), "reading the state"));
    return std::nullopt;
  }
  const std::string key = at_->key().ToString();
  ASSIGN_OR_RETURN(std::string value, Unseal(key, at_->value().ToString()));
  Record record{key.substr(prefix_.size()), std::move(value)};
  at_->Next();
  return record;
}

}  // namespace microovn::raft
