// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/storage_reconciler.h"

#include "absl/strings/str_cat.h"
#include "base/file/free_space.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

using supervisor::Service;

StorageReconciler::StorageReconciler(
    const std::vector<CentralDatabase>& databases, const NodeFacts* facts)
    : facts_(*facts) {
  for (const CentralDatabase& database : databases) {
    servers_.push_back({database, StorageWatch(), 0});
  }
}

absl::Status StorageReconciler::Reconcile(const NodeView&) {
  findings_.clear();
  absl::Status result;
  for (Server& server : servers_) result.Update(Look(server));
  return result;
}

absl::Status StorageReconciler::Look(Server& server) {
  const CentralDatabase& database = server.database;
  const Service service = database.kind().name == Northbound().name
                              ? Service::kNbOvsdbServer
                              : Service::kSbOvsdbServer;
  if (!facts_.Ready(service) || !database.FileExists()) return absl::OkStatus();
  const pid_t pid = facts_.services.at(service).pid;
  if (pid != server.pid) server.watch = StorageWatch();
  server.pid = pid;
  ASSIGN_OR_RETURN(const FreeSpace space, database.Space());
  server.watch.See(space);
  if (server.watch.full()) {
    findings_.push_back(
        {"DATABASE_STORAGE_FAILED",
         absl::StrCat(space.free >> 10, " KiB are left for the file of ",
                      database.kind().schema_name,
                      ": its server may not be able to keep what it is sent"),
         "free space on the disk of the OVN databases; do not restart the "
         "server before"});
  }
  if (!server.watch.due()) return absl::OkStatus();
  RETURN_IF_ERROR(database.Compact());
  LOG(INFO) << database.kind().schema_name
            << ": there is space again; its file was written anew";
  server.watch.Settle();
  return absl::OkStatus();
}

}  // namespace microovn::agent
