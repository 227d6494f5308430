// SPDX-License-Identifier: Apache-2.0
#include "agent/history/observation_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/state/values/canonical.h"

namespace microovn::agent {
namespace {

using statepb::Observation;

class Planner {
 public:
  Planner(const ClusterState& state, FlapDamper& damper, absl::Duration now)
      : state_(state), damper_(damper), now_(now) {
    const Observation* known = state.observations.Find(kObservationKey);
    if (known != nullptr) told_ = *known;
  }

  std::optional<PlannedObservation> Plan(const RaftView& view,
                                         const MemberHealth& health,
                                         const FindingKeys& findings) && {
    Observation& next = *plan_.body.mutable_observation();
    next.set_leader_id(view.self_id);
    next.set_term(view.term);
    PlanRoles(view, next);
    PlanLost(health, next);
    PlanFindings(findings, next);
    if (plan_.body.flapping().empty() &&
        CanonicalBytes(next) == CanonicalBytes(told_)) {
      return std::nullopt;
    }
    return std::move(plan_);
  }

 private:
  // While voters change, who votes is what it was.
  void PlanRoles(const RaftView& view, Observation& next) const {
    if (!view.configuration_committed || !view.outgoing.empty()) {
      *next.mutable_voters() = told_.voters();
      *next.mutable_standbys() = told_.standbys();
      return;
    }
    const std::set<std::string> voters(view.voters.begin(), view.voters.end());
    const std::set<std::string> standbys(view.learners.begin(),
                                         view.learners.end());
    for (const std::string& id : voters) next.add_voters(id);
    for (const std::string& id : standbys) next.add_standbys(id);
  }

  // Whether `subject` is to be told as it `is`; otherwise as it `was`.
  bool Told(const std::string& subject, bool was, bool is) {
    const uint32_t changes = damper_.See(subject, was, is, now_);
    if (changes == 0) return was;
    plan_.subjects.push_back(subject);
    if (changes > 1) {
      statepb::Flapping* flapping = plan_.body.add_flapping();
      flapping->set_subject(subject);
      flapping->set_changes(changes);
    }
    return is;
  }

  void PlanLost(const MemberHealth& health, Observation& next) {
    const std::set<std::string> lost(told_.lost().begin(), told_.lost().end());
    for (const auto& [id, member] : state_.members.records()) {
      const bool was = lost.count(id) > 0;
      // A leader that has just begun has not waited long enough to know.
      const bool is = health.Down(id) || (was && !health.InContact(id));
      if (Told(absl::StrCat("members/", id), was, is)) next.add_lost(id);
    }
  }

  void PlanFindings(const FindingKeys& findings, Observation& next) {
    FindingKeys told;
    for (const auto& one : told_.findings()) {
      told.emplace(one.reason(), one.member());
    }
    FindingKeys all = findings;
    all.insert(told.begin(), told.end());
    for (const FindingKey& key : all) {
      const auto& [reason, member] = key;
      if (!Told(absl::StrCat("findings/", reason, "/", member),
                told.count(key) > 0, findings.count(key) > 0)) {
        continue;
      }
      statepb::ObservedFinding* finding = next.add_findings();
      finding->set_reason(reason);
      finding->set_member(member);
    }
  }

  const ClusterState& state_;
  FlapDamper& damper_;
  const absl::Duration now_;
  Observation told_;
  PlannedObservation plan_;
};

}  // namespace

std::optional<PlannedObservation> PlanObservation(
    const ClusterState& state, const RaftView& view, const MemberHealth& health,
    const FindingKeys& findings, FlapDamper& damper, absl::Duration now) {
  return Planner(state, damper, now).Plan(view, health, findings);
}

}  // namespace microovn::agent
