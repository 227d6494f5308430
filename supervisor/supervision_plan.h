// SPDX-License-Identifier: Apache-2.0
// Which calls bring a node's services from what is seen to what is wanted, in
// order: pure. The supervisor asks again after every observation, so a plan
// holds only what can be done now.
#ifndef MICROOVN_SUPERVISOR_SUPERVISION_PLAN_H_
#define MICROOVN_SUPERVISOR_SUPERVISION_PLAN_H_

#include <map>
#include <ostream>
#include <set>
#include <vector>

#include "supervisor/service/service.h"
#include "supervisor/service/service_driver.h"

namespace microovn::supervisor {

struct SupervisionStep {
  enum class Verb { kEnable, kStart, kDisable };
  Verb verb = Verb::kStart;
  Service service = Service::kSwitch;

  friend bool operator==(const SupervisionStep& a, const SupervisionStep& b) {
    return a.verb == b.verb && a.service == b.service;
  }
};

std::ostream& operator<<(std::ostream& out, const SupervisionStep& step);

// Services start in order, each when what it requires is ready, and stop the
// other way round, one after the other: ovn-controller must still reach the
// southbound database to remove its Chassis, and ovs-vswitchd its own database
// to remove its ports. `wanted` holds its own requirements.
// Hence one Disable at a time, and Start for as many as may start at once.
// Calls that are repeated because nothing has changed yet are harmless, for a
// driver's are idempotent.
std::vector<SupervisionStep> PlanSupervision(
    const std::set<Service>& wanted,
    const std::map<Service, Observation>& observed);

// Those that are wanted but not ready and enabled, or run or are enabled
// although they are not wanted.
// Empty when there is nothing to do, and then PlanSupervision is empty, too.
std::set<Service> Unsettled(const std::set<Service>& wanted,
                            const std::map<Service, Observation>& observed);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_SUPERVISION_PLAN_H_
