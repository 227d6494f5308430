// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/services_reconciler.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service_state.h"
#include "supervisor/supervision_plan.h"

namespace microovn::agent {

using supervisor::Service;

absl::StatusOr<std::string> ReadProcessArguments(pid_t pid) {
  return ReadFile(absl::StrCat("/proc/", pid, "/cmdline"), 64 << 10);
}

ServicesReconciler::ServicesReconciler(ServicesReconcilerOptions options,
                                       NodeFacts* facts)
    : options_(std::move(options)), facts_(*facts) {}

void ServicesReconciler::Observe() {
  const supervisor::ServiceReports reports = options_.supervisor->Observed();
  if (reports.empty()) return;
  facts_.services.clear();
  for (const auto& [service, report] : reports) {
    facts_.services[service] = report.observation;
  }
  facts_.services_seen = true;
}

bool ServicesReconciler::MayShowSouthbound(const ServicesWish& wish) {
  const std::string& remote = facts_.connections.sb_connect;
  if (!wish.chassis || remote.empty()) return false;
  if (facts_.Active(Service::kChassis)) return true;
  if (remote == written_at_) return true;
  const absl::StatusOr<bool> written = options_.northd_has_written(remote);
  if (!written.ok() || !*written) return false;
  written_at_ = remote;
  return true;
}

absl::Status ServicesReconciler::Reconcile(const NodeView& view) {
  Observe();
  if (!facts_.services_seen) {
    return absl::UnavailableError("the services have not been looked at yet");
  }
  ServicesWish wish;
  wish.central = view.Wants(statepb::SERVICE_CENTRAL);
  wish.chassis = view.Wants(statepb::SERVICE_CHASSIS);
  wish.switching = view.Wants(statepb::SERVICE_SWITCH);
  const ServicesPlan plan = PlanServices(wish, facts_, MayShowSouthbound(wish));
  options_.supervisor->SetWanted(plan.run);
  if (wish.central) RETURN_IF_ERROR(KeepNorthdCurrent());
  if (!plan.waiting_for.empty()) {
    return absl::UnavailableError(
        absl::StrCat("waiting for ", plan.waiting_for));
  }
  return Settled(plan.run);
}

const std::string& ServicesReconciler::NorthdArguments(pid_t pid) {
  if (pid == known_northd_) return northd_arguments_;
  northd_arguments_ = options_.arguments_of(pid).value_or("");
  known_northd_ = northd_arguments_.empty() ? 0 : pid;
  return northd_arguments_;
}

absl::Status ServicesReconciler::KeepNorthdCurrent() {
  if (!facts_.environment_written || !facts_.Ready(Service::kNorthd)) {
    return absl::OkStatus();
  }
  const pid_t pid = facts_.services[Service::kNorthd].pid;
  const std::string& arguments = NorthdArguments(pid);
  // The next look shows its successor.
  if (arguments.empty()) return absl::OkStatus();
  if (NorthdIsCurrent(arguments, facts_.connections)) return absl::OkStatus();
  if (pid != restarted_northd_) {
    LOG(INFO) << "ovn-northd is restarted for its new connection strings";
    RETURN_IF_ERROR(options_.supervisor->RestartService(Service::kNorthd));
    restarted_northd_ = pid;
  }
  return absl::UnavailableError("waiting for ovn-northd to restart");
}

absl::Status ServicesReconciler::Settled(
    const std::set<Service>& wanted) const {
  const std::set<Service> unsettled = supervisor::Unsettled(
      supervisor::WithRequirements(wanted), facts_.services);
  if (unsettled.empty()) return absl::OkStatus();
  const Service first = *unsettled.begin();
  const auto found = facts_.services.find(first);
  return absl::UnavailableError(
      absl::StrCat(supervisor::ServiceName(first), " is ",
                   found == facts_.services.end()
                       ? "not known"
                       : supervisor::PhaseName(found->second.phase)));
}

}  // namespace microovn::agent
