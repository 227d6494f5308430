// SPDX-License-Identifier: Apache-2.0
// Many JSON-RPC calls at once, so that one daemon that hangs costs the others'
// answers nothing.
#ifndef MICROOVN_SUPERVISOR_JSON_RPC_ASK_ALL_H_
#define MICROOVN_SUPERVISOR_JSON_RPC_ASK_ALL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace microovn::supervisor {

struct Question {
  // Of a control socket or of a database.
  std::string socket;
  // A command of the former, or "transact".
  std::string method;
  // An array, as JSON.
  std::string params = "[]";
};

// The answers in the order of the questions, as text, with errors as of
// Unixctl. Takes no longer than `timeout`, and has one connection for each
// question meanwhile. Thread-safe.
std::vector<absl::StatusOr<std::string>> AskAll(
    const std::vector<Question>& questions, absl::Duration timeout);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_JSON_RPC_ASK_ALL_H_
