// SPDX-License-Identifier: Apache-2.0
#include "ctl/commands/format.h"

#include <algorithm>

#include "base/status/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/commands/plan_text.h"
#include "ctl/render/message.h"
#include "ctl/render/words.h"

namespace microovn::ctl {

const std::vector<std::string>& MachineFormats() {
  static const auto* const kFormats =
      new std::vector<std::string>{"text", "rich", "json", "yaml"};
  return *kFormats;
}

std::string ChosenFormat(const Session& session,
                         const std::vector<std::string>& choices) {
  if (!FLAGS_format.empty()) return FLAGS_format;
  std::string variable = session.Environment("MICROOVN_OUTPUT");
  if (std::find(choices.begin(), choices.end(), variable) != choices.end()) {
    return variable;
  }
  return session.terminal().out_is_terminal ? "rich" : "text";
}

Look LookOf(const Session& session) {
  const Terminal& terminal = session.terminal();
  return {terminal.unicode,
          FLAGS_color == "always" || (FLAGS_color == "auto" && terminal.colour),
          terminal.out_is_terminal ? terminal.columns : kAnyWidth};
}

void PrintTable(Session& session, const Table& table) {
  session.out() << ColumnTable(table, LookOf(session).width);
}

void PrintText(Session& session, absl::string_view text, size_t hang) {
  session.out() << FoldLines(text, hang, LookOf(session).width);
}

void PrintPlan(Session& session, const v1::Plan& plan) {
  PrintText(session, PlanText(plan), 4);
}

void PrintWarnings(
    Session& session,
    const google::protobuf::RepeatedPtrField<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    session.err() << "Warning: " << Printable(warning) << "\n";
  }
}

void WarnOfStale(Session& session, bool stale) {
  if (stale) session.err() << kStaleWarning;
}

absl::StatusOr<bool> PrintForMachines(
    Session& session, const std::string& format,
    const google::protobuf::Message& message) {
  std::string text;
  if (format == "json") {
    ASSIGN_OR_RETURN(text, MessageJson(message));
  } else if (format == "yaml") {
    ASSIGN_OR_RETURN(text, MessageYaml(message));
  } else {
    return false;
  }
  session.out() << text;
  return true;
}

}  // namespace microovn::ctl
