// SPDX-License-Identifier: Apache-2.0
// The command line's manual page, from the tables of its help. Pure.
#ifndef MICROOVN_CTL_REFERENCE_MAN_PAGE_H_
#define MICROOVN_CTL_REFERENCE_MAN_PAGE_H_

#include <string>
#include <vector>

#include "ctl/cli/command.h"

namespace microovn::ctl {

// microovn(8), with every command that is not hidden, and the `tools` for
// which the program stands in as microovn.TOOL.
std::string ManPage(const Command& root, const std::vector<std::string>& tools);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_REFERENCE_MAN_PAGE_H_
