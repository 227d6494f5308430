// SPDX-License-Identifier: Apache-2.0
// `upgrade status` and `upgrade plan`: what each member runs, what waits for
// whom, and in which order members are upgraded. Pure.
#ifndef MICROOVN_CTL_RENDER_UPGRADE_TEXT_H_
#define MICROOVN_CTL_RENDER_UPGRADE_TEXT_H_

#include <string>
#include <vector>

#include "ctl/render/table.h"
#include "microovn/v1/status.pb.h"

namespace microovn::ctl {

// A row for each member, sorted by name as people count: versions, and the
// schemas that its OVN expects.
Table UpgradeTable(const v1::ClusterStatus& status);

// Members run different versions, or something waits for some of them.
bool IsUpgrading(const v1::ClusterStatus& status);

// Lines: each database, each feature that is not switched on, what is to be
// done. `held`: what cannot be taken back waits.
std::string UpgradeSummary(const v1::ClusterStatus& status, bool held);

struct UpgradePlan {
  // Why not to begin now, in sentences; empty when nothing speaks against it.
  std::vector<std::string> obstacles;
  // Worth knowing before.
  std::vector<std::string> warnings;
  // Names of members, in the order in which they are upgraded.
  std::vector<std::string> order;
};

// Who carries least comes first, the leader of the log last, so that the lead
// is handed over once.
UpgradePlan PlanUpgrade(const v1::ClusterStatus& status);

// As numbered steps; obstacles and warnings are not in it.
std::string UpgradeSteps(const UpgradePlan& plan, bool held);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_RENDER_UPGRADE_TEXT_H_
