#include "agent/errors/leader_errors.h"

#include "base/error.h"

namespace microovn::agent {

absl::Status NoLeader() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "the cluster has no leader at this moment",
                   {"NO_LEADER",
                    "try again; if it stays so, start the agents of the other "
                    "members"});
}

absl::Status NotLeader() {
  return MakeError(absl::StatusCode::kUnavailable,
                   "this member does not lead the cluster",
                   {"NOT_LEADER", "try again"});
}

}  // namespace microovn::agent
