// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/recover_database.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/operation/steps.h"
#include "agent/state/values/features.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {
namespace {

using statepb::Database;
using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;

constexpr StepWords kWords[] = {
    {kStepRecoverDatabase,
     "make the {database} database anew from the copy of {member}"},
    {kStepRejoinDatabase, "have the other servers join it"},
};

const Database* DatabaseOf(const ClusterState& state,
                           const Operation& operation) {
  return state.databases.Find(operation.database());
}

Arguments Describe(const Operation& operation) {
  return {{"database", DatabaseTitle(operation.database())},
          {"member", operation.member_name()}};
}

std::string Target(const Operation& operation) {
  return absl::StrCat("databases/", operation.database());
}

absl::StatusOr<Operation> Check(const ClusterState& state,
                                const Operation& asked) {
  // To agents that do not know the kind it is the same.
  if (ActiveLevel(state, kFeatureDatabaseRecovery) == 0) {
    return CommandMalformed("unknown", "operation-kind");
  }
  const Database* database = DatabaseOf(state, asked);
  if (database == nullptr) return CommandMalformed("unknown", "database");
  if (!database->created() && !Recovers(*database)) {
    return CommandMalformed("not-made", "database");
  }
  const Member* member = state.members.Find(asked.member_id());
  if (member == nullptr) return TargetMemberNotFound(asked.member_id());
  if (!Runs(*member, statepb::SERVICE_CENTRAL)) {
    return CommandMalformed("not-central", "member-id");
  }
  Operation checked = asked;
  checked.set_member_name(member->name());
  return checked;
}

absl::StatusOr<ChangePlan> Plan(const ClusterState& state,
                                const Operation& checked) {
  ChangePlan plan;
  plan.steps.push_back(PendingStep(kStepRecoverDatabase, Describe(checked),
                                   {checked.member_id()}));
  std::vector<std::string> others;
  for (const Member* member : CentralMembers(state)) {
    if (member->member_id() != checked.member_id()) {
      others.push_back(member->member_id());
    }
  }
  if (!others.empty()) {
    plan.steps.push_back(
        PendingStep(kStepRejoinDatabase, Describe(checked), others));
  }
  return plan;
}

void Want(ApplyContext& context, const Operation& operation) {
  ClusterState& state = context.state();
  Database database = *DatabaseOf(state, operation);
  // Asked again, the one to be given up is the same.
  if (!Recovers(database)) {
    database.set_replaced_cluster_id(database.ovsdb_cluster_id());
  }
  database.set_creator_id(operation.member_id());
  database.set_created(false);
  database.clear_joined_ids();
  database.clear_ovsdb_cluster_id();
  database.set_recovery_id(operation.operation_id());
  state.databases.Put(operation.database(), database);
  context.RecordDesired("DATABASE_RECOVERING", Target(operation),
                        Describe(operation));
}

// Whether the new one is there already, nobody knows here.
absl::Status Undo(ApplyContext&, const Operation&) {
  return OperationNotCancellable(
      "the database may have been made anew already");
}

StepOutcome AwaitDatabase(const OperationView& view) {
  const Database* database = DatabaseOf(view.state, view.operation);
  if (database == nullptr || database->created()) return Finished();
  return Waiting(WhyNotConverged(view, view.operation.member_id()));
}

// Members that are off join when they are back.
StepOutcome AwaitServers(const OperationView& view, const OperationStep& step) {
  const Database* database = DatabaseOf(view.state, view.operation);
  std::vector<std::string> waiting;
  std::vector<std::string> late;
  for (const std::string& id : step.member_ids()) {
    const Member* member = view.state.members.Find(id);
    if (database == nullptr || member == nullptr ||
        !Runs(*member, statepb::SERVICE_CENTRAL) || HasJoined(*database, id)) {
      continue;
    }
    (view.facts.silent_ids.count(id) > 0 ? late : waiting)
        .push_back(member->name());
  }
  if (!waiting.empty() && Elapsed(view) < kRecoverSeconds) {
    return Waiting(absl::StrCat("waiting for ", absl::StrJoin(waiting, ", ")));
  }
  late.insert(late.end(), waiting.begin(), waiting.end());
  if (late.empty()) return Finished();
  return Skipped(absl::StrCat("not there yet: ", absl::StrJoin(late, ", ")));
}

StepOutcome Evaluate(const OperationView& view, const OperationStep& step) {
  if (step.id() == kStepRecoverDatabase) return AwaitDatabase(view);
  if (step.id() == kStepRejoinDatabase) return AwaitServers(view, step);
  return UnknownStep();
}

absl::Status Failure(const OperationView& view, const OperationStep* waiting) {
  const std::string title = DatabaseTitle(view.operation.database());
  const Database* database = DatabaseOf(view.state, view.operation);
  if (database == nullptr ||
      database->recovery_id() != view.operation.operation_id()) {
    return DatabaseRecoverySuperseded(title);
  }
  if (waiting != nullptr && waiting->id() == kStepRecoverDatabase &&
      Elapsed(view) >= kRecoverSeconds) {
    return DatabaseNotRecovered(title, view.operation.member_name(),
                                waiting->detail());
  }
  return absl::OkStatus();
}

void Answer(const ClusterState& state, const Operation& operation,
            google::protobuf::Any* answer) {
  v1::RecoverDatabaseResult result;
  result.set_member(operation.member_name());
  const Database* database = DatabaseOf(state, operation);
  for (const Member* member : MembersInOrder(state)) {
    if (database != nullptr && HasJoined(*database, member->member_id())) {
      result.add_joined(member->name());
    }
  }
  answer->PackFrom(result);
}

constexpr OperationKind kRow = {Operation::KIND_RECOVER_DATABASE,
                                "recover-database",
                                "the recovery of the {database} database",
                                kWords,
                                /*goes_on=*/false,
                                Describe,
                                Target,
                                Check,
                                Plan,
                                Want,
                                Undo,
                                Evaluate,
                                Failure,
                                Answer};

}  // namespace

const OperationKind& RecoverDatabaseKind() { return kRow; }

Operation RecoveryOf(std::string operation_id, const Member& member,
                     absl::string_view database) {
  Operation operation;
  operation.set_operation_id(std::move(operation_id));
  operation.set_kind(Operation::KIND_RECOVER_DATABASE);
  operation.set_member_id(member.member_id());
  operation.set_member_name(member.name());
  operation.set_database(std::string(database));
  return operation;
}

}  // namespace microovn::agent
