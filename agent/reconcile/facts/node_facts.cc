// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/facts/node_facts.h"

#include "supervisor/service/service_state.h"

namespace microovn::agent {

using supervisor::Phase;

bool NodeFacts::Active(supervisor::Service service) const {
  const auto found = services.find(service);
  return found != services.end() && (found->second.enabled || Running(service));
}

bool NodeFacts::Running(supervisor::Service service) const {
  const auto found = services.find(service);
  if (found == services.end()) return false;
  switch (found->second.phase) {
    case Phase::kStarting:
    case Phase::kReady:
    case Phase::kStopping:
      return true;
    case Phase::kStopped:
    case Phase::kBackoff:
    case Phase::kFailed:
      return false;
  }
  return false;
}

bool NodeFacts::Ready(supervisor::Service service) const {
  const auto found = services.find(service);
  return found != services.end() && found->second.phase == Phase::kReady;
}

}  // namespace microovn::agent
