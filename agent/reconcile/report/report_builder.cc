// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/report/report_builder.h"

#include <algorithm>

#include "agent/state/values/features.h"
#include "base/text/text.h"
#include "supervisor/service/service.h"

namespace microovn::agent {
namespace {

// As long as the log takes in a report.
constexpr size_t kMaxProblemBytes = 400;

const statepb::MemberReport* Known(const NodeView& view) {
  return view.state().reports.Find(view.self_id());
}

bool SameDatabases(const statepb::MemberReport& a,
                   const statepb::MemberReport& b) {
  return std::equal(a.joined_databases().begin(), a.joined_databases().end(),
                    b.joined_databases().begin(), b.joined_databases().end());
}

// A database that this node has joined and the state does not count it in,
// though it will.
bool JoinIsNews(const NodeView& view, const statepb::ReportMember& report) {
  if (view.self() != nullptr && view.self()->put_out_revision() > 0) {
    return false;
  }
  for (const std::string& name : report.report().joined_databases()) {
    const statepb::Database* database = view.state().databases.Find(name);
    if (database != nullptr && !HasJoined(*database, view.self_id())) {
      return true;
    }
  }
  return false;
}

// This agent supports something else than the one before it.
bool FeaturesAreNews(const NodeView& view,
                     const statepb::ReportMember& report) {
  if (view.self() == nullptr) return false;
  const auto& known = view.self()->features();
  return !std::equal(known.begin(), known.end(), report.features().begin(),
                     report.features().end(), [](const auto& a, const auto& b) {
                       return a.name() == b.name() && a.level() == b.level();
                     });
}

bool WasRotated(const NodeView& view, statepb::Plane plane) {
  const statepb::Authority* authority =
      view.state().authorities.Find(AuthorityKey(plane));
  return authority != nullptr && !authority->rotation_id().empty();
}

// Nobody asks before the first rotation.
void SetGenerations(const NodeView& view, const NodeFacts& facts,
                    statepb::MemberReport& report) {
  if (WasRotated(view, statepb::PLANE_OVN)) {
    report.set_ovn_published_generation(facts.ovn_published_generation);
    report.set_ovn_observed_generation(facts.ovn_observed_generation);
  }
  if (WasRotated(view, statepb::PLANE_CLUSTER)) {
    report.set_cluster_published_generation(facts.cluster_published_generation);
    report.set_cluster_observed_generation(facts.cluster_observed_generation);
  }
}

bool SameGenerations(const statepb::MemberReport& a,
                     const statepb::MemberReport& b) {
  return a.ovn_published_generation() == b.ovn_published_generation() &&
         a.ovn_observed_generation() == b.ovn_observed_generation() &&
         a.cluster_published_generation() == b.cluster_published_generation() &&
         a.cluster_observed_generation() == b.cluster_observed_generation();
}

void AddLife(const NodeFacts& facts, supervisor::Service service,
             statepb::MemberReport& report) {
  const auto seen = facts.services.find(service);
  if (seen == facts.services.end()) return;
  const supervisor::Observation& now = seen->second;
  statepb::DaemonLife* life = report.add_lives();
  life->set_unit(supervisor::ServiceName(service));
  life->set_restarts(static_cast<uint32_t>(std::max(now.restarts, 0)));
  life->set_down(now.phase == supervisor::Phase::kBackoff ||
                 now.phase == supervisor::Phase::kFailed);
}

// Without what is said of daemons.
std::string TheRestOf(const statepb::MemberReport& report) {
  statepb::MemberReport rest = report;
  rest.clear_daemons();
  rest.clear_lives();
  return rest.SerializeAsString();
}

}  // namespace

statepb::ReportMember BuildReport(const NodeView& view,
                                  const NodeProperties& properties,
                                  const NodeFacts& facts,
                                  const ReconcileSummary& summary) {
  statepb::ReportMember body;
  statepb::MemberReport& report = *body.mutable_report();
  report.set_member_id(view.self_id());
  const statepb::MemberReport* before = Known(view);
  report.set_converged_revision(
      summary.converged   ? view.state().desired_revision()
      : before != nullptr ? before->converged_revision()
                          : 0);
  for (const supervisor::Service service : supervisor::kAllServices) {
    if (!facts.Active(service)) continue;
    statepb::ObservedDaemon* daemon = report.add_daemons();
    daemon->set_unit(supervisor::ServiceName(service));
    daemon->set_ready(facts.Ready(service));
    AddLife(facts, service, report);
  }
  report.set_datapath(properties.datapath);
  report.set_ovn_version(properties.ovn_version);
  report.set_ovs_version(properties.ovs_version);
  report.set_custody(facts.sealing.custody);
  report.set_sealing_key_out_of_reach(facts.sealing.out_of_reach);
  report.set_version(properties.version);
  report.set_agent_run(properties.run);
  *body.mutable_features() = AnnouncedFeatures();
  report.set_problem(Shown(summary.problem, kMaxProblemBytes));
  report.set_nb_cleared_revision(facts.nb.cleared_revision);
  report.set_sb_cleared_revision(facts.sb.cleared_revision);
  report.set_nb_server_id(facts.nb.server_id);
  report.set_sb_server_id(facts.sb.server_id);
  report.set_expected_nb_schema(facts.nb.expected_schema);
  report.set_expected_sb_schema(facts.sb.expected_schema);
  SetGenerations(view, facts, report);
  if (facts.nb.joined) {
    report.add_joined_databases("nb");
    body.set_nb_cluster_id(facts.nb.cluster_id);
  }
  if (facts.sb.joined) {
    report.add_joined_databases("sb");
    body.set_sb_cluster_id(facts.sb.cluster_id);
  }
  return body;
}

bool IsNews(const NodeView& view, const statepb::ReportMember& report) {
  const statepb::MemberReport* before = Known(view);
  return before == nullptr || JoinIsNews(view, report) ||
         FeaturesAreNews(view, report) ||
         before->SerializeAsString() != report.report().SerializeAsString();
}

bool IsOnlyOfDaemons(const NodeView& view,
                     const statepb::ReportMember& report) {
  const statepb::MemberReport* before = Known(view);
  return before != nullptr && !JoinIsNews(view, report) &&
         !FeaturesAreNews(view, report) &&
         TheRestOf(*before) == TheRestOf(report.report());
}

bool IsUrgent(const NodeView& view, const statepb::ReportMember& report) {
  const statepb::MemberReport* before = Known(view);
  return before == nullptr || JoinIsNews(view, report) ||
         before->converged_revision() != report.report().converged_revision() ||
         before->nb_cleared_revision() !=
             report.report().nb_cleared_revision() ||
         before->sb_cleared_revision() !=
             report.report().sb_cleared_revision() ||
         !SameDatabases(*before, report.report()) ||
         !SameGenerations(*before, report.report());
}

}  // namespace microovn::agent
