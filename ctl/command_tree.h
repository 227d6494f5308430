// SPDX-License-Identifier: Apache-2.0
// The whole tree, and running one command line of it.
#ifndef MICROOVN_CTL_COMMAND_TREE_H_
#define MICROOVN_CTL_COMMAND_TREE_H_

#include <string>
#include <vector>

#include "ctl/cli/command.h"
#include "ctl/client/session.h"

namespace microovn::ctl {

// Built once; never destroyed.
const Command& CommandTree();

// Splits, sets flags, runs, prints an error if there is one; the exit code.
// `arguments` without the program's name.
int RunCommandLine(Session& session, const std::vector<std::string>& arguments);

// One line; on a terminal the remedy and the way to `explain` are lines of
// their own.
void PrintError(Session& session, const absl::Status& status);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMAND_TREE_H_
