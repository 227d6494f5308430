// SPDX-License-Identifier: Apache-2.0
// The pages of docs/reference that say what the program says: from the same
// tables as its help and its explanations. Pure.
#ifndef MICROOVN_CTL_REFERENCE_PAGES_H_
#define MICROOVN_CTL_REFERENCE_PAGES_H_

#include <string>

#include "ctl/cli/command.h"

namespace microovn::ctl {

// Every command that is not hidden, in the order of the tree, as Markdown.
std::string CommandsPage(const Command& root);

// Every reason of an error with its cause and its remedy, as Markdown.
std::string ReasonsPage();

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_REFERENCE_PAGES_H_
