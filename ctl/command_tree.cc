// SPDX-License-Identifier: Apache-2.0
#include "ctl/command_tree.h"

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/display.h"
#include "ctl/cli/arg_splitter.h"
#include "ctl/cli/global_flags.h"
#include "ctl/cli/help.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/completion.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/outcome/reasons.h"
#include "ctl/render/words.h"

namespace microovn::ctl {
namespace {

// Of the command that the words lead to.
absl::StatusOr<int> Help(Session& session, const Invocation& invocation) {
  std::vector<std::string> words = invocation.words;
  words.push_back("--help");
  ASSIGN_OR_RETURN(const Invocation asked,
                   SplitArguments(CommandTree(), words));
  if (asked.words.size() > 0) {
    return UsageError(absl::StrCat("\"", asked.path, "\" has no command \"",
                                   asked.words[0], "\""));
  }
  session.out() << HelpText(*asked.command, asked.path, CommandTree().flags,
                            session.terminal().columns);
  return kExitDone;
}

Command HelpCommand() {
  Command command;
  command.name = "help";
  command.summary = "Explain a command";
  command.arguments = "[COMMAND ...]";
  command.max_words = 4;
  command.word_kind = WordKind::kCommand;
  command.run = Help;
  return command;
}

Command BuildTree() {
  Command root;
  root.name = "microovn";
  root.summary = "Deploy and operate an OVN cluster";
  root.flags = GlobalFlags();
  root.children = {InitCommand(),       StatusCommand(),
                   ClusterCommand(),    EnableCommand(),
                   DisableCommand(),    CertificatesCommand(),
                   ConfigCommand(),     OperationCommand(),
                   OvnCommand(),        UpgradeCommand(),
                   EventsCommand(),     ExplainCommand(),
                   WaitReadyCommand(),  VersionCommand(),
                   CompletionCommand(), CompleteCommand(CommandTree),
                   HelpCommand()};
  for (Command& command : ToolCommands()) {
    root.children.push_back(std::move(command));
  }
  return root;
}

absl::StatusOr<int> Run(Session& session,
                        const std::vector<std::string>& arguments) {
  const Command& root = CommandTree();
  ASSIGN_OR_RETURN(const Invocation invocation,
                   SplitArguments(root, arguments));
  RETURN_IF_ERROR(ApplyFlags(invocation));
  if (invocation.help) {
    session.out() << HelpText(*invocation.command, invocation.path, root.flags,
                              session.terminal().columns);
    return kExitDone;
  }
  if (invocation.version) {
    session.out() << VersionText(session);
    return kExitDone;
  }
  return invocation.command->run(session, invocation);
}

}  // namespace

const Command& CommandTree() {
  static const auto* const kTree = new Command(BuildTree());
  return *kTree;
}

void PrintError(Session& session, const absl::Status& status) {
  const ErrorDetail detail = DetailOf(status);
  const std::string what = absl::StrCat("Error: ", Printable(status.message()));
  session.err() << (session.terminal().err_is_terminal
                        ? FoldLines(what, 2, session.terminal().columns)
                        : what);
  if (!session.terminal().err_is_terminal) {
    if (!detail.remedy.empty()) {
      session.err() << "; " << Printable(detail.remedy);
    }
    session.err() << "\n";
    return;
  }
  session.err() << "\n";
  const auto hint = detail.metadata.find(kHintMetadata);
  std::string more;
  if (hint != detail.metadata.end()) {
    absl::StrAppend(&more, "  fix:  ", Printable(hint->second), "\n");
  }
  if (!detail.remedy.empty()) {
    absl::StrAppend(&more, "  fix:  ", Printable(detail.remedy), "\n");
  }
  if (detail.reason != kReasonUsage && FindReason(detail.reason) != nullptr) {
    absl::StrAppend(&more, "  more: microovn explain ", detail.reason, "\n");
  }
  session.err() << FoldLines(more, 6, session.terminal().columns);
}

int RunCommandLine(Session& session,
                   const std::vector<std::string>& arguments) {
  const absl::StatusOr<int> code = Run(session, arguments);
  session.out() << std::flush;
  if (!code.ok()) {
    PrintError(session, code.status());
    return session.Interrupted() ? kExitInterrupted
                                 : ExitCodeFor(code.status());
  }
  // An answer that could not be written was not given; one that whoever reads
  // did not want to the end (`| head`) was.
  if (!session.out() && !session.ReaderIsGone()) {
    session.err() << "Error: cannot write the output\n";
    return kExitFailed;
  }
  return *code;
}

}  // namespace microovn::ctl
