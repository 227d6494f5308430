// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/schema_reconciler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/database/election_timer.h"
#include "agent/reconcile/database/schema_plan.h"
#include "base/status/status_macros.h"
#include "base/text/version_order.h"
#include "glog/logging.h"

namespace microovn::agent {

SchemaReconciler::SchemaReconciler(SchemaReconcilerOptions options,
                                   NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {}

DatabaseNodeFacts& SchemaReconciler::FactsOf(
    const CentralDatabase& database) const {
  return database.kind().name == Northbound().name ? facts_.nb : facts_.sb;
}

absl::Status SchemaReconciler::Reconcile(const NodeView& view) {
  facts_.northd_yields = false;
  facts_.nb.needs_patience = facts_.sb.needs_patience = false;
  if (view.leaving()) return absl::OkStatus();
  for (const CentralDatabase& database : options_.databases) {
    RETURN_IF_ERROR(Look(view, database));
  }
  facts_.northd_yields = NorthdYields(view);
  for (const CentralDatabase& database : options_.databases) {
    DatabaseNodeFacts& facts = FactsOf(database);
    if (!facts.schema_outdated) continue;
    // Who leads the one does not lead the other: each waits for the one before.
    if (!facts.leader) return absl::OkStatus();
    const std::string name(database.kind().name);
    const SchemaPlan plan =
        PlanSchema(view.state(), name, live_[name], facts.expected_schema);
    if (!plan.convert) {
      Tell(database, plan);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(AwaitPatience(database));
    RETURN_IF_ERROR(Convert(view, database));
    facts.schema_outdated = facts.needs_patience = false;
  }
  return absl::OkStatus();
}

bool SchemaReconciler::NorthdYields(const NodeView& view) const {
  for (const CentralDatabase& database : options_.databases) {
    const std::string name(database.kind().name);
    if (FactsOf(database).schema_outdated &&
        OlderNorthdServes(view.state(), view.self_id(), name, live_.at(name))) {
      return true;
    }
  }
  return false;
}

void SchemaReconciler::Tell(const CentralDatabase& database,
                            const SchemaPlan& plan) {
  std::string waiting = absl::StrCat(database.kind().schema_name, " stays at ",
                                     live_[std::string(database.kind().name)],
                                     plan.held ? ", the upgrade is held" : "");
  if (!plan.waiting_for.empty()) {
    absl::StrAppend(&waiting, "; another OVN is on ",
                    absl::StrJoin(plan.waiting_for, ", "));
  }
  if (waiting != told_) LOG(INFO) << waiting;
  told_ = std::move(waiting);
}

absl::Status SchemaReconciler::Look(const NodeView& view,
                                    const CentralDatabase& database) {
  DatabaseNodeFacts& facts = FactsOf(database);
  facts.schema_outdated = false;
  std::string& live = live_[std::string(database.kind().name)];
  live.clear();
  if (!view.Wants(statepb::SERVICE_CENTRAL) && !facts.file_exists) {
    facts.expected_schema.clear();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(facts.expected_schema, database.ExpectedSchema());
  if (!facts.serving) return absl::OkStatus();
  ASSIGN_OR_RETURN(live, database.LiveSchema());
  facts.schema_outdated = OlderVersion(live, facts.expected_schema);
  return absl::OkStatus();
}

absl::Status SchemaReconciler::AwaitPatience(const CentralDatabase& database) {
  if (database.FileBytes() <= kPatientBytes) return absl::OkStatus();
  FactsOf(database).needs_patience = true;
  ASSIGN_OR_RETURN(const OvsdbClusterStatus status, database.Status());
  if (status.election_timer >= kConversionElectionTimer) {
    return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("waiting for ", database.kind().schema_name,
                   " to have an election timer that lets it be converted"));
}

absl::Status SchemaReconciler::Convert(const NodeView& view,
                                       const CentralDatabase& database) {
  ASSIGN_OR_RETURN(const uint64_t revision, options_.confirmed_revision());
  if (revision != view.state().revision()) {
    return absl::UnavailableError("waiting for the newest state");
  }
  const std::string& wanted = FactsOf(database).expected_schema;
  LOG(INFO) << database.kind().schema_name << ": from schema "
            << live_[std::string(database.kind().name)] << " to " << wanted;
  RETURN_IF_ERROR(database.ConvertSchema());
  // Whoever asks for a conversion is told that it is done when it is decided.
  const absl::StatusOr<std::string> now = database.LiveSchema();
  if (now.ok() && *now == wanted) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "waiting for ", database.kind().schema_name, " to have schema ", wanted));
}

}  // namespace microovn::agent
