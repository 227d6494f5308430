// SPDX-License-Identifier: Apache-2.0
// Commands that replace a CA: below "certificates" that of OVN, below
// "cluster" that of the agents.
#ifndef MICROOVN_CTL_COMMANDS_ROTATION_H_
#define MICROOVN_CTL_COMMANDS_ROTATION_H_

#include "ctl/cli/command.h"

namespace microovn::ctl {

Command RegenerateCaCommand();
Command CaCsrCommand();
Command SetCaCommand();
Command RotateCaCommand();

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_ROTATION_H_
