// SPDX-License-Identifier: Apache-2.0
// microovn upgrade begin, end: a member takes the cluster's one upgrade slot
// before it goes away, and gives it back. A member that cannot come back keeps
// it, so that the others stay as they are until somebody has looked.
#ifndef MICROOVN_CTL_COMMANDS_UPGRADE_SLOT_H_
#define MICROOVN_CTL_COMMANDS_UPGRADE_SLOT_H_

#include <string>

#include "absl/status/statusor.h"
#include "ctl/cli/command.h"
#include "ctl/client/session.h"
#include "microovn/v1/config.pb.h"

namespace microovn::ctl {

// Unset while nobody has it, and where the agent is older than the slot.
absl::StatusOr<v1::Config> UpgradeSlot(Session& session);

Command UpgradeBeginCommand();
Command UpgradeEndCommand();

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_UPGRADE_SLOT_H_
