// SPDX-License-Identifier: Apache-2.0
// microovn cluster log, and why there is no microovn cluster sql.
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "ctl/cli/arg_splitter.h"
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
    PrintTable(session, LogTable(log));
    PrintText(session, absl::StrCat("\n", LogSummary(log)));
  }
  return kExitDone;
}

absl::StatusOr<int> Sql(Session&, const Invocation&) {
  return UsageError(
      "there is no SQL database to ask: what the members agree on is a Raft "
      "log, see \"microovn cluster list\", \"microovn config list\", "
      "\"microovn events\" and \"microovn cluster log\", each with --format "
      "json");
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

// MicroOVN has it, so that people and scripts try it.
Command ClusterSqlCommand() {
  Command command;
  command.name = "sql";
  command.summary = "Say why there is no SQL database";
  command.arguments = "[QUERY]";
  // Unquoted, a query is many.
  command.max_words = 1000;
  command.hidden = true;
  command.run = Sql;
  return command;
}

}  // namespace microovn::ctl
