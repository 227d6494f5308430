// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/rocksdb/rocksdb_status.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/error.h"

namespace microovn::raft {

absl::Status FromRocksdb(const rocksdb::Status& status,
                         absl::string_view action) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(action, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNotFound()) return absl::NotFoundError(message);
  // Where the file of options cannot be written that is within another error.
  // With its own code, since only this failure has a remedy that the operator
  // can see to.
  if (status.IsNoSpace() || absl::StrContains(message, "No space left")) {
    return MakeError(
        absl::StatusCode::kResourceExhausted, message,
        {"DISK_FULL", "free space on the disk, then start the agent", {}});
  }
  return absl::InternalError(message);
}

}  // namespace microovn::raft
