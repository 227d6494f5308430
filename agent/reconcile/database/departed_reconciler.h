// SPDX-License-Identifier: Apache-2.0
// Clears away what members have left in OVN's databases that are none any more,
// or were put out: servers that still count for the quorum, and chassis
// records that hold their addresses. A removal and a join that is taken back
// only say in the state what is wanted; this is who does it.
//
// Done by the member whose server leads the database, so by one at a time. It
// says up to whom it has, for operations that wait for it. A server
// or chassis that is not of this cluster's doing is left alone: a server is
// known by the address of a member or former member, a chassis by the name of
// a former one.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_DEPARTED_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_DEPARTED_RECONCILER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/ovn/central.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "base/time/clock.h"

namespace microovn::agent {

// Servers of the database that no member needs any more: pure. Members that
// should serve it, that have joined it, and that are leaving by themselves keep
// theirs. Where a member is at a former member's address, its server is told
// from the former one by its id, once it has said so.
std::vector<OvsdbServer> DepartedServers(const NodeView& view,
                                         absl::string_view database,
                                         const OvsdbClusterStatus& status);

// Names of former members that no member has now, and of members that were put
// out while they are removed; whether the member is gone.
std::map<std::string, bool> DepartedNames(const ClusterState& state);

struct DepartedReconcilerOptions {
  // The databases of this node.
  std::vector<CentralDatabase> databases;
  // Of all chassis records that there are.
  std::function<absl::StatusOr<std::set<std::string>>()> chassis_names;
  std::function<absl::Status(const std::vector<std::string>& names)>
      delete_chassis;
  // The revision of the state that a quorum agrees on now. An agent that lags
  // behind would take a new member's server for a departed one.
  std::function<absl::StatusOr<uint64_t>()> confirmed_revision;
  const Clock* clock = nullptr;
};

class DepartedReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  DepartedReconciler(DepartedReconcilerOptions options, NodeFacts* facts);

  absl::string_view name() const override { return "departed-members"; }
  absl::Status Reconcile(const NodeView& view) override;
  // Which server leads a database is not in the state, and a record may come
  // back: looking seldom is not enough while an operation may wait for it.
  bool hears() const override { return settled_; }

 private:
  absl::Status Clear(const NodeView& view, const CentralDatabase& database);
  // OK when none of them is left. `status` is the leader's.
  absl::Status KickServers(const NodeView& view,
                           const CentralDatabase& database,
                           const OvsdbClusterStatus& status);
  absl::Status DeleteChassis(const NodeView& view);
  absl::Status Confirm(const NodeView& view) const;

  const DepartedReconcilerOptions options_;
  NodeFacts& facts_;
  // By name, whether the member is gone, and since when that is known here.
  struct Departed {
    bool gone = false;
    absl::Duration since;
  };
  std::map<std::string, Departed> departed_;
  bool settled_ = true;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_DEPARTED_RECONCILER_H_
