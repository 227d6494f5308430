// Clears away what removed members have left in OVN's databases: servers that
// still count for the quorum, and chassis records that hold their addresses.
//
// A member that leaves gracefully leaves nothing; one that died, or whose
// removal was forced, cannot. Done by the member whose server leads the
// database, so by one at a time. A server or chassis that is not of this
// cluster's doing is left alone: a server goes when its address is that of a
// former member or of one that has no central any more, a chassis when it has
// the name of a former member.
#ifndef MICROOVN_AGENT_RECONCILE_DEPARTED_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DEPARTED_RECONCILER_H_

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/central.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "agent/reconcile/node_facts.h"
#include "agent/reconcile/reconciler.h"

namespace microovn::agent {

// Servers of the database that no member needs any more: pure. Members that
// should serve it, that have joined it, and that are leaving (they leave by
// themselves) keep theirs.
std::vector<OvsdbServer> DepartedServers(const NodeView& view,
                                         absl::string_view database,
                                         const OvsdbClusterStatus& status);

// Names of former members that no member has now.
std::set<std::string> DepartedNames(const ClusterState& state);

struct DepartedReconcilerOptions {
  // The databases of this node.
  std::vector<CentralDatabase> databases;
  std::function<absl::Status(const std::string& name)> delete_chassis;
  // The revision of the state that a quorum agrees on now. An agent that lags
  // behind would take a new member's server for a departed one.
  std::function<absl::StatusOr<uint64_t>()> confirmed_revision;
};

class DepartedReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  DepartedReconciler(DepartedReconcilerOptions options, NodeFacts* facts);

  absl::string_view name() const override { return "departed-members"; }
  absl::Status Reconcile(const NodeView& view) override;

 private:
  absl::Status KickServers(const NodeView& view,
                           const CentralDatabase& database);
  absl::Status DeleteChassis(const NodeView& view);
  absl::Status Confirm(const NodeView& view) const;

  const DepartedReconcilerOptions options_;
  NodeFacts& facts_;
  // Names whose records are gone, as far as this process has seen to it.
  std::set<std::string> deleted_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DEPARTED_RECONCILER_H_
