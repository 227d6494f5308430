// The core's enumerations and refusals in words.
#ifndef MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_
#define MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_

#include <string>

#include "absl/status/status.h"
#include "raft/core/values/output.h"
#include "raft/core/values/recovered.h"

namespace microovn::raft {

const char* NameOf(Role role);
const char* NameOf(RoleReason reason);
const char* NameOf(RejectedReason reason);
const char* NameOf(FaultKind kind);

// Why a member does not take part in decisions.
std::string WordsOf(const Quarantine& quarantine);

// What the caller of a refused request hears.
absl::Status StatusOf(const Refused& refused);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_NODE_FLIGHT_NODE_WORDS_H_
