// SPDX-License-Identifier: Apache-2.0
// One process at a time works on a root directory: the agent, or what is done
// to a node whose agent is stopped.
#ifndef MICROOVN_AGENT_IDENTITY_ROOT_LOCK_H_
#define MICROOVN_AGENT_IDENTITY_ROOT_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/file/unique_fd.h"

namespace microovn::agent {

// Held until the descriptor is closed. `state_directory` is ROOT/state and
// exists. FAILED_PRECONDITION, reason ROOT_IN_USE, while another has it.
// The kernel ends it with the process, so no crash leaves a lock behind, and no
// pid is written that could belong to another by then (flock(2)).
absl::StatusOr<UniqueFd> LockRoot(const std::string& state_directory);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_ROOT_LOCK_H_
