// SPDX-License-Identifier: Apache-2.0
// Becomes an OVN or Open vSwitch tool: gathers the facts and execs.
#ifndef MICROOVN_CTL_WRAPPERS_TOOL_EXEC_H_
#define MICROOVN_CTL_WRAPPERS_TOOL_EXEC_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ctl/wrappers/tool_plan.h"

namespace microovn::ctl {

// Looks at the environment and at the files below `root`.
ToolFacts GatherToolFacts(const std::string& root);

// Does not return when it works. NOT_FOUND when the program is not installed.
absl::Status ExecTool(const std::string& tool,
                      const std::vector<std::string>& arguments,
                      const std::string& root);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_WRAPPERS_TOOL_EXEC_H_
