// SPDX-License-Identifier: Apache-2.0
#include "agent/service/database_recovery.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/api/converters.h"
#include "agent/errors/service_errors.h"
#include "agent/health/database_view.h"
#include "agent/service/requests.h"
#include "agent/state/operation/recover_database.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/features.h"
#include "base/crypto/random.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

// Whether the server has ever been a part of the cluster with this id.
bool WasAdmitted(const peerpb::LocalDatabase& local,
                 const std::string& cluster_id) {
  return !local.server_id().empty() && local.replica().log_end() > 0 &&
         local.cluster_id() == cluster_id &&
         !absl::StartsWith(local.replica().status(), "joining");
}

// Of the cluster of servers that is to be given up.
const std::string& OldClusterId(const statepb::Database& record) {
  return Recovers(record) ? record.replaced_cluster_id()
                          : record.ovsdb_cluster_id();
}

// Members with central whose copies nobody can look at.
std::vector<std::string> Unseen(const ClusterFacts& facts,
                                const std::vector<DatabaseCopy>& copies) {
  std::vector<std::string> names;
  for (const statepb::Member* member : CentralMembers(*facts.state)) {
    const bool seen = std::any_of(
        copies.begin(), copies.end(), [member](const DatabaseCopy& copy) {
          return copy.member_id == member->member_id();
        });
    if (!seen) names.push_back(member->name());
  }
  return names;
}

std::vector<std::string> Losses(const ClusterFacts& facts,
                                const std::vector<DatabaseCopy>& copies,
                                const DatabaseCopy& chosen) {
  std::vector<std::string> losses;
  const std::vector<std::string> unseen = Unseen(facts, copies);
  if (!unseen.empty()) {
    losses.push_back(absl::StrCat(
        "what only ", absl::StrJoin(unseen, ", "),
        unseen.size() == 1 ? " has" : " have",
        " is lost; where the machine can be brought back, do that instead"));
  }
  for (const DatabaseCopy& copy : copies) {
    if (copy.log_end <= chosen.log_end) continue;
    losses.push_back(absl::StrCat(copy.log_end - chosen.log_end,
                                  " entries that ", copy.member,
                                  " has are lost"));
  }
  return losses;
}

absl::StatusOr<DatabaseCopy> Choose(const std::vector<DatabaseCopy>& copies,
                                    const std::string& title,
                                    const std::string& wanted) {
  if (wanted.empty()) {
    if (copies.empty()) return NoDatabaseCopy(title, "");
    return copies.front();
  }
  for (const DatabaseCopy& copy : copies) {
    if (copy.member == wanted) return copy;
  }
  return NoDatabaseCopy(title, wanted);
}

PlannedRisk DataLoss(const std::string& title) {
  return {kRiskDataLoss,
          absl::StrCat("changes of the ", title,
                       " database that only other servers have are lost")};
}

PlannedRisk HealthyDatabase(const std::string& title) {
  return {kRiskHealthyDatabase,
          absl::StrCat("the ", title,
                       " database has its quorum, and what is changed "
                       "meanwhile is lost")};
}

struct Asked {
  // "nb" and "Northbound".
  std::string database;
  std::string title;
  // The name of the member whose copy it is to be; empty for the best.
  std::string member;
  std::set<std::string> accepted;
};

absl::StatusOr<Asked> Read(const ClusterState& state,
                           const v1::RecoverDatabaseRequest& request,
                           const std::string& self_id) {
  if (ActiveLevel(state, kFeatureDatabaseRecovery) == 0) {
    return RecoveryNotSupported(WhoLacks(state, kFeatureDatabaseRecovery, 1));
  }
  Asked asked;
  ASSIGN_OR_RETURN(asked.database, ResourceId(request.name(), "databases"));
  if (asked.database != "nb" && asked.database != "sb") {
    return MakeError(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("there is no database \"", Shown(asked.database, 80),
                     "\""),
        {"BAD_RESOURCE_NAME", "name databases/nb or databases/sb"});
  }
  asked.title = DatabaseTitle(asked.database);
  if (!request.member().empty()) {
    ASSIGN_OR_RETURN(const statepb::Member named,
                     RequireMember(state, request.member(), self_id));
    asked.member = named.name();
  }
  asked.accepted.insert(request.accept_risks().begin(),
                        request.accept_risks().end());
  return asked;
}

struct Planned {
  statepb::Operation operation;
  ChangePlan plan;
};

absl::StatusOr<Planned> PlanFor(const ClusterFacts& facts, const Asked& asked) {
  const bool healthy = MayHaveQuorum(facts, asked.database);
  if (healthy && asked.accepted.count(kRiskHealthyDatabase) == 0) {
    return DatabaseHasQuorum(asked.title);
  }
  const std::vector<DatabaseCopy> copies = CopiesOf(facts, asked.database);
  ASSIGN_OR_RETURN(const DatabaseCopy chosen,
                   Choose(copies, asked.title, asked.member));
  const OperationKind& kind = RecoverDatabaseKind();
  Planned planned;
  ASSIGN_OR_RETURN(
      planned.operation,
      kind.check(*facts.state,
                 RecoveryOf(RandomSource::Real().Id(),
                            *facts.state->members.Find(chosen.member_id),
                            asked.database)));
  ASSIGN_OR_RETURN(planned.plan, kind.plan(*facts.state, planned.operation));
  planned.plan.warnings = Losses(facts, copies, chosen);
  planned.plan.risks.push_back(DataLoss(asked.title));
  if (healthy) planned.plan.risks.push_back(HealthyDatabase(asked.title));
  return planned;
}

// A plan can be seen before anything is accepted.
google::longrunning::Operation WithRisks(google::longrunning::Operation planned,
                                         const Asked& asked) {
  v1::OperationMetadata metadata;
  planned.metadata().UnpackTo(&metadata);
  for (v1::Risk& risk : *metadata.mutable_plan()->mutable_risks()) {
    risk.set_accepted(asked.accepted.count(risk.name()) > 0);
  }
  planned.mutable_metadata()->PackFrom(metadata);
  return planned;
}

}  // namespace

std::vector<DatabaseCopy> CopiesOf(const ClusterFacts& facts,
                                   absl::string_view database) {
  std::vector<DatabaseCopy> copies;
  const statepb::Database* record = facts.state->databases.Find(database);
  if (record == nullptr) return copies;
  for (const statepb::Member* member : CentralMembers(*facts.state)) {
    const auto answer = facts.answers.find(member->member_id());
    if (answer == facts.answers.end() || !answer->second.ok()) continue;
    const peerpb::LocalDatabase* local =
        LocalDatabaseOf(*answer->second, database);
    if (local == nullptr || !WasAdmitted(*local, OldClusterId(*record))) {
      continue;
    }
    const uint64_t end = local->replica().log_end();
    const uint64_t open = std::min(end, local->replica().not_committed());
    copies.push_back({member->member_id(), member->name(), end, end - open});
  }
  std::stable_sort(copies.begin(), copies.end(),
                   [](const DatabaseCopy& a, const DatabaseCopy& b) {
                     return std::make_pair(a.committed_end, a.log_end) >
                            std::make_pair(b.committed_end, b.log_end);
                   });
  return copies;
}

bool MayHaveQuorum(const ClusterFacts& facts, absl::string_view database) {
  const DatabaseView view = ViewDatabase(facts, database);
  if (view.servers.empty()) return false;
  return !view.leader.empty() ||
         view.leaderless < ElectionPatience(*facts.state);
}

absl::StatusOr<google::longrunning::Operation> RecoverDatabase(
    Membership& member, const v1::RecoverDatabaseRequest& request,
    const statepb::Asker& asker) {
  ASSIGN_OR_RETURN(const RequestIdentity identity, IdentityOf(request, asker));
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/true, /*probe=*/true, kGatherTimeout);
  if (auto first = FirstOperation(*facts.state, identity)) return *first;
  if (facts.stale) RETURN_IF_ERROR(CheckQuorum(facts));
  ASSIGN_OR_RETURN(const Asked asked, Read(*facts.state, request, member.id()));
  ASSIGN_OR_RETURN(const Planned planned, PlanFor(facts, asked));
  if (request.validate_only()) {
    return WithRisks(
        PlannedOperation(*facts.state, planned.operation, planned.plan), asked);
  }
  if (asked.accepted.count(kRiskDataLoss) == 0) {
    return DataLossNotAccepted(asked.title, kRiskDataLoss);
  }
  ASSIGN_OR_RETURN(google::longrunning::Operation started,
                   StartOperation(member, planned.operation, identity));
  WarnIn(planned.plan, started);
  return started;
}

}  // namespace microovn::agent
