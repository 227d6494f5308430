// What a core says about itself. Immutable values.
#ifndef MICROOVN_RAFT_CORE_STATUS_H_
#define MICROOVN_RAFT_CORE_STATUS_H_

#include <vector>

#include "raft/core/configuration.h"
#include "raft/core/output.h"
#include "raft/core/types.h"

namespace microovn::raft {

struct PeerStatus {
  MemberId member;
  bool voter = false;
  LogIndex match;
  LogIndex next;
  bool receiving_snapshot = false;
  Time last_contact;
};

// For people and for the role policy; not part of the protocol.
struct Status {
  Role role = Role::kFollower;
  Term term;
  MemberId leader;
  LogIndex commit;
  LogIndex last_index;
  LogIndex durable;
  LogIndex base;
  LogIndex configuration_index;
  bool configuration_committed = false;
  Configuration configuration;
  std::vector<PeerStatus> peers;  // of a leader, sorted by id
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_STATUS_H_
