// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/election_timer_reconciler.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/database/election_timer.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/config_keys.h"
#include "base/status/status_macros.h"
#include "glog/logging.h"

namespace microovn::agent {

absl::Status ElectionTimerReconciler::Reconcile(const NodeView& view) {
  if (view.leaving()) return absl::OkStatus();
  const absl::Duration wanted =
      absl::Milliseconds(ConfigNumber(view.state(), kConfigElectionTimer));
  absl::Status result;
  for (const CentralDatabase& database : databases_) {
    result.Update(Follow(database, wanted));
  }
  return result;
}

absl::Status ElectionTimerReconciler::Follow(const CentralDatabase& database,
                                             absl::Duration wanted) const {
  const bool nb = database.kind().name == Northbound().name;
  const DatabaseNodeFacts& facts = nb ? facts_.nb : facts_.sb;
  if (!facts.leader) return absl::OkStatus();
  const absl::Duration timer = facts.needs_patience
                                   ? std::max(wanted, kConversionElectionTimer)
                                   : wanted;
  ASSIGN_OR_RETURN(const OvsdbClusterStatus status, database.Status());
  // It has lost an election since; the next leader's member goes on.
  if (!status.is_leader()) return absl::OkStatus();
  const std::optional<absl::Duration> next =
      NextElectionTimer(status.election_timer, timer);
  if (!next.has_value()) return absl::OkStatus();
  RETURN_IF_ERROR(database.ChangeElectionTimer(*next));
  LOG(INFO) << database.kind().schema_name << ": from an election timer of "
            << status.election_timer << " to one of " << *next;
  // In use when the servers have agreed on it.
  return absl::UnavailableError(
      absl::StrCat("waiting for ", database.kind().schema_name,
                   " to have another election timer"));
}

}  // namespace microovn::agent
