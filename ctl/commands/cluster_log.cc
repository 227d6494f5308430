// microovn cluster log.
#include <string>

#include "base/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/commands.h"
#include "ctl/commands/format.h"
#include "ctl/outcome/exit_code.h"
#include "ctl/render/log_list.h"

namespace microovn::ctl {
namespace {

absl::StatusOr<int> Log(Session& session, const Invocation&) {
  ASSIGN_OR_RETURN(const v1::GetLogResponse log,
                   session.Call(kGetLog, v1::GetLogRequest()));
  ASSIGN_OR_RETURN(
      const bool printed,
      PrintForMachines(session, ChosenFormat(session, MachineFormats()), log));
  if (!printed) {
    session.out() << ColumnTable(LogTable(log)) << "\n" << LogSummary(log);
  }
  return kExitDone;
}

}  // namespace

Command ClusterLogCommand() {
  Command command;
  command.name = "log";
  command.summary = "Show how far the log of each member is";
  command.flags = FormatFlags(MachineFormats());
  command.details =
      "BEHIND counts entries that the leader has and the member lacks; WRITE\n"
      "is how long the member's disk takes for a write and its sync. With\n"
      "--format json there is more: snapshots, elections, distributions.";
  command.run = Log;
  return command;
}

}  // namespace microovn::ctl
