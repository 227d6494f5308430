// SPDX-License-Identifier: Apache-2.0
#include "agent/member/local_status.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "supervisor/service/service.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

v1::Daemon::State StateOf(supervisor::Phase phase) {
  switch (phase) {
    case supervisor::Phase::kStopped:
      return v1::Daemon::STATE_STOPPED;
    case supervisor::Phase::kStarting:
      return v1::Daemon::STATE_STARTING;
    case supervisor::Phase::kReady:
      return v1::Daemon::STATE_READY;
    case supervisor::Phase::kStopping:
      return v1::Daemon::STATE_STOPPING;
    case supervisor::Phase::kBackoff:
    case supervisor::Phase::kFailed:
      return v1::Daemon::STATE_FAILED;
  }
  return v1::Daemon::STATE_UNSPECIFIED;
}

std::string DetailOf(const supervisor::ServiceReport& report) {
  if (!report.error.ok()) return std::string(report.error.message());
  const auto& exit = report.observation.last_exit;
  const bool down = report.observation.phase == supervisor::Phase::kBackoff ||
                    report.observation.phase == supervisor::Phase::kFailed;
  if (!down || !exit.has_value()) return "";
  return absl::StrCat("it ended with status ", *exit);
}

}  // namespace

void FillDaemons(const supervisor::ServiceReports& reports,
                 peerpb::GetLocalStatusResponse& response) {
  for (const auto& [service, report] : reports) {
    const supervisor::Observation& seen = report.observation;
    if (seen.phase == supervisor::Phase::kStopped && !seen.enabled &&
        report.error.ok()) {
      continue;
    }
    v1::Daemon* daemon = response.add_daemons();
    daemon->set_unit(supervisor::ServiceName(service));
    daemon->set_state(StateOf(seen.phase));
    daemon->set_pid(seen.pid);
    daemon->set_restarts(static_cast<uint32_t>(seen.restarts));
    daemon->mutable_since()->set_seconds(absl::ToUnixSeconds(seen.since));
    daemon->set_detail(DetailOf(report));
  }
}

void FillAddresses(const std::vector<NetworkInterface>& interfaces,
                   peerpb::GetLocalStatusResponse& response) {
  for (const NetworkInterface& interface : interfaces) {
    if (!IsInUse(interface)) continue;
    for (const InterfaceAddress& address : interface.addresses) {
      if (IsGlobalUnicast(address.ip)) response.add_addresses(address.ip);
    }
  }
}

void FillReconcileStatus(const ReconcileStatus& status,
                         peerpb::GetLocalStatusResponse& response) {
  response.set_converged_revision(status.converged_revision);
  for (const LocalFinding& finding : status.findings) {
    v1::Finding* added = response.add_findings();
    added->set_reason(finding.reason);
    added->set_severity(v1::SEVERITY_WARNING);
    added->set_message(finding.message);
    added->set_remedy(finding.remedy);
  }
}

}  // namespace microovn::agent
