// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/database_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/ovn/connections.h"
#include "agent/state/values/member_view.h"

namespace microovn::agent {
namespace {

DatabasePlan Run(std::string waiting_for) {
  DatabasePlan plan;
  plan.run_server = true;
  plan.waiting_for = std::move(waiting_for);
  return plan;
}

DatabasePlan Stop(std::string waiting_for) {
  DatabasePlan plan;
  plan.waiting_for = std::move(waiting_for);
  return plan;
}

DatabasePlan Act(DatabaseAction action, std::string waiting_for) {
  DatabasePlan plan;
  plan.action = action;
  plan.waiting_for = std::move(waiting_for);
  return plan;
}

DatabasePlan GiveUp(std::string waiting_for) {
  DatabasePlan plan = Stop(std::move(waiting_for));
  plan.give_up = true;
  return plan;
}

bool OtherCluster(const DatabaseWish& wish, const std::string& cluster_id) {
  return !wish.cluster_id.empty() && !cluster_id.empty() &&
         wish.cluster_id != cluster_id;
}

// Whether this node makes the database of what it has of the one before.
bool Recovers(const DatabaseWish& wish) {
  return wish.creator && !wish.replaced_cluster_id.empty();
}

// Until the new one is made. What there is of the old one is not served any
// more, and nothing is made without it. Nothing when the new one is there.
std::optional<DatabasePlan> PlanRecovery(const DatabaseWish& wish,
                                         const DatabaseObservation& seen) {
  if (seen.running) {
    const std::string& known = seen.status.has_value() ? seen.status->cluster_id
                                                       : seen.known_cluster_id;
    if (!known.empty() && known != wish.replaced_cluster_id) {
      return std::nullopt;
    }
    return Stop("the server of the database's old cluster to stop");
  }
  if (!seen.file_exists || seen.unreadable || !seen.file.has_value() ||
      seen.file->cluster_id.empty()) {
    return Stop(
        "the database's file, which cannot be used: recover it from another "
        "member's copy");
  }
  if (seen.file->cluster_id != wish.replaced_cluster_id) return std::nullopt;
  return Act(DatabaseAction::kRecover, "the recovered database to be served");
}

// Whether a joining server asks somebody who can still admit it.
bool AsksSomebody(const DatabaseWish& wish, const OvsdbClusterStatus& status) {
  return std::any_of(
      status.joining_remotes.begin(), status.joining_remotes.end(),
      [&](const std::string& address) {
        return std::count(wish.remotes.begin(), wish.remotes.end(),
                          HostOfOvsdbAddress(address)) > 0;
      });
}

DatabasePlan PlanMissing(const DatabaseWish& wish,
                         const DatabaseObservation& seen) {
  if (seen.running) return Stop("the server without a file to stop");
  if (wish.creator) return Act(DatabaseAction::kCreate, "the new database");
  if (wish.remotes.empty()) {
    return Stop(wish.self_joined
                    ? "the database's file, which is gone: put a backup back"
                    : "the first server of the database");
  }
  return Act(DatabaseAction::kJoin, "the server to start");
}

DatabasePlan PlanStopped(const DatabaseWish& wish,
                         const DatabaseObservation& seen) {
  if (seen.unreadable) {
    // The others have all that was in it.
    if (!wish.creator && !wish.remotes.empty()) {
      return Act(DatabaseAction::kMoveAside, "the server to join again");
    }
    return Stop("the database's file, which cannot be read: put a backup back");
  }
  if (!seen.file.has_value()) return Run("the server to start");
  const DatabaseFile& file = *seen.file;
  const bool never_admitted = file.cluster_id.empty();
  if (never_admitted && (wish.creator || seen.given_up)) {
    return Act(DatabaseAction::kDiscard, "a new start");
  }
  if (file.left || seen.given_up || OtherCluster(wish, file.cluster_id)) {
    return Act(DatabaseAction::kMoveAside, "the server to join again");
  }
  return Run("the server to start");
}

DatabasePlan PlanJoining(const DatabaseWish& wish,
                         const OvsdbClusterStatus& status) {
  const bool hopeless =
      wish.creator || (!wish.remotes.empty() && !AsksSomebody(wish, status));
  // One that knows its cluster has been admitted and only catches up.
  if (status.cluster_id.empty() && hopeless) {
    return GiveUp("the server to ask others for admission");
  }
  return Run("the server to be admitted");
}

DatabasePlan PlanServing(const DatabaseWish& wish,
                         const DatabaseObservation& seen) {
  if (seen.gone) return GiveUp("the server, which was put out, to stop");
  if (!seen.status.has_value()) return Run("the server to answer");
  const OvsdbClusterStatus& status = *seen.status;
  if (OtherCluster(wish, status.cluster_id)) {
    return GiveUp("the server of another cluster to stop");
  }
  switch (status.membership) {
    case OvsdbMembership::kJoining:
      return PlanJoining(wish, status);
    case OvsdbMembership::kLeaving:
      return Run("the server to finish leaving before it joins again");
    case OvsdbMembership::kLeft:
      return GiveUp("the server that left to stop");
    case OvsdbMembership::kFailed:
      return Run("the server's storage, which has failed");
    case OvsdbMembership::kMember:
    case OvsdbMembership::kDisconnected:
    case OvsdbMembership::kOther:
      break;
  }
  if (!wish.self_joined && !wish.creator &&
      seen.outvoted_for >= kOutvotedPatience) {
    return GiveUp("the server, which was put out, to stop");
  }
  if (!status.serving()) return Run("the database to have a leader");
  DatabasePlan plan;
  plan.run_server = true;
  plan.action = DatabaseAction::kEnsureListener;
  return plan;
}

// The file is kept unless nothing can be in it.
DatabasePlan PutAway(const DatabaseObservation& seen) {
  const bool never_admitted =
      seen.file.has_value() && seen.file->cluster_id.empty();
  return Act(
      never_admitted ? DatabaseAction::kDiscard : DatabaseAction::kMoveAside,
      "");
}

DatabasePlan PlanLeaving(const DatabaseWish& wish,
                         const DatabaseObservation& seen) {
  const bool others = !wish.remotes.empty();
  const bool patient = seen.leaving_for < kLeavePatience;
  if (!seen.file_exists) {
    return Stop(seen.running ? "the server to stop" : "");
  }
  if (!seen.running) {
    const bool member = seen.file.has_value() && !seen.file->left &&
                        !seen.file->cluster_id.empty();
    if (member && others && patient && !seen.given_up) {
      return Run("the server to start, so that it can leave its cluster");
    }
    return PutAway(seen);
  }
  // Once it is told to stop it does not answer any more, which must not be
  // taken for a server that has yet to leave.
  if (seen.given_up) return Stop("the server to stop");
  if (seen.gone || !others || !patient) return GiveUp("the server to stop");
  if (!seen.ready || !seen.status.has_value()) {
    return Run("the server to answer, so that it can leave its cluster");
  }
  if (seen.status->membership == OvsdbMembership::kJoining ||
      seen.status->membership == OvsdbMembership::kFailed) {
    return GiveUp("the server to stop");
  }
  if (seen.chassis_first) return Run("the chassis to be removed");
  DatabasePlan plan = Run("the server to leave its cluster");
  if (seen.status->membership != OvsdbMembership::kLeaving) {
    plan.action = DatabaseAction::kLeave;
  }
  return plan;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, DatabaseAction action) {
  switch (action) {
    case DatabaseAction::kNone:
      return out << "none";
    case DatabaseAction::kCreate:
      return out << "create";
    case DatabaseAction::kJoin:
      return out << "join";
    case DatabaseAction::kEnsureListener:
      return out << "ensure the listener";
    case DatabaseAction::kLeave:
      return out << "leave";
    case DatabaseAction::kMoveAside:
      return out << "move aside";
    case DatabaseAction::kDiscard:
      return out << "discard";
    case DatabaseAction::kRecover:
      return out << "recover";
  }
  return out;
}

DatabaseWish WishOf(const NodeView& view, absl::string_view database) {
  DatabaseWish wish;
  wish.central = view.Wants(statepb::SERVICE_CENTRAL);
  const statepb::Database* record = view.state().databases.Find(database);
  if (record == nullptr) return wish;
  wish.creator = Creates(*record, view.self_id());
  wish.self_joined = HasJoined(*record, view.self_id());
  wish.cluster_id = record->ovsdb_cluster_id();
  wish.replaced_cluster_id = record->replaced_cluster_id();
  for (const statepb::Member* member : MembersInOrder(view.state())) {
    if (member->member_id() == view.self_id()) continue;
    if (!HasJoined(*record, member->member_id())) continue;
    wish.remotes.push_back(AddressOf(*member).host);
  }
  return wish;
}

DatabasePlan PlanDatabase(const DatabaseWish& wish,
                          const DatabaseObservation& seen) {
  if (!wish.central) return PlanLeaving(wish, seen);
  if (Recovers(wish)) {
    const std::optional<DatabasePlan> plan = PlanRecovery(wish, seen);
    if (plan.has_value()) return *plan;
  }
  if (!seen.file_exists) return PlanMissing(wish, seen);
  if (!seen.running) return PlanStopped(wish, seen);
  if (seen.given_up) return Stop("the server to stop");
  if (!seen.ready) return Run("the server to be ready");
  return PlanServing(wish, seen);
}

bool Outvoted(const OvsdbClusterStatus& status) {
  if (status.membership != OvsdbMembership::kDisconnected) return false;
  size_t heard = 0;
  for (const OvsdbServer& server : status.servers) {
    if (!server.self && server.last_message.has_value() &&
        *server.last_message < 4 * status.election_timer) {
      ++heard;
    }
  }
  // With this server they could elect a leader.
  return 2 * (heard + 1) > status.servers.size() && heard > 0;
}

bool Joined(const DatabaseWish& wish, const DatabaseObservation& seen) {
  if (!seen.file_exists || seen.gone || seen.given_up) return false;
  if (seen.file.has_value() &&
      (seen.file->left || OtherCluster(wish, seen.file->cluster_id))) {
    return false;
  }
  const bool serving =
      wish.central && seen.status.has_value() && seen.status->serving() &&
      !OtherCluster(wish, seen.status->cluster_id) &&
      !(Recovers(wish) && seen.status->cluster_id == wish.replaced_cluster_id);
  return serving || wish.self_joined;
}

}  // namespace microovn::agent
