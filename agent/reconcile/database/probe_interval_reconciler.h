// SPDX-License-Identifier: Apache-2.0
// Has the servers of OVN's databases and ovn-northd probe their connections as
// often as is set. Done by the member whose server leads the database; what
// ovn-controller reads is in the switch's database of each member, and
// settings/ovs_settings_reconciler.h is about that.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_PROBE_INTERVAL_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_PROBE_INTERVAL_RECONCILER_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {

// Reads NodeFacts::nb and ::sb.
class ProbeIntervalReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  ProbeIntervalReconciler(std::vector<CentralDatabase> databases,
                          const NodeFacts* facts)
      : databases_(std::move(databases)), facts_(*facts) {}

  absl::string_view name() const override { return "probe intervals"; }
  absl::Status Reconcile(const NodeView& view) override;
  // The state tells what is wanted, the database reconcilers who leads; what
  // is changed by hand can wait.
  bool hears() const override { return true; }

 private:
  absl::Status Follow(const CentralDatabase& database,
                      absl::string_view interval) const;

  const std::vector<CentralDatabase> databases_;
  const NodeFacts& facts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_PROBE_INTERVAL_RECONCILER_H_
