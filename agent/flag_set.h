// SPDX-License-Identifier: Apache-2.0
// Flags of a command line: how they are taken in, and how help shows them.
// Pure; nothing exits or prints.
#ifndef MICROOVN_AGENT_FLAG_SET_H_
#define MICROOVN_AGENT_FLAG_SET_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace microovn::agent {

struct Flag {
  // Words joined by '-'; '_' in their place is taken as well.
  std::string name;
  // What stands for the value in help; empty: the flag has none.
  std::string value;
  std::string help;
  // Shown in help; empty: not worth a word.
  std::string default_value;
  // Gets the value; empty for a flag that has none.
  std::function<absl::Status(const std::string&)> set;
};

struct FlagGroup {
  std::string title;
  std::vector<Flag> flags;
};

// Sets what `arguments` name, in their order: --name=value, --name value, or
// --name of a flag without value. INVALID_ARGUMENT, one line, for all else.
absl::Status ParseArguments(const std::vector<FlagGroup>& groups,
                            const std::vector<std::string>& arguments);

// Every group with its flags, at most 80 columns wide.
std::string DescribeFlags(const std::vector<FlagGroup>& groups);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_FLAG_SET_H_
