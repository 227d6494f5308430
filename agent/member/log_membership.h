// SPDX-License-Identifier: Apache-2.0
// The members of the log as the log has them: ids, and of each member the data
// directory that it joined with, so that no other can speak in its name. Pure.
#ifndef MICROOVN_AGENT_MEMBER_LOG_MEMBERSHIP_H_
#define MICROOVN_AGENT_MEMBER_LOG_MEMBERSHIP_H_

#include "absl/status/status.h"
#include "agent/operations/raft_control.h"
#include "agent/state/values/cluster_state.h"
#include "raft/core/values/configuration.h"

namespace microovn::agent {

// An error when a worker would vote: whoever decides, this asks once more.
absl::Status CheckVoters(const MembershipTarget& target,
                         const ClusterState& state);

// Ids must be valid. Of members whose record does not tell their incarnation,
// like the founder, what the log knows already stays.
raft::Configuration ConfigurationFor(const MembershipTarget& target,
                                     const ClusterState& state);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_LOG_MEMBERSHIP_H_
