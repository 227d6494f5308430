// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/schema_plan.h"

#include "agent/state/values/config_keys.h"
#include "base/text/version_order.h"

namespace microovn::agent {
namespace {

// Its server may be alive, or come back.
bool Serves(const statepb::Member& member, const statepb::Database* database) {
  if (member.put_out_revision() > 0) return false;
  return Runs(member, statepb::SERVICE_CENTRAL) ||
         (database != nullptr && HasJoined(*database, member.member_id()));
}

std::string ExpectedBy(const ClusterState& state, const std::string& member_id,
                       absl::string_view database) {
  const statepb::MemberReport* report = state.reports.Find(member_id);
  if (report == nullptr) return "";
  return database == "nb" ? report->expected_nb_schema()
                          : report->expected_sb_schema();
}

}  // namespace

SchemaPlan PlanSchema(const ClusterState& state, absl::string_view database,
                      absl::string_view live, absl::string_view installed) {
  SchemaPlan plan;
  if (live.empty() || !OlderVersion(live, installed)) return plan;
  const statepb::Database* record = state.databases.Find(database);
  for (const statepb::Member* member : MembersInOrder(state)) {
    if (!Serves(*member, record)) continue;
    if (ExpectedBy(state, member->member_id(), database) != installed) {
      plan.waiting_for.push_back(member->name());
    }
  }
  plan.held = ConfigValue(state, kConfigUpgrade) == kUpgradeHeld;
  plan.convert = plan.waiting_for.empty() && !plan.held;
  return plan;
}

bool OlderNorthdServes(const ClusterState& state, absl::string_view self_id,
                       absl::string_view database, absl::string_view live) {
  for (const statepb::Member* member : CentralMembers(state)) {
    if (member->member_id() == self_id) continue;
    const std::string expected =
        ExpectedBy(state, member->member_id(), database);
    if (!expected.empty() && !OlderVersion(live, expected)) return true;
  }
  return false;
}

}  // namespace microovn::agent
