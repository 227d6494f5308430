// SPDX-License-Identifier: Apache-2.0
// Keeps the network below the tunnels in place; see agent/ovn/underlay.h.
#ifndef MICROOVN_AGENT_RECONCILE_SETTINGS_UNDERLAY_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SETTINGS_UNDERLAY_RECONCILER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/underlay.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/watch/change_watch.h"

namespace microovn::agent {

// Fills in NodeFacts::underlay_taken.
class UnderlayReconciler final : public Reconciler {
 public:
  // `datapath` is "system" or "netdev"; `facts` outlives the object, and so do
  // `watches`: what tells of changes in the switch's database and of addresses.
  UnderlayReconciler(std::string datapath, Underlay underlay, NodeFacts* facts,
                     std::vector<ChangeWatch*> watches = {})
      : datapath_(std::move(datapath)),
        underlay_(std::move(underlay)),
        facts_(*facts),
        watches_(std::move(watches)) {}

  absl::string_view name() const override { return "underlay"; }
  absl::Status Reconcile(const NodeView& view) override;
  std::vector<LocalFinding> findings() const override { return findings_; }
  bool hears() const override;

 private:
  const std::string datapath_;
  const Underlay underlay_;
  NodeFacts& facts_;
  const std::vector<ChangeWatch*> watches_;
  std::vector<LocalFinding> findings_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SETTINGS_UNDERLAY_RECONCILER_H_
