// SPDX-License-Identifier: Apache-2.0
#include "agent/history/historian.h"

#include <optional>
#include <utility>

#include "agent/health/cluster_status.h"
#include "agent/history/observation_plan.h"
#include "agent/state/values/features.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

constexpr absl::Duration kPeriod = absl::Seconds(1);

}  // namespace

void Historian::Start() {
  loop_ = std::make_unique<WakeupLoop>(parts_.store, kPeriod, [this] {
    RunOnce();
    return false;
  });
}

void Historian::Stop() { loop_.reset(); }

void Historian::Begin(const StateSnapshot& state, absl::Duration now) {
  leads_ = true;
  damper_ = FlapDamper();
  const statepb::Observation* told = state->observations.Find(kObservationKey);
  findings_ = told == nullptr ? FindingMemory() : FindingMemory(*told);
  // The members have to find their new leader first.
  looked_at_ = now;
  looked_state_ = state;
}

bool Historian::LookIsDue(const StateSnapshot& state,
                          absl::Duration now) const {
  const absl::Duration ago = now - looked_at_;
  if (ago >= kQuiet) return true;
  if (findings_.Unsettled() && ago >= kTurning) return true;
  return state != looked_state_ && ago >= kShortest;
}

void Historian::LookAtFindings(const StateSnapshot& state) {
  const ClusterFacts facts = parts_.gather();
  looked_at_ = parts_.clock->Monotonic();
  looked_state_ = state;
  // Who cannot be sure to lead knows nothing of the others.
  if (facts.stale || facts.answers.empty()) return;
  findings_.See(EventFindings(DescribeCluster(facts)), looked_at_);
}

void Historian::RunOnce() {
  const RaftView view = parts_.raft->View();
  const StateSnapshot state = parts_.store->Current();
  health_.Observe(view, parts_.clock->Monotonic(), kLostAfter);
  if (!view.leading || ActiveLevel(*state, kFeatureEvents) == 0) {
    leads_ = false;
    looked_state_ = nullptr;
    return;
  }
  if (!leads_) Begin(state, parts_.clock->Monotonic());
  if (LookIsDue(state, parts_.clock->Monotonic())) LookAtFindings(state);
  const absl::Duration now = parts_.clock->Monotonic();
  const StateSnapshot newest = parts_.store->Current();
  damper_.Forget(now);
  std::optional<PlannedObservation> plan =
      PlanObservation(*newest, view, health_, findings_.raised(), damper_, now);
  if (!plan.has_value()) return;
  statepb::Command command;
  *command.mutable_observe_cluster() = std::move(plan->body);
  const auto told = parts_.raft->Propose(command);
  if (!told.ok()) {
    // It is told by the next leader, or with the next look.
    VLOG(1) << "events were not told: " << told.status();
    return;
  }
  for (const std::string& subject : plan->subjects) damper_.Told(subject, now);
}

}  // namespace microovn::agent
