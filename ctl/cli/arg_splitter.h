// SPDX-License-Identifier: Apache-2.0
// Splits a command line by the command tree: which command, which words, which
// flags. gflags is the registry of flags and parses their values; its own
// parser is not used, because it ends the process on errors, reorders
// arguments at "--" and knows neither subcommands nor "--no-NAME".
//
// SplitArguments reads the registry only; ApplyFlags writes it. Main thread.
#ifndef MICROOVN_CTL_CLI_ARG_SPLITTER_H_
#define MICROOVN_CTL_CLI_ARG_SPLITTER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctl/cli/command.h"

namespace microovn::ctl {

// `arguments` without the program's name. Flags may stand before or after
// words; "--" ends flags. `root.flags` belong to every command.
//
// INVALID_ARGUMENT with reason USAGE for anything that is not in the tree, is
// not a choice, or comes in a wrong number. The returned command points into
// `root`. A group without a word comes back with `help` set.
absl::StatusOr<Invocation> SplitArguments(
    const Command& root, const std::vector<std::string>& arguments);

// Sets the flags; INVALID_ARGUMENT with reason USAGE when a value does not fit
// its type.
absl::Status ApplyFlags(const Invocation& invocation);

// The command's choices without those that it refuses.
std::vector<std::string> OfferedChoices(const Command& command);

// In an error's metadata: what a person is told beside the message.
inline constexpr char kHintMetadata[] = "hint";

// INVALID_ARGUMENT with reason USAGE.
absl::Status UsageError(const std::string& message);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLI_ARG_SPLITTER_H_
