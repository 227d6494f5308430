// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/underlay_reconciler.h"

#include <algorithm>

#include "agent/state/values/member_view.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

using supervisor::Service;

bool UnderlayReconciler::hears() const {
  if (datapath_ != "netdev" && !facts_.underlay_taken) return true;
  return !watches_.empty() &&
         std::all_of(watches_.begin(), watches_.end(),
                     [](const ChangeWatch* watch) { return watch->Hears(); });
}

absl::Status UnderlayReconciler::Reconcile(const NodeView& view) {
  // Before looking, so that they listen from the next time on at the latest.
  for (ChangeWatch* watch : watches_) watch->Version();
  const bool chassis = view.Wants(statepb::SERVICE_CHASSIS);
  // Tunnels carry traffic as long as ovn-controller is there.
  const bool wanted =
      datapath_ == "netdev" && (chassis || facts_.Running(Service::kChassis));
  const bool switch_runs = facts_.Ready(Service::kSwitch);
  ASSIGN_OR_RETURN(
      const UnderlayFacts seen,
      underlay_.Observe(wanted, switch_runs, EncapIpOf(*view.self()),
                        AddressOf(*view.self()).host));
  facts_.underlay_taken = seen.record.has_value();
  findings_.clear();
  if (wanted && !switch_runs) {
    return absl::UnavailableError("waiting for the switch");
  }
  const UnderlayPlan plan = PlanUnderlay(seen);
  if (!plan.problem.empty()) {
    findings_.push_back({"TUNNELS_NOT_POSSIBLE", plan.problem, plan.remedy});
  }
  if (plan.remember.has_value()) {
    LOG(INFO) << plan.remember->interface << " and its address "
              << plan.remember->address << " move to " << kUnderlayBridge;
    facts_.underlay_taken = true;
  }
  RETURN_IF_ERROR(underlay_.Execute(plan));
  if (plan.forget) facts_.underlay_taken = false;
  return absl::OkStatus();
}

}  // namespace microovn::agent
