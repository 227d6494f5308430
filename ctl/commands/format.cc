#include "ctl/commands/format.h"

#include <algorithm>

#include "base/status_macros.h"
#include "ctl/cli/global_flags.h"
#include "ctl/render/message.h"

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
  return {terminal.unicode, FLAGS_color == "always" ||
                                (FLAGS_color == "auto" && terminal.colour)};
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
