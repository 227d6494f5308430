// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/versions.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

absl::StatusOr<std::string> Ask(CommandRunner& runner,
                                const std::string& program) {
  Command command;
  command.argv = {program, "--version"};
  ASSIGN_OR_RETURN(const std::string text, RunForOutput(runner, command));
  return ParseVersion(text);
}

}  // namespace

absl::StatusOr<std::string> ParseVersion(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(
      text.substr(0, text.find('\n')), ' ', absl::SkipWhitespace());
  if (words.size() < 2 || words.back().empty() ||
      !absl::ascii_isdigit(static_cast<unsigned char>(words.back()[0]))) {
    return absl::InvalidArgumentError(
        absl::StrCat("no version in \"", Shown(text, 80), "\""));
  }
  return std::string(words.back());
}

absl::StatusOr<std::string> InstalledOvnVersion(CommandRunner& runner) {
  return Ask(runner, "ovn-controller");
}

absl::StatusOr<std::string> InstalledOvsVersion(CommandRunner& runner) {
  return Ask(runner, "ovs-vswitchd");
}

}  // namespace microovn::agent
