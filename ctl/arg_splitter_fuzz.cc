// SPDX-License-Identifier: Apache-2.0
// Command lines against the real tree: one argument per line of the input.
#include <algorithm>

#include "absl/strings/str_split.h"
#include "base/testing/fuzz_target.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/command.h"
#include "ctl/command_tree.h"

namespace microovn {
namespace {

bool Holds(const ctl::Command& tree, const ctl::Command* command) {
  return &tree == command ||
         std::any_of(tree.children.begin(), tree.children.end(),
                     [command](const ctl::Command& child) {
                       return Holds(child, command);
                     });
}

void CheckInvocation(const ctl::Invocation& invocation, size_t arguments) {
  FuzzCheck(Holds(ctl::CommandTree(), invocation.command),
            "the command is of the tree");
  FuzzCheck(invocation.words.size() + invocation.rest.size() <= arguments,
            "no words are invented");
  if (invocation.help || invocation.version) return;
  const ctl::Command& command = *invocation.command;
  FuzzCheck(command.children.empty(), "what runs is no group");
  FuzzCheck(invocation.words.size() >= command.min_words &&
                invocation.words.size() <= command.max_words,
            "a command has its number of words");
  FuzzCheck(invocation.words.empty() || command.choices.empty() ||
                std::count(command.choices.begin(), command.choices.end(),
                           invocation.words[0]) > 0,
            "a choice is one of the choices");
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  return {"status\n-f\njson",
          "cluster\nadd\nnode2\n--timeout=10s",
          "config\nset\nkey\n--\n-value",
          "--help",
          "nbctl\n--\nshow\n-x",
          "cluster\nlist\n--no-color\n-fyaml",
          "service\nenable\ncentral"};
}

void FuzzOne(absl::string_view input) {
  const std::vector<std::string> arguments = absl::StrSplit(input, '\n');
  const auto invocation = ctl::SplitArguments(ctl::CommandTree(), arguments);
  if (!invocation.ok()) {
    FuzzCheck(invocation.status().code() == absl::StatusCode::kInvalidArgument,
              "a bad line is the caller's mistake");
    return;
  }
  CheckInvocation(*invocation, arguments.size());
}

}  // namespace microovn
