// How far a running operation is and what its next action is: pure. Decided
// anew from the state each time, so that any leader goes on where another
// stopped, and that repeating an action does no harm.
#ifndef MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_
#define MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "agent/state/cluster_state.h"

namespace microovn::agent {

// A service that is not as wanted by then ends its operation with an error;
// its member goes on by itself.
inline constexpr int64_t kSettleSeconds = 120;
// A forced removal waits this long for a member that answers.
inline constexpr int64_t kForceSeconds = 30;
// A forced removal tries this long to clean up behind the member.
inline constexpr int64_t kCleanUpSeconds = 90;
// Members other than the operation's own are waited for this long.
inline constexpr int64_t kUpdateSeconds = 60;

struct OperationFacts {
  // The cluster's clock now, in seconds.
  int64_t clock_seconds = 0;
  // Not heard from just now, and for long.
  std::set<std::string> silent_ids;
  std::set<std::string> down_ids;
  // Voters and stand-bys.
  std::set<std::string> log_ids;
  bool log_settled = false;
};

struct OperationDecision {
  enum class Action {
    kNone,
    kKickDatabase,   // `database`, then say that the member has left it
    kLeaveDatabase,  // say so only: there is nobody to kick it from
    kDeleteChassis,  // then the step is done
    kForgetMember,
  };

  // The record as it should be now, before the action is done.
  statepb::Operation operation;
  Action action = Action::kNone;
  std::string database;
  // Of the step that the action belongs to, in operation.steps.
  int step = -1;
};

// A step's detail is one short line; the cut respects UTF-8.
std::string BoundedDetail(std::string text);

OperationDecision DecideOperation(const ClusterState& state,
                                  const statepb::Operation& operation,
                                  const OperationFacts& facts);

// Joining members that have not confirmed in time by the cluster's clock or do
// not come, in the order in which they came.
std::vector<const statepb::Member*> OverdueJoiners(const ClusterState& state,
                                                   int64_t clock_seconds);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_OPERATION_PROGRESS_H_
