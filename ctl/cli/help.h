// SPDX-License-Identifier: Apache-2.0
// The help of a command, from the tree and the flag registry. Pure.
#ifndef MICROOVN_CTL_CLI_HELP_H_
#define MICROOVN_CTL_CLI_HELP_H_

#include <cstddef>
#include <string>
#include <vector>

#include "ctl/cli/command.h"

namespace microovn::ctl {

// `path` is how the command is called, "microovn cluster add"; `global` are
// the flags of every command. Sentences are folded at `width` columns; names
// and what must be typed are not.
std::string HelpText(const Command& command, const std::string& path,
                     const std::vector<FlagSpec>& global, size_t width);

// The two parts of it: what is this command's own, and what every command has.
std::string OwnHelp(const Command& command, const std::string& path,
                    size_t width);
std::string GlobalHelp(const std::vector<FlagSpec>& global, size_t width);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLI_HELP_H_
