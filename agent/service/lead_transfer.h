// SPDX-License-Identifier: Apache-2.0
// ClusterService.TransferLeader: who is to lead next, and the handing over.
// Functions without state.
#ifndef MICROOVN_AGENT_SERVICE_LEAD_TRANSFER_H_
#define MICROOVN_AGENT_SERVICE_LEAD_TRANSFER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/cluster/membership.h"
#include "agent/health/facts.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::agent {

// The id of who is to lead after `wanted` was asked for, which is empty for
// anybody; empty when the log may choose. Pure. MEMBER_NOT_VOTER,
// MEMBER_UNREACHABLE, NO_OTHER_VOTER. `facts` is what a probe of all members
// has found.
absl::StatusOr<std::string> SuccessorOf(const ClusterFacts& facts,
                                        const std::string& wanted);

// Of a member that leads. TRANSFER_FAILED when the other one did not take over
// in time; the lead is then where it was, or somebody was elected.
absl::Status TransferLeader(Membership& member,
                            const v1::TransferLeaderRequest& request,
                            v1::TransferLeaderResponse& response);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_LEAD_TRANSFER_H_
