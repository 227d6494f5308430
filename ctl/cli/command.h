// SPDX-License-Identifier: Apache-2.0
// What a command of the tree is: data that the splitter, the help, the
// completion and the tests read alike. Immutable once the tree is built.
#ifndef MICROOVN_CTL_CLI_COMMAND_H_
#define MICROOVN_CTL_CLI_COMMAND_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace microovn::ctl {

class Session;

// A flag as one command takes it. The value lives in the gflags registry,
// which parses it and knows its type; several commands may bind one spelling
// to different entries (`--timeout` of `cluster add` and of `waitready`).
struct FlagSpec {
  // As typed, without dashes: "state-dir".
  std::string name;
  // Its name in the registry: "state_dir".
  std::string registry;
  // A letter, or 0.
  char letter = 0;
  // What to call the value in the help; unused for switches.
  std::string value;
  // What the value may be; empty for what the registry accepts.
  std::vector<std::string> choices;
  // What completion offers where there are no choices.
  std::vector<std::string> examples = {};
};

struct Command;

// A flag as it was given.
struct GivenFlag {
  std::string registry;
  std::string value;
  // "--timeout" or "-t".
  std::string spelling;
};

// A command line that was understood.
struct Invocation {
  const Command* command = nullptr;
  // "microovn cluster add"
  std::string path;
  std::vector<std::string> words;
  // Of a passthrough command: what the tool gets.
  std::vector<std::string> rest;
  // In order.
  std::vector<GivenFlag> flags;
  bool help = false;
  bool version = false;

  bool Has(const std::string& registry) const {
    for (const auto& flag : flags) {
      if (flag.registry == registry) return true;
    }
    return false;
  }
};

// What completion may offer for a word.
enum class WordKind {
  kOther,
  kMember,
  kOperation,
  kRunningOperation,
  kConfigKey,
  kToken,
  kUser,
  kReason,
  // Names of commands, from the root down.
  kCommand
};

struct Command {
  // The exit code, or why there is none.
  using Run =
      std::function<absl::StatusOr<int>(Session& session, const Invocation&)>;

  std::string name;
  // One line without a full stop.
  std::string summary;
  // "NAME", "KEY VALUE".
  std::string arguments;
  size_t min_words = 0;
  size_t max_words = 0;
  // What the first word may be; empty for anything.
  std::vector<std::string> choices;
  // Choices that are understood, refused with a reason of their own, and so
  // not offered.
  std::vector<std::string> refused;
  WordKind word_kind = WordKind::kOther;
  std::vector<FlagSpec> flags;
  // Everything after the command's name goes to another program as it is.
  bool passthrough = false;
  bool hidden = false;
  // Paragraphs for the help.
  std::string details;
  // Not set for groups.
  Run run;
  std::vector<Command> children;
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLI_COMMAND_H_
