// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/leave_reconciler.h"

#include "absl/strings/str_cat.h"
#include "agent/reconcile/service/backup.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

std::string NotYetLeft(const NodeFacts& facts) {
  if (!facts.services_seen) return "a look at the services";
  for (auto it = supervisor::kAllServices.rbegin();
       it != supervisor::kAllServices.rend(); ++it) {
    if (facts.Active(*it)) {
      return absl::StrCat(supervisor::ServiceName(*it), " to stop");
    }
  }
  if (facts.underlay_taken) return "the network below the tunnels";
  if (facts.nb.file_exists) return "the northbound database to be put away";
  if (facts.sb.file_exists) return "the southbound database to be put away";
  return "";
}

absl::Status LeaveReconciler::Reconcile(const NodeView& view) {
  if (!view.leaving()) {
    facts_.left = false;
    return absl::OkStatus();
  }
  const std::string missing = NotYetLeft(facts_);
  if (!missing.empty()) {
    return absl::UnavailableError(absl::StrCat("waiting for ", missing));
  }
  ASSIGN_OR_RETURN(const std::string backup, BackUpNode(root_, clock_.Now()));
  LOG_IF(INFO, !backup.empty()) << "data and logs are kept in " << backup;
  facts_.left = true;
  return absl::OkStatus();
}

}  // namespace microovn::agent
