// SPDX-License-Identifier: Apache-2.0
// What a change would do, before it is done: steps, dangers, or the reason why
// it is refused. Services answer validate_only with it, Apply records the
// steps of the operation from it.
//
// Values; pure.
#ifndef MICROOVN_AGENT_STATE_PLAN_PLAN_H_
#define MICROOVN_AGENT_STATE_PLAN_PLAN_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "agent/state/values/arguments.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// Names by which a caller accepts a danger.
inline constexpr char kRiskQuorumLoss[] = "quorum-loss";
inline constexpr char kRiskLastCentral[] = "last-central";
inline constexpr char kRiskDataLoss[] = "data-loss";
inline constexpr char kRiskHealthyDatabase[] = "healthy-database";

struct PlannedRisk {
  std::string name;
  // One sentence without a full stop.
  std::string description;
};

struct ChangePlan {
  std::vector<statepb::OperationStep> steps;  // all pending
  std::vector<PlannedRisk> risks;             // all accepted
  // What is worse afterwards, a sentence each without a full stop.
  std::vector<std::string> warnings;
};

// What only the asked node knows: Apply plans without it.
struct ReachabilityFacts {
  std::set<std::string> unreachable_ids;
  std::set<std::string> voter_ids;
};

// Ids of steps, which the operation runner acts on.
inline constexpr char kStepStopServices[] = "stop-services";
inline constexpr char kStepStartServices[] = "start-services";
inline constexpr char kStepLeaveDatabases[] = "leave-databases";
inline constexpr char kStepDeleteChassis[] = "delete-chassis";
inline constexpr char kStepUpdateMembers[] = "update-members";
inline constexpr char kStepLeaveLog[] = "leave-log";
inline constexpr char kStepForgetMember[] = "forget-member";
inline constexpr char kStepRecoverDatabase[] = "recover-database";
inline constexpr char kStepRejoinDatabase[] = "rejoin-database";

statepb::OperationStep PendingStep(const std::string& id,
                                   const Arguments& arguments,
                                   const std::vector<std::string>& member_ids);

// Of that many central members, none for a number that is well or zero. They
// begin with MicroOVN's words, which its users look for.
std::vector<std::string> CentralWarnings(size_t count);

// Whether the OVN databases would end if `member` had no central any more:
// no other member has central, or none of those has joined a database that
// `member` holds.
bool HoldsTheLastCentral(const ClusterState& state,
                         const statepb::Member& member);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_PLAN_PLAN_H_
