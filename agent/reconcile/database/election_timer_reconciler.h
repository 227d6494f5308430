// SPDX-License-Identifier: Apache-2.0
// Gives OVN's databases the election timer that is set, and a long one for as
// long as a conversion needs it. Done by the member
// whose server leads the database, a step at a time (election_timer.h).
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_RECONCILER_H_

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {

// Reads NodeFacts::nb and ::sb.
class ElectionTimerReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  ElectionTimerReconciler(std::vector<CentralDatabase> databases,
                          const NodeFacts* facts)
      : databases_(std::move(databases)), facts_(*facts) {}

  absl::string_view name() const override { return "election timers"; }
  absl::Status Reconcile(const NodeView& view) override;
  // The state tells what is wanted, the database reconcilers who leads.
  bool hears() const override { return true; }

 private:
  absl::Status Follow(const CentralDatabase& database,
                      absl::Duration wanted) const;

  const std::vector<CentralDatabase> databases_;
  const NodeFacts& facts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_ELECTION_TIMER_RECONCILER_H_
