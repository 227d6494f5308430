// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/service_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/validate.h"
#include "agent/state/plan/plan.h"
#include "agent/state/values/canonical.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "agent/state/values/worker.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

using statepb::Member;
using statepb::Result;

// More than ovn.central-count takes.
constexpr uint32_t kMaxCentralVacancies = 5;

std::set<int> SetOf(const google::protobuf::RepeatedField<int>& services) {
  return std::set<int>(services.begin(), services.end());
}

Arguments NamesOn(const Member& member, const std::set<int>& services) {
  Arguments arguments = {{"member", member.name()}};
  for (const int service : services) {
    arguments.emplace_back("service",
                           ServiceName(static_cast<statepb::Service>(service)));
  }
  return arguments;
}

// Enabled or disabled: one event for each direction.
void RecordDifference(ApplyContext& context, const Member& member,
                      const std::set<int>& before, const std::set<int>& after) {
  std::set<int> enabled;
  std::set<int> disabled;
  for (const int service : after) {
    if (before.count(service) == 0) enabled.insert(service);
  }
  for (const int service : before) {
    if (after.count(service) == 0) disabled.insert(service);
  }
  if (!disabled.empty()) {
    context.RecordDesired("SERVICE_DISABLED", MemberResource(member),
                          NamesOn(member, disabled));
  }
  if (!enabled.empty()) {
    context.RecordDesired("SERVICE_ENABLED", MemberResource(member),
                          NamesOn(member, enabled));
  }
}

}  // namespace

void AddDefaultServices(const ClusterState& state, Member* member) {
  const int wanted = ConfigNumber(state, kConfigCentralCount);
  const bool external = !ConfigValue(state, kConfigCentralIps).empty();
  const bool room =
      !external && static_cast<int>(CentralMembers(state).size()) < wanted;
  if (room && !member->worker()) {
    member->add_services(statepb::SERVICE_CENTRAL);
  }
  member->add_services(statepb::SERVICE_CHASSIS);
  member->add_services(statepb::SERVICE_SWITCH);
}

void VacateCentralPlace(ClusterState& state) {
  statepb::Cluster cluster = state.cluster();
  if (ActiveLevel(state, kFeatureCentralReplacement) == 0 ||
      cluster.central_vacancies() >= kMaxCentralVacancies) {
    return;
  }
  cluster.set_central_vacancies(cluster.central_vacancies() + 1);
  state.cluster_record.Put(kClusterKey, cluster);
}

void TakeCentralPlace(ClusterState& state) {
  statepb::Cluster cluster = state.cluster();
  if (cluster.central_vacancies() == 0) return;
  cluster.set_central_vacancies(cluster.central_vacancies() - 1);
  state.cluster_record.Put(kClusterKey, cluster);
}

void ChangeServices(ApplyContext& context, const Member& member,
                    const google::protobuf::RepeatedField<int>& services) {
  const std::set<int> before = SetOf(member.services());
  const std::set<int> after = SetOf(services);
  Member changed = member;
  changed.clear_services();
  for (const int service : after) {
    changed.add_services(static_cast<statepb::Service>(service));
  }
  if (after.count(statepb::SERVICE_CENTRAL) > 0) {
    changed.clear_put_out_revision();
    if (before.count(statepb::SERVICE_CENTRAL) == 0) {
      TakeCentralPlace(context.state());
    }
  }
  context.state().members.Put(changed.member_id(), changed);
  RecordDifference(context, changed, before, after);
  SettleDatabases(context);
}

Applied ApplySetServices(ApplyContext& context,
                         const statepb::SetMemberServices& body) {
  ClusterState& state = context.state();
  const Member* known = state.members.Find(body.member_id());
  if (known == nullptr) return MemberNotFound(body.member_id());
  if (known->state() == Member::STATE_LEAVING) {
    return MemberIsLeaving(known->name());
  }
  RETURN_IF_ERROR(CheckServices(body.services()));
  if (known->worker()) {
    RETURN_IF_ERROR(CheckWorkerServices(known->name(), body.services()));
  }
  const Member member = *known;
  const std::set<int> wanted = SetOf(body.services());
  if (wanted.count(statepb::SERVICE_CENTRAL) == 0 &&
      HoldsTheLastCentral(state, member)) {
    return LastCentralNotConfirmed();
  }
  if (wanted != SetOf(member.services())) {
    ChangeServices(context, member, body.services());
  }
  Result result;
  *result.mutable_member() = *state.members.Find(body.member_id());
  return result;
}

// Its agent may be another version than at the join.
void NoteFeatures(ApplyContext& context, const Member& member,
                  const statepb::ReportMember& body) {
  if (body.features().empty() ||
      std::equal(body.features().begin(), body.features().end(),
                 member.features().begin(), member.features().end(),
                 [](const auto& a, const auto& b) {
                   return a.name() == b.name() && a.level() == b.level();
                 })) {
    return;
  }
  Member changed = member;
  *changed.mutable_features() = body.features();
  context.state().members.Put(changed.member_id(), changed);
  SettleFeatures(context);
}

const statepb::DaemonLife* LifeOf(const statepb::MemberReport& report,
                                  const std::string& unit) {
  for (const statepb::DaemonLife& life : report.lives()) {
    if (life.unit() == unit) return &life;
  }
  return nullptr;
}

// What its daemons and its agent have done since the report before.
void TellLives(ApplyContext& context, const Member& member,
               const statepb::MemberReport& before,
               const statepb::MemberReport& now) {
  if (!before.agent_run().empty() && before.agent_run() != now.agent_run()) {
    context.RecordRepeated("AGENT_STARTED", MemberResource(member),
                           {{"member", member.name()}});
  }
  for (const statepb::DaemonLife& life : now.lives()) {
    const statepb::DaemonLife* last = LifeOf(before, life.unit());
    if (last == nullptr) continue;
    const std::string resource =
        absl::StrCat(MemberResource(member), "/daemons/", life.unit());
    const Arguments arguments = {{"member", member.name()},
                                 {"unit", life.unit()}};
    if (life.restarts() > last->restarts()) {
      context.RecordRepeated("DAEMON_RESTARTED", resource, arguments,
                             life.restarts() - last->restarts());
    }
    if (life.down() && !last->down()) {
      context.RecordRepeated("DAEMON_ENDED", resource, arguments);
    }
  }
}

absl::Status CheckDatabaseIds(const statepb::ReportMember& body) {
  RETURN_IF_ERROR(
      CheckText("database-id", body.nb_cluster_id(), kMaxTextBytes));
  return CheckText("database-id", body.sb_cluster_id(), kMaxTextBytes);
}

Applied ApplyReport(ApplyContext& context, const statepb::ReportMember& body) {
  ClusterState& state = context.state();
  const statepb::MemberReport& report = body.report();
  RETURN_IF_ERROR(CheckReport(report));
  RETURN_IF_ERROR(CheckDatabaseIds(body));
  RETURN_IF_ERROR(CheckFeatures(body.features()));
  const Member* member = state.members.Find(report.member_id());
  if (member == nullptr) return MemberNotFound(report.member_id());
  if (report.converged_revision() > state.revision() ||
      report.nb_cleared_revision() > state.revision() ||
      report.sb_cleared_revision() > state.revision()) {
    return CommandMalformed("to-come", "revision");
  }
  NoteFeatures(context, *member, body);
  member = state.members.Find(report.member_id());
  const statepb::MemberReport* last = state.reports.Find(report.member_id());
  if (last != nullptr) {
    TellLives(context, *member, statepb::MemberReport(*last), report);
  }
  if (last == nullptr || CanonicalBytes(*last) != CanonicalBytes(report)) {
    state.reports.Put(report.member_id(), report);
    SettleRetiredAuthority(context);
  }
  if (Runs(*member, statepb::SERVICE_CENTRAL)) {
    NoteJoinedDatabases(context, *member, body);
  }
  return Result();
}

}  // namespace microovn::agent
