// SPDX-License-Identifier: Apache-2.0
// What to do about one of OVN's databases on this node: pure.
//
// The states of a server's life in its cluster, as they are seen from files
// and sockets, and for each the one next action. Whatever happened in between
// (a power cut, a kick, an agent that was off) the next look finds its place
// again.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_PLAN_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_PLAN_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/ovn/central.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/facts/node_view.h"

namespace microovn::agent {

struct DatabaseWish {
  // Whether this node should serve the database.
  bool central = false;
  // This node makes the database; who is not to, joins it.
  bool creator = false;
  // The state says that this node's server is a part of the cluster.
  bool self_joined = false;
  // IP addresses of the other members whose servers are.
  std::vector<std::string> remotes;
  // Of the database; empty until it has been made.
  std::string cluster_id;
  // Of the one before it, which had lost its quorum and is given up; empty if
  // there was none. With `creator`: the database is made of this node's copy
  // of that one, and never of nothing.
  std::string replaced_cluster_id;
};

DatabaseWish WishOf(const NodeView& view, absl::string_view database);

struct DatabaseObservation {
  // The service has a process; it is ready when its socket answers.
  bool running = false;
  bool ready = false;
  bool file_exists = false;
  // Read when nothing runs.
  std::optional<DatabaseFile> file;
  // It is no database any more, as after a power cut; no server starts on it.
  bool unreadable = false;
  // Read when the server is ready: its status, or that it has the database no
  // more because it left or was kicked.
  std::optional<OvsdbClusterStatus> status;
  bool gone = false;
  // ovn-controller of this node, which leaves too, has yet to remove its
  // chassis through this server.
  bool chassis_first = false;
  // How long the server has been trying to leave, and how long it has seen the
  // others but found no leader.
  absl::Duration leaving_for;
  absl::Duration outvoted_for;
  // An earlier plan gave the file up.
  bool given_up = false;
  // Of the file, as it was last known: also while the server starts.
  std::string known_cluster_id;
};

enum class DatabaseAction {
  kNone,
  kCreate,
  kJoin,
  kEnsureListener,
  kLeave,
  // Keeps the file under another name.
  kMoveAside,
  // Of a server that was never admitted: nothing is in it.
  kDiscard,
  // A new cluster of this server alone, with what the file holds; the file is
  // kept under another name.
  kRecover,
};

std::ostream& operator<<(std::ostream& out, DatabaseAction action);

struct DatabasePlan {
  bool run_server = false;
  DatabaseAction action = DatabaseAction::kNone;
  // Nothing will come of this file; see DatabaseObservation::given_up.
  bool give_up = false;
  // Empty when the database is as wanted after the action.
  std::string waiting_for;
};

// A server that cannot leave gracefully, for want of a quorum, is stopped after
// this; the others put it out.
inline constexpr absl::Duration kLeavePatience = absl::Seconds(30);
// A server that its peers answer and that finds no leader for this long has
// been put out of the cluster, if the state agrees.
inline constexpr absl::Duration kOutvotedPatience = absl::Seconds(10);

DatabasePlan PlanDatabase(const DatabaseWish& wish,
                          const DatabaseObservation& seen);

// Whether the server hears from a majority of the others and yet has no
// leader: see kOutvotedPatience.
bool Outvoted(const OvsdbClusterStatus& status);

// Whether this node's server still is a part of the database's cluster.
bool Joined(const DatabaseWish& wish, const DatabaseObservation& seen);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_PLAN_H_
