// SPDX-License-Identifier: Apache-2.0
// Keeps in the switch's database what ovn-controller reads there: who this
// chassis is and where the southbound database is. Nothing is written unless
// it differs.
#ifndef MICROOVN_AGENT_RECONCILE_SETTINGS_OVS_SETTINGS_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SETTINGS_OVS_SETTINGS_RECONCILER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/chassis.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/watch/change_watch.h"

namespace microovn::agent {

struct OvsSettingsOptions {
  std::string hostname;
  // "system" or "netdev".
  std::string datapath;
};

// Fills in NodeFacts::ovs_settings_applied.
class OvsSettingsReconciler final : public Reconciler {
 public:
  // `facts` outlives the object, and so does `watch`, which may be null: what
  // tells of changes in the switch's database.
  OvsSettingsReconciler(OvsSettingsOptions options,
                        SwitchDatabase switch_database, NodeFacts* facts,
                        const ChangeWatch* watch = nullptr);

  absl::string_view name() const override { return "switch-settings"; }
  absl::Status Reconcile(const NodeView& view) override;
  bool hears() const override {
    return !facts_.ovs_settings_applied ||
           (watch_ != nullptr && watch_->Hears());
  }

 private:
  const OvsSettingsOptions options_;
  const SwitchDatabase switch_;
  NodeFacts& facts_;
  const ChangeWatch* const watch_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SETTINGS_OVS_SETTINGS_RECONCILER_H_
