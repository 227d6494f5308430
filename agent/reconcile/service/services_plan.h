// SPDX-License-Identifier: Apache-2.0
// Which services run on this node now: pure.
//
// What is wanted comes from the replicated state; a gate holds a service back
// until it can be of use. Gates are for starting: a service that runs is never
// stopped because a gate has closed, so that neither an agent's restart nor a
// database that is away touches the data plane.  Only an ovn-northd yields: one
// that is newer than the databases, to one that is not.
#ifndef MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_PLAN_H_
#define MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_PLAN_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/ovn/connections.h"
#include "agent/reconcile/facts/node_facts.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

struct ServicesWish {
  bool central = false;
  bool chassis = false;
  // The switch.
  bool switching = false;
};

struct ServicesPlan {
  // Requirements of services are the supervisor's to add.
  std::set<supervisor::Service> run;
  // What the first closed gate waits for; empty when all are open.
  std::string waiting_for;
};

// `northd_has_written`: the southbound database may be shown to ovn-controller.
ServicesPlan PlanServices(const ServicesWish& wish, const NodeFacts& facts,
                          bool northd_has_written);

// Whether a running ovn-northd was started with these connections; `arguments`
// is its /proc/PID/cmdline. ovn-northd reads them at its start only.
bool NorthdIsCurrent(absl::string_view arguments,
                     const OvnConnections& connections);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SERVICE_SERVICES_PLAN_H_
