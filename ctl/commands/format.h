// SPDX-License-Identifier: Apache-2.0
// Which form of output a command uses, and printing of replies for machines.
#ifndef MICROOVN_CTL_COMMANDS_FORMAT_H_
#define MICROOVN_CTL_COMMANDS_FORMAT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ctl/client/session.h"
#include "ctl/render/look.h"
#include "ctl/render/table.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "microovn/v1/plan.pb.h"

namespace microovn::ctl {

// The forms of a command that prints one reply: "text", "rich", "json", "yaml".
const std::vector<std::string>& MachineFormats();

// --format if given, else $MICROOVN_OUTPUT if the command has that form, else
// "rich" on a terminal and "text" elsewhere.
std::string ChosenFormat(const Session& session,
                         const std::vector<std::string>& choices);

// Colour by --color, else as the terminal can; the width is the terminal's.
Look LookOf(const Session& session);

// Fitted to the terminal, if it is one.
void PrintTable(Session& session, const Table& table);
// Lines, folded to the terminal; `hang` as in FoldLines.
void PrintText(Session& session, absl::string_view text, size_t hang = 2);
// What --dry-run prints.
void PrintPlan(Session& session, const v1::Plan& plan);
// On stderr, one line each.
void PrintWarnings(
    Session& session,
    const google::protobuf::RepeatedPtrField<std::string>& warnings);

inline constexpr char kStaleWarning[] =
    "Warning: no quorum; this may be out of date\n";
// On stderr, if the answer may be old.
void WarnOfStale(Session& session, bool stale);

// As "json" or "yaml". False when `format` is neither.
absl::StatusOr<bool> PrintForMachines(Session& session,
                                      const std::string& format,
                                      const google::protobuf::Message& message);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_FORMAT_H_
