// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/ovs_settings_reconciler.h"

#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "agent/reconcile/settings/env_reconciler.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

OvsSettingsReconciler::OvsSettingsReconciler(OvsSettingsOptions options,
                                             SwitchDatabase switch_database,
                                             NodeFacts* facts,
                                             const ChangeWatch* watch)
    : options_(std::move(options)),
      switch_(std::move(switch_database)),
      facts_(*facts),
      watch_(watch) {}

absl::Status OvsSettingsReconciler::Reconcile(const NodeView& view) {
  const bool chassis = view.Wants(statepb::SERVICE_CHASSIS);
  const bool wanted = chassis || view.Wants(statepb::SERVICE_SWITCH);
  // A chassis that is being taken down needs its settings to the end.
  if (!wanted || (!chassis && facts_.Running(supervisor::Service::kChassis))) {
    facts_.ovs_settings_applied = false;
    return absl::OkStatus();
  }
  if (!facts_.Ready(supervisor::Service::kOvsOvsdbServer)) {
    facts_.ovs_settings_applied = false;
    return absl::UnavailableError("waiting for the switch's database");
  }
  ASSIGN_OR_RETURN(const OvnConnections connections, ConnectionsOf(view));
  ChassisFacts chassis_facts;
  chassis_facts.member_name = view.self()->name();
  chassis_facts.hostname = options_.hostname;
  chassis_facts.encap_ip = EncapIpOf(*view.self());
  chassis_facts.encapsulation = ConfigValue(view.state(), kConfigEncapsulation);
  chassis_facts.remote = connections.sb_connect;
  chassis_facts.datapath = options_.datapath;
  chassis_facts.probe_interval =
      ConfigValue(view.state(), kConfigProbeInterval);
  chassis_facts.chassis = chassis;
  ASSIGN_OR_RETURN(const ExternalIds observed, switch_.ReadExternalIds());
  const std::vector<std::string> words =
      PlanExternalIds(WantedExternalIds(chassis_facts, observed), observed);
  if (!words.empty()) {
    RETURN_IF_ERROR(switch_.Run(words).status());
    LOG(INFO) << "the switch's settings: " << absl::StrJoin(words, " ");
  }
  facts_.ovs_settings_applied = true;
  return absl::OkStatus();
}

}  // namespace microovn::agent
