// SPDX-License-Identifier: Apache-2.0
// The end of a node's membership: when everything on it has stopped, what it
// holds is put away (backup.h). Comes last in the order of reconcilers; the
// others do the stopping, each its own part.
#ifndef MICROOVN_AGENT_RECONCILE_SERVICE_LEAVE_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SERVICE_LEAVE_RECONCILER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "base/time/clock.h"

namespace microovn::agent {

// What a leaving node still has to get rid of; empty when it may be put away.
std::string NotYetLeft(const NodeFacts& facts);

// Fills in NodeFacts::left.
class LeaveReconciler final : public Reconciler {
 public:
  // `root` holds data/ and logs/. `facts` and `clock` outlive the object.
  LeaveReconciler(std::string root, NodeFacts* facts, const Clock* clock)
      : root_(std::move(root)), facts_(*facts), clock_(*clock) {}

  absl::string_view name() const override { return "leave"; }
  absl::Status Reconcile(const NodeView& view) override;
  // It waits for facts of those before it.
  bool hears() const override { return true; }

 private:
  const std::string root_;
  NodeFacts& facts_;
  const Clock& clock_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SERVICE_LEAVE_RECONCILER_H_
