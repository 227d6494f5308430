// Which form of output a command uses, and printing of replies for machines.
#ifndef MICROOVN_CTL_COMMANDS_FORMAT_H_
#define MICROOVN_CTL_COMMANDS_FORMAT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ctl/client/session.h"
#include "ctl/render/status_text.h"
#include "google/protobuf/message.h"

namespace microovn::ctl {

// The forms of a command that prints one reply: "text", "rich", "json", "yaml".
const std::vector<std::string>& MachineFormats();

// --format if given, else $MICROOVN_OUTPUT if the command has that form, else
// "rich" on a terminal and "text" elsewhere.
std::string ChosenFormat(const Session& session,
                         const std::vector<std::string>& choices);

// Colour by --color, else as the terminal can.
Look LookOf(const Session& session);

// As "json" or "yaml". False when `format` is neither.
absl::StatusOr<bool> PrintForMachines(Session& session,
                                      const std::string& format,
                                      const google::protobuf::Message& message);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_FORMAT_H_
