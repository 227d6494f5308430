// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/probe_interval_reconciler.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/config_keys.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {

absl::Status ProbeIntervalReconciler::Reconcile(const NodeView& view) {
  if (view.leaving()) return absl::OkStatus();
  const std::string interval = ConfigValue(view.state(), kConfigProbeInterval);
  absl::Status result;
  for (const CentralDatabase& database : databases_) {
    result.Update(Follow(database, interval));
  }
  return result;
}

absl::Status ProbeIntervalReconciler::Follow(const CentralDatabase& database,
                                             absl::string_view interval) const {
  const bool nb = database.kind().name == Northbound().name;
  // One of the members writes. Two that both think so write the same.
  if (!(nb ? facts_.nb : facts_.sb).leader) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool changed, database.FollowProbeInterval(interval));
  if (changed) {
    LOG(INFO) << database.kind().schema_name << ": connections are probed "
              << (interval.empty() ? "as OVN does by itself"
                                   : absl::StrCat("after ", interval, " ms"));
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
