// SPDX-License-Identifier: Apache-2.0
// The data of a member that does not run: what it knows, and the few things
// that may be decided about it while nobody takes part in its name.
//
// Opening does what a start does first (the engine replays its write-ahead
// log); it changes nothing that the member knows. Thread-compatible.
#ifndef MICROOVN_RAFT_NODE_STOPPED_LOG_H_
#define MICROOVN_RAFT_NODE_STOPPED_LOG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/core/log/possible_loss.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/types.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/record/record.h"

namespace microovn::raft {

// All is read when it opens, and checked as a node would check it.
class StoppedLog {
 public:
  // NOT_FOUND when there is none; otherwise errors carry the reason
  // STORAGE_IN_USE or STORAGE_DAMAGED. While this lives no node can open it.
  static absl::StatusOr<std::unique_ptr<StoppedLog>> Open(
      const std::string& directory);

  const StoredMember& member() const { return member_; }
  // Of what is here. Where it ended before the loss is in
  // member().recovered.quarantine.
  LogPosition end() const { return EndOf(member_.recovered); }
  // The one in force: the last of the log, committed or not.
  const Configuration& configuration() const { return configuration_; }
  // Of the applied state.
  const std::vector<Record>& records() const { return records_; }

  // Makes the member vote again without what its disk lost: in a term after the
  // recorded one, with one more synced write than was ever promised. Durable
  // when it returns; a crash in between leaves the quarantine.
  // FAILED_PRECONDITION, reason NOT_IN_QUARANTINE, if it is not in one.
  absl::Status EndQuarantine();

  // Makes the member the only voter; the others get the log from it from then
  // on. The entry that says so ends its log, in a term after the recorded one
  // in which it has voted for itself, as if the others had agreed: what they
  // have and it has not is lost. Durable when it returns.
  // FAILED_PRECONDITION, nothing changed: LOG_QUARANTINED, MEMBER_NOT_VOTER,
  // ONLY_VOTER_ALREADY.
  absl::Status BecomeOnlyVoter();

 private:
  StoppedLog(std::unique_ptr<LogStorage> storage, StoredMember member)
      : storage_(std::move(storage)), member_(std::move(member)) {}

  const std::unique_ptr<LogStorage> storage_;
  StoredMember member_;
  Configuration configuration_;
  std::vector<Record> records_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_STOPPED_LOG_H_
