// SPDX-License-Identifier: Apache-2.0
// The core's enumerations and refusals in words.
#ifndef MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_
#define MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_

#include <string>

#include "absl/status/status.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"

namespace microovn::raft {

// Each in a few words for the log and for people, to stand behind a colon or in
// brackets. Not stable: nothing may be decided by them.
const char* NameOf(Role role);
const char* NameOf(RoleReason reason);
const char* NameOf(RejectedReason reason);
const char* NameOf(FaultKind kind);

// Why a member does not take part in decisions.
std::string WordsOf(const Quarantine& quarantine);

// What the caller of a refused request hears.
// With the stable reason of proposal_errors.h. OK for a change that asks for
// what is in force already.
absl::Status StatusOf(const Refused& refused);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_
