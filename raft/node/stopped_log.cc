// SPDX-License-Identifier: Apache-2.0
#include "raft/node/stopped_log.h"

#include <algorithm>
#include <optional>

#include "absl/memory/memory.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "raft/core/values/entry.h"
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

absl::Status StoppedLog::BecomeOnlyVoter() {
  Recovered& recovered = member_.recovered;
  const MemberId self = member_.identity.member;
  if (recovered.quarantine.has_value()) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "this member's disk lost acknowledged writes",
                     {"LOG_QUARANTINED", "end its quarantine first"});
  }
  if (!configuration_.IsVoter(self)) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "this member does not vote",
                     {"MEMBER_NOT_VOTER", "decide on a member that votes"});
  }
  if (configuration_.Members().size() == 1 ||
      (!configuration_.is_joint() && configuration_.voters.size() == 1)) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "this member is the only voter already",
                     {"ONLY_VOTER_ALREADY", "start its agent"});
  }
  Configuration alone = configuration_;
  alone.learners = configuration_.Members();
  alone.learners.erase(
      std::remove(alone.learners.begin(), alone.learners.end(), self),
      alone.learners.end());
  alone.voters = {self};
  alone.outgoing.clear();
  Entry entry;
  entry.index = end().index.Next();
  entry.term = Term(recovered.hard_state.term.value() + 1);
  entry.kind = EntryKind::kConfiguration;
  entry.payload = Payload(EncodeConfiguration(alone));
  entry.chain =
      ChainOf(recovered.entries.empty() ? recovered.base.chain
                                        : recovered.entries.back().chain,
              entry);
  Persist decided;
  // Any: nobody waits for it.
  decided.token = StorageToken(1);
  decided.hard_state = HardState{entry.term, self};
  decided.entries = {entry};
  RETURN_IF_ERROR(storage_->Write({decided}));
  recovered.hard_state = *decided.hard_state;
  recovered.entries.push_back(std::move(entry));
  configuration_ = std::move(alone);
  return absl::OkStatus();
}

}  // namespace microovn::raft
