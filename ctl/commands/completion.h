// SPDX-License-Identifier: Apache-2.0
// Completion for shells. The scripts are short: they ask the hidden command
// `__complete`, which walks the tree, so that they never fall behind it.
#ifndef MICROOVN_CTL_COMMANDS_COMPLETION_H_
#define MICROOVN_CTL_COMMANDS_COMPLETION_H_

#include <functional>
#include <string>
#include <vector>

#include "ctl/cli/command.h"

namespace microovn::ctl {

// Live values for a kind of word; may answer nothing.
using LiveWords = std::function<std::vector<std::string>(WordKind kind)>;

// What may follow: `words` are those after the program's name, the last one
// being typed and perhaps empty. Sorted. Pure as far as `live` is.
std::vector<std::string> Complete(const Command& root,
                                  const std::vector<std::string>& words,
                                  const LiveWords& live);

Command CompletionCommand();
// `root` is asked only when the command runs: the tree holds the command.
Command CompleteCommand(std::function<const Command&()> root);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_COMPLETION_H_
