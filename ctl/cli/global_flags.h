// SPDX-License-Identifier: Apache-2.0
// The flags that every command takes, and those that several commands share.
// Main thread.
#ifndef MICROOVN_CTL_CLI_GLOBAL_FLAGS_H_
#define MICROOVN_CTL_CLI_GLOBAL_FLAGS_H_

#include <string>
#include <vector>

#include "ctl/cli/command.h"
#include "gflags/gflags_declare.h"

DECLARE_string(state_dir);
DECLARE_string(endpoint);
DECLARE_string(cert);
DECLARE_string(key);
DECLARE_string(cacert);
DECLARE_bool(debug);
DECLARE_bool(verbose);
DECLARE_string(color);
DECLARE_string(format);
DECLARE_string(node);
DECLARE_bool(dry_run);
DECLARE_bool(async);

namespace microovn::ctl {

std::vector<FlagSpec> GlobalFlags();

// -f/--format and -o/--output, which are one flag.
std::vector<FlagSpec> FormatFlags(const std::vector<std::string>& choices);

// --dry-run.
FlagSpec DryRunFlag();

// --node and --member, which are one flag.
std::vector<FlagSpec> NodeFlags();

// `a` and then `b`.
std::vector<FlagSpec> Join(std::vector<FlagSpec> a,
                           const std::vector<FlagSpec>& b);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLI_GLOBAL_FLAGS_H_
