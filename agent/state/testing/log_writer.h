// SPDX-License-Identifier: Apache-2.0
// Writes a log as leaders of each time would have, and applies it as a node
// does: for logs that are recorded once and applied for ever.
#ifndef MICROOVN_AGENT_STATE_TESTING_LOG_WRITER_H_
#define MICROOVN_AGENT_STATE_TESTING_LOG_WRITER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/state/replicated_state.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/join/join_statement.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::agent {

// What was taken for a certificate at first.
inline constexpr char kRecordedPem[] =
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

// The authority as it was recorded then.
void AsRecorded(statepb::Authority& authority);

// What a node does with a log.
class Replay {
 public:
  Replay() : machine_(&store_) {}

  // Of the next entry; the running hash after it, hexadecimal.
  std::string Apply(const std::string& bytes);
  const ClusterState& state() { return *(current_ = store_.Current()); }
  const std::set<std::string>& outcomes() const { return outcomes_; }

 private:
  StateStore store_;
  ReplicatedState machine_;
  StateSnapshot current_;
  raft::LogIndex index_;
  std::string hash_ = raft::EmptyStateHash();
  std::set<std::string> outcomes_;
};

class LogWriter {
 protected:
  // Seconds from one entry to the next.
  static constexpr int64_t kBetween = 7;

  // Stamped, signed and announced as it was done at the time.
  void Add(statepb::Command command);
  // Twice as one request, and once with the id of it and another question.
  void AddAsRequest(statepb::Command command, const std::string& id);
  // No command at all.
  void AddBytes(const std::string& bytes);
  // All members come to support more.
  void Learn(const std::set<std::string>& features, uint32_t level = 1);

  std::vector<std::string> TakeCommands() { return std::move(commands_); }

  Replay replay_;
  int64_t now_ = 0;
  // What agents announced when a part was recorded.
  std::map<std::string, uint32_t> known_ = {{"join-withdrawal", 1}};
  // Nothing was signed at first, and certificates were other text.
  std::optional<pki::StatementForm> form_;

 private:
  std::vector<std::string> commands_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_TESTING_LOG_WRITER_H_
