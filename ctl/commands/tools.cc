// SPDX-License-Identifier: Apache-2.0
// microovn nbctl, sbctl, vsctl, appctl and every tool by its own name.
#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/client/endpoint.h"
#include "ctl/commands/commands.h"
#include "ctl/wrappers/tool_exec.h"
#include "ctl/wrappers/tool_plan.h"
#include "gflags/gflags.h"

namespace microovn::ctl {
namespace {

// The node that --state-dir means is the one above it.
std::string Root(const Session& session) {
  if (!FLAGS_state_dir.empty()) return JoinPath(FLAGS_state_dir, "..");
  return RootDirectory(
      [&session](const std::string& name) { return session.Environment(name); },
      FileExists);
}

Command ToolCommand(const std::string& word, bool hidden) {
  const std::string tool = ToolForWord(word);
  Command command;
  command.name = word;
  command.summary = absl::StrCat("Run ", tool, " against this cluster");
  command.arguments = "[--] ARGUMENTS";
  command.passthrough = true;
  command.hidden = hidden;
  command.run = [tool](Session& session,
                       const Invocation& invocation) -> absl::StatusOr<int> {
    session.out() << std::flush;
    return ExecTool(tool, invocation.rest, Root(session));
  };
  return command;
}

}  // namespace

std::vector<Command> ToolCommands() {
  std::vector<Command> commands;
  for (const char* word : {"nbctl", "sbctl", "vsctl", "appctl"}) {
    commands.push_back(ToolCommand(word, /*hidden=*/false));
  }
  for (const std::string& name : ToolNames()) {
    commands.push_back(ToolCommand(name, /*hidden=*/true));
  }
  return commands;
}

}  // namespace microovn::ctl
