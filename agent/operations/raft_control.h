// SPDX-License-Identifier: Apache-2.0
// What the leader's duties need of the replicated log, in the agent's words:
// ids are member ids as the state has them.
//
// Implemented over the raft node by the agent, by a fake in tests.
// Thread-safe.
#ifndef MICROOVN_AGENT_OPERATIONS_RAFT_CONTROL_H_
#define MICROOVN_AGENT_OPERATIONS_RAFT_CONTROL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

// Another member, as the leader sees it.
struct PeerContact {
  // Nothing when it was not heard from in this leader's term.
  std::optional<absl::Duration> last_contact_ago;
  // Entries it is behind the leader's log.
  uint64_t lag = 0;
  bool receiving_snapshot = false;
};

struct RaftView {
  bool leading = false;
  std::string self_id;
  uint64_t term = 0;
  // The entry that holds the configuration below.
  uint64_t configuration_index = 0;
  bool configuration_committed = false;
  std::vector<std::string> voters;
  // Not empty while voters are changing.
  std::vector<std::string> outgoing;
  // Get the log and do not vote: stand-bys.
  std::vector<std::string> learners;
  // Of a leader: everybody else in the configuration.
  std::map<std::string, PeerContact> peers;
};

struct MembershipTarget {
  std::vector<std::string> voters;
  std::vector<std::string> learners;
};

class RaftControl {
 public:
  virtual ~RaftControl() = default;

  // Adds format and time; OK only when the command was admitted and is applied
  // on this member.
  virtual absl::StatusOr<internal::state::v1::Result> Propose(
      const internal::state::v1::Command& command) = 0;

  // Refused when the configuration in force is not the one of entry
  // `expected_configuration`; OK once it is committed.
  virtual absl::Status ChangeMembership(const MembershipTarget& target,
                                        uint64_t expected_configuration) = 0;

  // OK when that voter leads; with an empty id the most complete one.
  virtual absl::Status Transfer(const std::string& member_id) = 0;

  virtual RaftView View() const = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_RAFT_CONTROL_H_
