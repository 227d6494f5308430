// SPDX-License-Identifier: Apache-2.0
// Removing a member: it stops what it runs, leaves the databases and the log,
// and is forgotten.
#ifndef MICROOVN_AGENT_STATE_OPERATION_REMOVE_MEMBER_H_
#define MICROOVN_AGENT_STATE_OPERATION_REMOVE_MEMBER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "agent/state/operation/operation_kind.h"

namespace microovn::agent {

const OperationKind& RemoveMemberKind();

// What is asked of the log.
statepb::Operation RemovalOf(std::string operation_id,
                             const statepb::Member& member, bool force,
                             bool accepts_last_central,
                             bool keeps_authorities = false);

// The removal of this member that has not ended; null if there is none.
const statepb::Operation* RunningRemoval(const ClusterState& state,
                                         absl::string_view member_id);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_OPERATION_REMOVE_MEMBER_H_
