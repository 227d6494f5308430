// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/services_plan.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace microovn::agent {
namespace {

using supervisor::Service;

// Empty when the gate is open.
std::string CentralGate(const NodeFacts& facts) {
  if (!facts.environment_written) return "the connection strings";
  for (const char* name : {"ovnnb", "ovnsb", "ovn-northd"}) {
    if (facts.certificates.count(name) == 0) {
      return absl::StrCat("the certificate of ", name);
    }
  }
  return "";
}

std::string NorthdGate(const NodeFacts& facts) {
  if (!facts.nb.serving) return "the northbound database";
  if (!facts.sb.serving) return "the southbound database";
  return "";
}

std::string ChassisGate(const NodeFacts& facts, bool northd_has_written) {
  if (facts.certificates.count("ovn-controller") == 0) {
    return "the certificate of ovn-controller";
  }
  if (facts.connections.sb_connect.empty()) return "a central";
  if (!facts.ovs_settings_applied) return "the settings of the switch";
  if (!facts.Ready(Service::kSwitch)) return "the switch";
  if (!northd_has_written) return "ovn-northd to fill the southbound database";
  return "";
}

// An agent that has just started knows nothing yet of the databases beside it;
// their servers go on until it does.
bool Runs(const NodeFacts& facts, const DatabaseNodeFacts& database,
          Service server) {
  return database.decided ? database.run_server : facts.Active(server);
}

class Planner {
 public:
  explicit Planner(const NodeFacts& facts) : facts_(facts) {}

  void Want(Service service, const std::string& gate) {
    if (gate.empty() || facts_.Active(service)) {
      plan_.run.insert(service);
    } else if (plan_.waiting_for.empty()) {
      plan_.waiting_for = gate;
    }
  }

  ServicesPlan Take() { return plan_; }

 private:
  const NodeFacts& facts_;
  ServicesPlan plan_;
};

}  // namespace

ServicesPlan PlanServices(const ServicesWish& wish, const NodeFacts& facts,
                          bool northd_has_written) {
  Planner planner(facts);
  // ovn-controller goes first, and the network below the tunnels is given back
  // while the switch still runs.
  const bool switch_needed =
      facts.Running(Service::kSwitch) &&
      (facts.underlay_taken || facts.Running(Service::kChassis));
  if (wish.switching || wish.chassis || switch_needed) {
    planner.Want(Service::kSwitch, "");
  }
  // A server of a disabled central runs until it has left its cluster.
  const std::string central_gate = CentralGate(facts);
  if (Runs(facts, facts.nb, Service::kNbOvsdbServer)) {
    planner.Want(Service::kNbOvsdbServer, central_gate);
  }
  if (Runs(facts, facts.sb, Service::kSbOvsdbServer)) {
    planner.Want(Service::kSbOvsdbServer, central_gate);
  }
  // One that needs a newer schema would take the lock from one that works, and
  // write nothing. Nothing is lost by its stop, and nobody waits for its start.
  if (wish.central && !facts.northd_yields) {
    planner.Want(Service::kNorthd,
                 central_gate.empty() ? NorthdGate(facts) : central_gate);
  }
  if (wish.chassis) {
    planner.Want(Service::kChassis, ChassisGate(facts, northd_has_written));
  }
  return planner.Take();
}

bool NorthdIsCurrent(absl::string_view arguments,
                     const OvnConnections& connections) {
  const std::vector<absl::string_view> words = absl::StrSplit(arguments, '\0');
  auto has = [&](absl::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  return has(absl::StrCat("--ovnnb-db=", connections.nb_connect)) &&
         has(absl::StrCat("--ovnsb-db=", connections.sb_connect));
}

}  // namespace microovn::agent
