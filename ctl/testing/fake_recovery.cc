// SPDX-License-Identifier: Apache-2.0
#include "ctl/testing/fake_recovery.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "ctl/client/rpc.h"
#include "ctl/testing/fake_node.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {
namespace {

using google::longrunning::Operation;
using Request = v1::RecoverDatabaseRequest;

bool Accepts(const Request& request, const char* risk) {
  return std::count(request.accept_risks().begin(),
                    request.accept_risks().end(), risk) > 0;
}

Operation Recovery(const Request& request) {
  const std::string title =
      request.name() == "databases/nb" ? "Northbound" : "Southbound";
  v1::OperationMetadata metadata;
  metadata.set_kind("recover-database");
  metadata.set_target(request.name());
  SetTime(FakeNow(), metadata.mutable_create_time());
  v1::Step* step = metadata.mutable_plan()->add_steps();
  step->set_description(absl::StrCat("make the ", title,
                                     " database anew from the copy of node1"));
  step->add_members("node1");
  step->set_state(v1::Step::STATE_DONE);
  metadata.mutable_plan()->add_warnings(
      "what only node2, node10 have is lost; where the machine can be brought "
      "back, do that instead");
  v1::Risk* risk = metadata.mutable_plan()->add_risks();
  risk->set_name("data-loss");
  risk->set_description(
      absl::StrCat("changes of the ", title,
                   " database that only other servers have are "
                   "lost"));
  risk->set_accepted(Accepts(request, "data-loss"));
  Operation operation;
  operation.set_name(request.validate_only() ? "operations/planned"
                                             : "operations/recover-database-1");
  operation.set_done(true);
  operation.mutable_metadata()->PackFrom(metadata);
  v1::RecoverDatabaseResult result;
  result.set_member("node1");
  result.add_joined("node1");
  operation.mutable_response()->PackFrom(result);
  return operation;
}

absl::StatusOr<Operation> Answer(bool lost, const Request& request) {
  if (!lost && !Accepts(request, "healthy-database")) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "the database has its quorum, or is electing a leader",
                     {"DATABASE_HAS_QUORUM", "see \"microovn status\"", {}});
  }
  if (request.member() == "members/node10") {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "node10 has no copy that the database can be made from",
                     {"NO_DATABASE_COPY", "start the server there", {}});
  }
  if (!request.validate_only() && !Accepts(request, "data-loss")) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     "nobody has accepted the risk \"data-loss\"",
                     {"RISK_NOT_ACCEPTED", "", {}});
  }
  return Recovery(request);
}

}  // namespace

void LoseDatabaseQuorum(v1::ClusterStatus* status) {
  status->set_health(v1::HEALTH_CRITICAL);
  for (v1::DatabaseStatus& database : *status->mutable_databases()) {
    database.clear_leader();
    database.set_live_servers(0);
    database.set_can_lose(0);
    for (v1::DatabaseReplica& replica : *database.mutable_replicas()) {
      replica.set_reachable(replica.member() == "node1");
      replica.clear_status();
      if (!replica.reachable()) continue;
      replica.set_status("disconnected from the cluster (election timeout)");
      replica.set_log_end(44);
      replica.set_not_committed(2);
    }
  }
}

void PlayRecovery(bool lost, FakeAgent* agent) {
  agent->Answer<Request, Operation>(
      kRecoverDatabase,
      [lost](const Request& request) { return Answer(lost, request); });
}

}  // namespace microovn::ctl
