// SPDX-License-Identifier: Apache-2.0
// What an OVSDB server says of itself as a member of a clustered database: the
// text of `cluster/status` as a value.
//
// Read by the database reconciler and by status. Pure, thread-safe.
#ifndef MICROOVN_AGENT_OVN_OVSDB_CLUSTER_STATUS_H_
#define MICROOVN_AGENT_OVN_OVSDB_CLUSTER_STATUS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace microovn::agent {

// The "Status:" line.
enum class OvsdbMembership {
  kMember,
  kJoining,
  kLeaving,
  kLeft,
  // Its storage failed.
  kFailed,
  // Elections that it starts do not end: no quorum, or the others have put it
  // out of the cluster while it was down.
  kDisconnected,
  // A word that this build does not know.
  kOther,
};

enum class OvsdbRole { kLeader, kFollower, kCandidate, kOther };

struct OvsdbServer {
  // The first digits of the server id, as many as tell servers apart.
  std::string id;
  // "ssl:10.0.0.1:6643"
  std::string address;
  bool self = false;
  // What the leader knows of this server.
  std::optional<uint64_t> next_index;
  std::optional<uint64_t> match_index;
  // Time since its last message; empty when there was none.
  std::optional<absl::Duration> last_message;
};

struct OvsdbConnection {
  // "0000" until the peer has said its id.
  std::string peer;
  bool outgoing = false;
  bool connected = false;
};

struct OvsdbClusterStatus {
  // "OVN_Northbound"
  std::string database;
  // UUID; empty as long as a joining server does not know it.
  std::string cluster_id;
  std::string server_id;
  std::string short_id;
  std::string address;
  // The status as the server words it.
  std::string status;
  OvsdbMembership membership = OvsdbMembership::kOther;
  // Whom a joining server asks.
  std::vector<std::string> joining_remotes;
  OvsdbRole role = OvsdbRole::kOther;
  uint64_t term = 0;
  // Short ids; empty when unknown.
  std::string leader;
  std::string vote;
  absl::Duration election_timer;
  // The log holds entries [log_first, log_end).
  uint64_t log_first = 0;
  uint64_t log_end = 0;
  uint64_t not_committed = 0;
  uint64_t not_applied = 0;
  std::vector<OvsdbConnection> connections;
  uint64_t disconnections = 0;
  std::vector<OvsdbServer> servers;

  // Serves clients: a member that knows its leader.
  bool serving() const {
    return membership == OvsdbMembership::kMember && !leader.empty();
  }
  bool is_leader() const { return role == OvsdbRole::kLeader; }
};

// INVALID_ARGUMENT when a line that every version prints is missing or
// malformed. Lines that are not known are passed over.
absl::StatusOr<OvsdbClusterStatus> ParseOvsdbClusterStatus(
    absl::string_view text);

// The host of "ssl:10.0.0.1:6643" or "ssl:[fd00::1]:6643", without brackets;
// empty when `address` has another form.
std::string HostOfOvsdbAddress(absl::string_view address);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_OVSDB_CLUSTER_STATUS_H_
