// SPDX-License-Identifier: Apache-2.0
// Prints microovn(8), for packages.
#include <iostream>

#include "ctl/command_tree.h"
#include "ctl/reference/man_page.h"
#include "ctl/wrappers/tool_plan.h"

int main() {
  std::cout << microovn::ctl::ManPage(microovn::ctl::CommandTree(),
                                      microovn::ctl::ToolNames());
  return std::cout.flush() ? 0 : 1;
}
