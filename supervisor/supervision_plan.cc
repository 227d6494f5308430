// SPDX-License-Identifier: Apache-2.0
#include "supervisor/supervision_plan.h"

#include <algorithm>

#include "supervisor/service/service_state.h"

namespace microovn::supervisor {
namespace {

using Observations = std::map<Service, Observation>;
using Verb = SupervisionStep::Verb;

Observation Seen(const Observations& observed, Service service) {
  const auto found = observed.find(service);
  return found == observed.end() ? Observation() : found->second;
}

// kBackoff runs: its driver will start it again, so it has to be stopped.
bool Runs(Phase phase) {
  return phase != Phase::kStopped && phase != Phase::kFailed;
}

bool RequirementsReady(Service service, const Observations& observed) {
  const std::vector<Service> needed = Requirements(service);
  return std::all_of(needed.begin(), needed.end(), [&](Service one) {
    return Seen(observed, one).phase == Phase::kReady;
  });
}

void PlanStart(Service service, const Observations& observed,
               std::vector<SupervisionStep>* steps) {
  const Observation seen = Seen(observed, service);
  // Enabled before it is ready, and even while what it requires is not: after a
  // power cut in between the node comes up as it is wanted.
  if (!seen.enabled) steps->push_back({Verb::kEnable, service});
  // One that was being disabled is turned round.
  const bool turn = !seen.enabled && seen.phase == Phase::kStopping;
  if (Runs(seen.phase) && !turn) return;
  if (!RequirementsReady(service, observed)) return;
  steps->push_back({Verb::kStart, service});
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const SupervisionStep& step) {
  switch (step.verb) {
    case Verb::kEnable:
      return out << "enable " << step.service;
    case Verb::kStart:
      return out << "start " << step.service;
    case Verb::kDisable:
      return out << "disable " << step.service;
  }
  return out;
}

std::vector<SupervisionStep> PlanSupervision(
    const std::set<Service>& wanted,
    const std::map<Service, Observation>& observed) {
  std::vector<SupervisionStep> steps;
  for (const Service service : kAllServices) {
    if (wanted.count(service) > 0) PlanStart(service, observed, &steps);
  }
  for (auto service = kAllServices.rbegin(); service != kAllServices.rend();
       ++service) {
    if (wanted.count(*service) > 0) continue;
    const Observation seen = Seen(observed, *service);
    if (!seen.enabled && !Runs(seen.phase)) continue;
    // One that stops already is waited for; disabling it again would only ask
    // again.
    if (seen.enabled || seen.phase != Phase::kStopping) {
      steps.push_back({Verb::kDisable, *service});
    }
    // The next one only when this one has ended.
    break;
  }
  return steps;
}

std::set<Service> Unsettled(const std::set<Service>& wanted,
                            const std::map<Service, Observation>& observed) {
  std::set<Service> unsettled;
  for (const Service service : kAllServices) {
    const Observation seen = Seen(observed, service);
    const bool right = wanted.count(service) > 0
                           ? seen.enabled && seen.phase == Phase::kReady
                           : !seen.enabled && !Runs(seen.phase);
    if (!right) unsettled.insert(service);
  }
  return unsettled;
}

}  // namespace microovn::supervisor
