// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_environment.h"

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "raft/storage/rocksdb/rocksdb_status.h"

namespace microovn::raft {

absl::Status SyncParent(const RocksdbEnvironment& environment,
                        const std::string& directory) {
  const std::string path = JoinPath(directory, "..");
  std::unique_ptr<rocksdb::Directory> parent;
  RETURN_IF_ERROR(FromRocksdb(environment.env->NewDirectory(path, &parent),
                              absl::StrCat("opening ", path)));
  // At each start: whether the process before came to it is not known.
  return FromRocksdb(parent->Fsync(), absl::StrCat("syncing ", path));
}

}  // namespace microovn::raft
