// SPDX-License-Identifier: Apache-2.0
// What a node says about itself. Plain values.
#ifndef MICROOVN_RAFT_NODE_METRICS_NODE_STATUS_H_
#define MICROOVN_RAFT_NODE_METRICS_NODE_STATUS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"
#include "raft/node/metrics/node_metrics.h"
#include "raft/storage/space/disk_space.h"

namespace microovn::raft {

// How far a member is, as its leader sees it.
struct PeerProgress {
  enum class State { kReplicating, kSnapshot };

  MemberId member;
  bool voter = false;
  LogIndex match;
  bool quarantined = false;  // as below
  State state = State::kReplicating;
  // None if it was not heard from in this leader's term.
  std::optional<absl::Duration> last_contact_ago;
  // Sent and not yet acknowledged.
  size_t inflight_messages = 0;
  size_t inflight_bytes = 0;
  // Of a snapshot: the first byte that it lacks, and bytes in a second.
  uint64_t snapshot_offset = 0;
  std::optional<uint64_t> snapshot_rate;
};

// Of the disk that holds the log.
struct SpaceReport {
  SpaceLevel level = SpaceLevel::kOk;
  DiskSpace space;  // zero: not measured
};

// Made with the inbox's claim, so all that is of the core is of one moment;
// `applied`, `running_hash` and what other threads measured may be a little
// later.
struct NodeStatus {
  ClusterId cluster;
  MemberId self;
  Role role = Role::kFollower;
  Term term;
  std::optional<MemberId> leader;
  LogIndex commit;
  LogIndex applied;
  LogIndex last_log;
  Term last_term;  // of that entry
  // Entries up to here are only in the state.
  LogIndex snapshot;
  Configuration configuration;
  LogIndex configuration_index;
  bool configuration_committed = false;
  // Of the newest configuration in which this member votes; 0: it does in none
  // that may be in force.
  LogIndex voter_at;
  // 64 hex digits; equal on all members that applied the same.
  std::string running_hash;
  // Acknowledged writes of this member are gone: it does not vote and is not
  // counted until a leader has brought it past what it lost. Empty otherwise.
  std::optional<Quarantine> quarantine;
  RoleReason last_role_change = RoleReason::kElectionTimeout;
  std::vector<PeerProgress> peers;  // of a leader
  // Since a message of each other member came that was heard at all, whoever
  // led then.
  std::map<MemberId, absl::Duration> heard_ago;
  SpaceReport space;
  NodeMetrics metrics;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_METRICS_NODE_STATUS_H_
