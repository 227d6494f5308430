// Keeps in the switch's database what ovn-controller reads there: who this
// chassis is and where the southbound database is. Nothing is written unless
// it differs.
#ifndef MICROOVN_AGENT_RECONCILE_OVS_SETTINGS_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_OVS_SETTINGS_RECONCILER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/chassis.h"
#include "agent/reconcile/node_facts.h"
#include "agent/reconcile/reconciler.h"

namespace microovn::agent {

struct OvsSettingsOptions {
  std::string hostname;
  // "system" or "netdev".
  std::string datapath;
};

// Fills in NodeFacts::ovs_settings_applied.
class OvsSettingsReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  OvsSettingsReconciler(OvsSettingsOptions options,
                        SwitchDatabase switch_database, NodeFacts* facts);

  absl::string_view name() const override { return "switch-settings"; }
  absl::Status Reconcile(const NodeView& view) override;

 private:
  const OvsSettingsOptions options_;
  const SwitchDatabase switch_;
  NodeFacts& facts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_OVS_SETTINGS_RECONCILER_H_
