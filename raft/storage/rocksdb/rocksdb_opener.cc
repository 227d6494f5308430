// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_opener.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "raft/storage/rocksdb/rocksdb_options.h"
#include "raft/storage/rocksdb/rocksdb_status.h"
#include "raft/storage/rocksdb/torn_tail.h"

namespace microovn::raft {

absl::Status OpenRocksdb(const std::string& directory,
                         const RocksdbEnvironment& environment,
                         std::shared_ptr<rocksdb::EventListener> listener,
                         std::unique_ptr<rocksdb::DB>* database,
                         std::vector<rocksdb::ColumnFamilyHandle*>* families) {
  RETURN_IF_ERROR(CutTornTails(environment.env, directory));
  rocksdb::DBOptions options = DatabaseOptions(environment);
  options.listeners = {std::move(listener)};
  // Nobody reads the file of options, but RocksDB would also go on after a
  // failed sync of the directory behind it. Not while it makes the families:
  // it does not survive that error itself.
  options.fail_if_options_file_error =
      environment.env->FileExists(JoinPath(directory, "CURRENT")).ok();
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(
      options, directory, Families(environment), families, &opened);
  // Before anything returns: who fails after this must not leak it.
  database->reset(opened);
  // RocksDB has no code of its own for it.
  if (status.IsIOError() && absl::StrContains(status.ToString(), "lock")) {
    return absl::UnavailableError(
        absl::StrCat(directory, " is in use by another process"));
  }
  const std::string action = absl::StrCat("opening ", directory);
  if (status.IsPathNotFound()) {
    // CURRENT, or what it leads to, names what is not there.
    return absl::DataLossError(absl::StrCat(action, ": ", status.ToString()));
  }
  return FromRocksdb(status, action);
}

}  // namespace microovn::raft
