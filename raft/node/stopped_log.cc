// SPDX-License-Identifier: Apache-2.0
#include "raft/node/stopped_log.h"

#include <optional>

#include "absl/memory/memory.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "raft/core/values/output.h"
#include "raft/node/open_error.h"
#include "raft/storage/rocksdb/rocksdb_log_storage.h"

namespace microovn::raft {
namespace {

absl::StatusOr<Configuration> ConfigurationIn(const Recovered& recovered) {
  Configuration configuration = recovered.base.configuration;
  // The last one of the log is in force, committed or not, as in the core.
  for (const Entry& entry : recovered.entries) {
    if (entry.kind != EntryKind::kConfiguration) continue;
    std::optional<Configuration> decoded =
        DecodeConfiguration(entry.payload.bytes());
    if (!decoded.has_value()) {
      return DamagedError("a configuration of the log cannot be read");
    }
    configuration = *std::move(decoded);
  }
  return configuration;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StoppedLog>> StoppedLog::Open(
    const std::string& directory) {
  auto storage = RocksdbLogStorage::Open(directory);
  if (!storage.ok()) return OpenError(storage.status());
  absl::StatusOr<StoredMember> member = (*storage)->Read();
  if (!member.ok()) return OpenError(member.status());
  absl::StatusOr<std::vector<Record>> records = (*storage)->ReadRecords();
  if (!records.ok()) return OpenError(records.status());
  if (!IsIntact(member->recovered.base, member->recovered.entries)) {
    return DamagedError("the chain of the log's entries is broken");
  }
  auto log =
      absl::WrapUnique(new StoppedLog(*std::move(storage), *std::move(member)));
  ASSIGN_OR_RETURN(log->configuration_,
                   ConfigurationIn(log->member_.recovered));
  log->records_ = *std::move(records);
  return log;
}

absl::Status StoppedLog::EndQuarantine() {
  Recovered& recovered = member_.recovered;
  if (!recovered.quarantine.has_value()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "this member has all that it ever acknowledged",
                     {"NOT_IN_QUARANTINE", "start its agent"});
  }
  Persist end;
  // Any: nobody waits for it.
  end.token = StorageToken(1);
  end.hard_state =
      HardStateWithout(recovered.hard_state, *recovered.quarantine);
  end.ends_quarantine = true;
  RETURN_IF_ERROR(storage_->Write({end}));
  // Only now that it is durable.
  recovered.hard_state = *end.hard_state;
  recovered.quarantine.reset();
  return absl::OkStatus();
}

}  // namespace microovn::raft
