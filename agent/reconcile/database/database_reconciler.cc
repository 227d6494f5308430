// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/database_reconciler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/ovn/connections.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {

using supervisor::Service;

DatabaseReconciler::DatabaseReconciler(CentralDatabase database,
                                       NodeFacts* facts, const Clock* clock,
                                       const ChangeWatch* watch,
                                       ChangeWatch* listeners)
    : database_(std::move(database)),
      service_(database_.kind().name == "nb" ? Service::kNbOvsdbServer
                                             : Service::kSbOvsdbServer),
      name_(absl::StrCat(database_.kind().name, "-database")),
      facts_(*facts),
      own_facts_(database_.kind().name == "nb" ? facts->nb : facts->sb),
      clock_(*clock),
      watch_(watch),
      listeners_(listeners) {}

pid_t DatabaseReconciler::ServerPid() const {
  const auto found = facts_.services.find(service_);
  return found == facts_.services.end() ? 0 : found->second.pid;
}

absl::Status DatabaseReconciler::Reconcile(const NodeView& view) {
  if (!facts_.services_seen) {
    return absl::UnavailableError("the services have not been looked at yet");
  }
  const DatabaseWish wish = WishOf(view, database_.kind().name);
  // What cannot be looked at is as the state has it.
  if (!looked_) own_facts_.joined = wish.self_joined;
  ASSIGN_OR_RETURN(DatabaseObservation seen, Observe(view));
  looked_ = true;
  absent_ = !wish.central && !seen.file_exists && !seen.running;
  NoteTimes(wish, &seen);
  const DatabasePlan plan = PlanDatabase(wish, seen);
  if (plan.give_up && !given_up_) {
    LOG(WARNING) << database_.kind().schema_name << ": waiting for "
                 << plan.waiting_for;
    given_up_ = true;
  }
  Publish(wish, seen, plan);
  RETURN_IF_ERROR(Act(view, wish, plan.action));
  if (plan.waiting_for.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("waiting for ", plan.waiting_for));
}

absl::StatusOr<DatabaseObservation> DatabaseReconciler::Observe(
    const NodeView& view) {
  DatabaseObservation seen;
  seen.running = facts_.Running(service_);
  seen.ready = facts_.Ready(service_);
  seen.file_exists = database_.FileExists();
  if (!seen.file_exists) given_up_ = false;
  seen.given_up = given_up_;
  seen.known_cluster_id = own_facts_.cluster_id;
  seen.chassis_first = view.leaving() && facts_.Running(Service::kChassis);
  status_.reset();
  if (seen.file_exists && !seen.running) {
    absl::StatusOr<DatabaseFile> file = database_.InspectFile();
    seen.unreadable = absl::IsDataLoss(file.status());
    if (!seen.unreadable) {
      ASSIGN_OR_RETURN(seen.file, std::move(file));
    }
  }
  if (seen.ready) RETURN_IF_ERROR(ObserveServer(&seen));
  return seen;
}

absl::Status DatabaseReconciler::ObserveServer(DatabaseObservation* seen) {
  absl::StatusOr<OvsdbClusterStatus> status = database_.Status();
  if (absl::IsNotFound(status.status())) {
    seen->gone = true;
    return absl::OkStatus();
  }
  // It has ended since the supervisor looked.
  if (absl::IsUnavailable(status.status())) return absl::OkStatus();
  RETURN_IF_ERROR(status.status());
  status_ = *std::move(status);
  seen->status = status_;
  return absl::OkStatus();
}

void DatabaseReconciler::NoteTimes(const DatabaseWish& wish,
                                   DatabaseObservation* seen) {
  const absl::Duration now = clock_.Monotonic();
  const bool leaving =
      !wish.central && seen->file_exists && !seen->chassis_first;
  if (!leaving) {
    leaving_since_.reset();
  } else if (!leaving_since_.has_value()) {
    leaving_since_ = now;
  }
  const bool outvoted = seen->status.has_value() && Outvoted(*seen->status);
  if (!outvoted) {
    outvoted_since_.reset();
  } else if (!outvoted_since_.has_value()) {
    outvoted_since_ = now;
  }
  seen->leaving_for = now - leaving_since_.value_or(now);
  seen->outvoted_for = now - outvoted_since_.value_or(now);
}

void DatabaseReconciler::Publish(const DatabaseWish& wish,
                                 const DatabaseObservation& seen,
                                 const DatabasePlan& plan) {
  own_facts_.decided = true;
  own_facts_.run_server = plan.run_server;
  own_facts_.joined = !plan.give_up && Joined(wish, seen);
  own_facts_.serving = seen.status.has_value() && seen.status->serving();
  own_facts_.leader = own_facts_.serving && seen.status->is_leader();
  own_facts_.file_exists = seen.file_exists;
  if (seen.status.has_value()) {
    own_facts_.cluster_id = seen.status->cluster_id;
    own_facts_.server_id = seen.status->server_id;
  } else if (seen.file.has_value()) {
    own_facts_.cluster_id = seen.file->cluster_id;
    own_facts_.server_id = seen.file->server_id;
  } else if (!seen.file_exists) {
    own_facts_.cluster_id.clear();
    own_facts_.server_id.clear();
  }
  findings_.clear();
  if (seen.status.has_value() &&
      seen.status->membership == OvsdbMembership::kFailed) {
    findings_.push_back(
        {"DATABASE_STORAGE_FAILED",
         absl::StrCat("the storage of ", database_.kind().schema_name,
                      " has failed on this member"),
         "check the disk and its free space, then restart the server"});
  }
}

absl::Status DatabaseReconciler::Act(const NodeView& view,
                                     const DatabaseWish& wish,
                                     DatabaseAction action) {
  switch (action) {
    case DatabaseAction::kNone:
      return absl::OkStatus();
    case DatabaseAction::kCreate:
    case DatabaseAction::kJoin: {
      const std::string local_ip = AddressOf(*view.self()).host;
      RETURN_IF_ERROR(action == DatabaseAction::kCreate
                          ? database_.CreateCluster(local_ip)
                          : database_.JoinCluster(local_ip, wish.remotes));
      LOG(INFO) << database_.kind().schema_name << ": "
                << (action == DatabaseAction::kCreate ? "created" : "joining");
      own_facts_.file_exists = true;
      own_facts_.run_server = true;
      return absl::OkStatus();
    }
    case DatabaseAction::kEnsureListener:
      return EnsureListener();
    case DatabaseAction::kLeave:
      return database_.Leave();
    case DatabaseAction::kMoveAside:
      return MoveAside();
    case DatabaseAction::kRecover:
      return Recover(view);
    case DatabaseAction::kDiscard:
      given_up_ = false;
      own_facts_.file_exists = false;
      return database_.DiscardFile();
  }
  return absl::OkStatus();
}

absl::Status DatabaseReconciler::Recover(const NodeView& view) {
  ASSIGN_OR_RETURN(
      const std::string kept,
      database_.RecoverCluster(
          AddressOf(*view.self()).host,
          absl::ToCivilSecond(clock_.Now(), absl::LocalTimeZone())));
  LOG(WARNING) << database_.kind().schema_name
               << " was made anew from this member's copy, which is kept in "
               << kept;
  // Nobody has given the new file up. Of which cluster it is, the next look
  // tells.
  given_up_ = false;
  own_facts_.cluster_id.clear();
  return absl::OkStatus();
}

absl::Status DatabaseReconciler::EnsureListener() {
  const pid_t pid = ServerPid();
  // From before looking: what happens meanwhile makes the look old.
  const std::optional<uint64_t> version =
      listeners_ == nullptr ? std::nullopt : listeners_->Version();
  if (pid != 0 && pid == listener_of_ && version.has_value() &&
      version == listener_version_) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(database_.EnsureListener());
  listener_of_ = pid;
  listener_version_ = version;
  return absl::OkStatus();
}

absl::Status DatabaseReconciler::MoveAside() {
  ASSIGN_OR_RETURN(const std::string kept,
                   database_.MoveAside(absl::ToCivilSecond(
                       clock_.Now(), absl::LocalTimeZone())));
  LOG(INFO) << database_.kind().schema_name << " is kept in " << kept;
  given_up_ = false;
  own_facts_.file_exists = false;
  own_facts_.joined = false;
  own_facts_.cluster_id.clear();
  return absl::OkStatus();
}

}  // namespace microovn::agent
