// SPDX-License-Identifier: Apache-2.0
// Repairs what a crash leaves of a write-ahead log or a manifest where the file
// system gave it its new size before all its sectors: a sector of zeros inside
// of what was not synced. RocksDB takes that for damage and refuses to open;
// and where the zeros hide a whole record and the next block begins with
// another, it reads on there without a word, as if one write could be lost and
// a later one kept.
//
// A sector of zeros is the mark of a tear. A record that does not check and
// has none is damaged, and is left to RocksDB, which refuses it. Should a disk
// lose sectors that it had synced, the tail ring tells, as for any other tail
// that is gone (tail_ring.h).
#ifndef MICROOVN_RAFT_STORAGE_ROCKSDB_TORN_TAIL_H_
#define MICROOVN_RAFT_STORAGE_ROCKSDB_TORN_TAIL_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "rocksdb/env.h"

namespace microovn::raft {

// Where in a file of RocksDB's log format the torn record begins. None when
// everything checks, and when the first damage is not a tear.
// Pure. Reads no further than the first that does not check.
std::optional<size_t> FindTear(absl::string_view file);

// Ends each log and manifest in `directory` before its tear, and drops the
// logs after a torn one. Does nothing while a process has the database open.
absl::Status CutTornTails(rocksdb::Env* env, const std::string& directory);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_ROCKSDB_TORN_TAIL_H_
