// The wording of what only a leader can do. Free functions, pure.
#ifndef MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_
#define MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_

#include "absl/status/status.h"

namespace microovn::agent {

// Nobody leads at this moment; nothing was done.
absl::Status NoLeader();
// This member does not lead (any more); nothing was done.
absl::Status NotLeader();

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ERRORS_LEADER_ERRORS_H_
