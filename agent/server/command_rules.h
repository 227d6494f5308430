// SPDX-License-Identifier: Apache-2.0
// Who may bring which command to the leader's log: the table of caller.h, for
// what comes in by RaftService/Propose and not by a method of its own.
//
// A member speaks for itself only. What people ask for travels as their request
// (leader_call.h), so that the leader plans it; what decides about others is
// the leader's alone. A kind without a rule is the leader's. Pure.
#ifndef MICROOVN_AGENT_SERVER_COMMAND_RULES_H_
#define MICROOVN_AGENT_SERVER_COMMAND_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

struct CommandRule {
  internal::state::v1::Command::BodyCase kind =
      internal::state::v1::Command::BODY_NOT_SET;
  // The field of Command.body.
  absl::string_view name;
  // Of a command of this kind, the member that it is about and that may pass it
  // on; null where only the leader may propose it.
  const std::string& (*about)(const internal::state::v1::Command& command) =
      nullptr;
};

// One rule for every kind of command.
const std::vector<CommandRule>& CommandRules();

// The field of its body, for people; "unknown" for what this program does not
// know.
absl::string_view CommandName(const internal::state::v1::Command& command);

// Of a command that the member `from`, by its certificate, has passed to the
// leader. PERMISSION_DENIED: METHOD_NOT_ALLOWED for what only a leader may
// propose, IDENTITY_MISMATCH for what is about another member.
absl::Status AuthorizeCommand(const internal::state::v1::Command& command,
                              absl::string_view from);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_COMMAND_RULES_H_
