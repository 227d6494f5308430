// What a node says about itself. Plain values.
#ifndef MICROOVN_RAFT_NODE_NODE_STATUS_H_
#define MICROOVN_RAFT_NODE_NODE_STATUS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "raft/core/configuration.h"
#include "raft/core/output.h"
#include "raft/core/types.h"

namespace microovn::raft {

// How far a member is, as its leader sees it.
struct PeerProgress {
  enum class State { kReplicating, kSnapshot };

  MemberId member;
  bool voter = false;
  LogIndex match;
  State state = State::kReplicating;
  // None if it was not heard from in this leader's term.
  std::optional<absl::Duration> last_contact_ago;
};

struct NodeStatus {
  ClusterId cluster;
  MemberId self;
  Role role = Role::kFollower;
  Term term;
  std::optional<MemberId> leader;
  LogIndex commit;
  LogIndex applied;
  LogIndex last_log;
  // Entries up to here are only in the state.
  LogIndex snapshot;
  Configuration configuration;
  LogIndex configuration_index;
  bool configuration_committed = false;
  // 64 hex digits; equal on all members that applied the same.
  std::string running_hash;
  RoleReason last_role_change = RoleReason::kElectionTimeout;
  std::vector<PeerProgress> peers;  // of a leader
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_NODE_STATUS_H_
