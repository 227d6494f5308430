// SPDX-License-Identifier: Apache-2.0
// Making one of OVN's databases anew from one member's copy, when its servers
// have lost their quorum.
//
// The state says whose copy it is and which cluster of servers is given up;
// that member makes the new one, and the others join it. Until it is made
// nobody gives up a file, so that another copy can be chosen instead by asking
// again.
#ifndef MICROOVN_AGENT_STATE_OPERATION_RECOVER_DATABASE_H_
#define MICROOVN_AGENT_STATE_OPERATION_RECOVER_DATABASE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

// A database that is not made by then ends its operation with an error; the
// member goes on by itself.
inline constexpr int64_t kRecoverSeconds = 180;

const OperationKind& RecoverDatabaseKind();

// What is asked of the log. `database` is "nb" or "sb".
statepb::Operation RecoveryOf(std::string operation_id,
                              const statepb::Member& member,
                              absl::string_view database);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_RECOVER_DATABASE_H_
