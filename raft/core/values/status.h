// SPDX-License-Identifier: Apache-2.0
// What a core says about itself. Immutable values.
#ifndef MICROOVN_RAFT_CORE_VALUES_STATUS_H_
#define MICROOVN_RAFT_CORE_VALUES_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "raft/core/values/configuration.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

struct PeerStatus {
  MemberId member;
  bool voter = false;
  LogIndex match;
  LogIndex next;
  bool receiving_snapshot = false;
  bool quarantined = false;          // it is not counted
  std::optional<Time> last_contact;  // in this term
  size_t inflight_messages = 0;
  size_t inflight_bytes = 0;
  uint64_t snapshot_offset = 0;  // wanted next, while receiving
};

// For people and for the role policy; not part of the protocol.
struct Status {
  Role role = Role::kFollower;
  Term term;
  MemberId leader;
  LogIndex commit;
  LogIndex last_index;
  Term last_term;  // of that entry
  LogIndex durable;
  LogIndex base;
  LogIndex configuration_index;
  bool configuration_committed = false;
  LogIndex voter_at;  // RaftCore::voter_at
  Configuration configuration;
  // Set while this member must not vote or be counted. The only voter of a
  // cluster stays so: nobody can tell it what it lost.
  std::optional<Quarantine> quarantine;
  // A leader: a majority was heard from since. A follower: its leader was.
  std::optional<Time> quorum_contact;
  std::vector<PeerStatus> peers;  // of a leader, sorted by id
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_STATUS_H_
