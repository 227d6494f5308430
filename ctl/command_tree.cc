#include "ctl/command_tree.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
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

Command BuildTree() {
  Command root;
  root.name = "microovn";
  root.summary = "Deploy and operate an OVN cluster";
  root.flags = GlobalFlags();
  root.children = {InitCommand(),       StatusCommand(),
                   ClusterCommand(),    EnableCommand(),
                   DisableCommand(),    CertificatesCommand(),
                   ConfigCommand(),     OperationCommand(),
                   EventsCommand(),     ExplainCommand(),
                   WaitReadyCommand(),  VersionCommand(),
                   CompletionCommand(), CompleteCommand(CommandTree)};
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
  session.err() << "Error: " << Printable(status.message());
  if (!session.terminal().err_is_terminal) {
    if (!detail.remedy.empty()) {
      session.err() << "; " << Printable(detail.remedy);
    }
    session.err() << "\n";
    return;
  }
  session.err() << "\n";
  if (!detail.remedy.empty()) {
    session.err() << "  fix:  " << Printable(detail.remedy) << "\n";
  }
  if (detail.reason != kReasonUsage && FindReason(detail.reason) != nullptr) {
    session.err() << "  more: microovn explain " << detail.reason << "\n";
  }
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
  // An answer that could not be written was not given.
  if (!session.out()) {
    session.err() << "Error: cannot write the output\n";
    return kExitFailed;
  }
  return *code;
}

}  // namespace microovn::ctl
