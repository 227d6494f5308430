// SPDX-License-Identifier: Apache-2.0
// Timing and limits of one core. The defaults suit a local network. Times are
// microseconds, sizes bytes.
#ifndef MICROOVN_RAFT_CORE_VALUES_OPTIONS_H_
#define MICROOVN_RAFT_CORE_VALUES_OPTIONS_H_

#include <cstddef>
#include <cstdint>

#include "raft/core/values/types.h"

namespace microovn::raft {

// Constant after construction of the core. The two timing groups may differ
// between members; safety never depends on them.
struct Options {
  // A follower that hears nothing campaigns after a time drawn from
  // [election_timeout, 2 * election_timeout). It withholds its vote for
  // election_timeout after it heard from a leader, and a leader that a
  // majority did not answer for election_timeout steps down.
  Micros election_timeout = 300'000;
  Micros heartbeat_interval = 60'000;
  // After the connection to the leader broke, the voters that are left ask for
  // pre-votes one after another, this far apart and in the order of their ids,
  // so that their votes do not split. Above the time of an election.
  Micros connection_loss_slot = 25'000;
  // A learner that has all that the leader has is sent one heartbeat in this
  // many. At least 1. Only the simulator sets it: with few learners it reaches
  // with small numbers what a cluster of a thousand does with this one.
  uint64_t learner_heartbeat_rounds = 20;
  // How long news of a commitment waits for an Append that carries it;
  // followers apply later by as much. 0: not at all. A member that asked for a
  // read and a change of the configuration do not wait. A node waits 5 ms
  // (NodeOptions); the simulator draws it, for tests of one rule it is 0.
  Micros commit_notice_delay = 0;
  // A transfer of leadership that took longer is given up.
  Micros transfer_timeout = 300'000;

  // One Append message, one Apply output.
  size_t max_entries_per_message = 1024;
  size_t max_bytes_per_message = size_t{512} * 1024;
  // Sent to one peer and not yet acknowledged.
  size_t max_inflight_messages = 64;
  size_t max_inflight_bytes = size_t{8} * 1024 * 1024;
  // Appended by this leader and not yet committed; beyond it proposals are
  // refused. Also bounds one proposal.
  size_t max_uncommitted_bytes = size_t{16} * 1024 * 1024;
  size_t max_payload_bytes = size_t{1024} * 1024;
  // Given out in Apply outputs and not yet reported by Applied.
  size_t max_unapplied_bytes = size_t{8} * 1024 * 1024;
  size_t max_pending_reads = size_t{16} * 1024;

  // How much a chunk that the node reads for a peer may hold.
  size_t snapshot_chunk_bytes = size_t{256} * 1024;
  // Entries kept behind a checkpoint, so that a member that was away for a
  // short time needs no snapshot.
  uint64_t retained_entries = 4096;

  // The hash of the state is compared at applied indexes that are multiples of
  // this, so members should agree on it. At least 1: there is no way not to.
  uint64_t state_mark_interval = 256;

  friend bool operator==(const Options& a, const Options& b);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_CORE_VALUES_OPTIONS_H_
