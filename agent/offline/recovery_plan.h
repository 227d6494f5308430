// SPDX-License-Identifier: Apache-2.0
// What can be decided about a node whose agent is stopped, when the cluster
// cannot decide any more: which actions there are, what each gives up, and
// whether it may be done. Pure.
//
// An action is one row of Actions(): its flag, when it fits, and what it would
// do. A new one (a lost quorum, other addresses) is one more row, its case in
// PlanRecovery, and its part of StoppedNode::Carry.
#ifndef MICROOVN_AGENT_OFFLINE_RECOVERY_PLAN_H_
#define MICROOVN_AGENT_OFFLINE_RECOVERY_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "raft/core/log/possible_loss.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/types.h"

namespace microovn::agent {

// What a stopped node knows of itself.
struct StoppedNodeFacts {
  std::string name;
  std::string member_id;
  std::string address;
  std::string cluster_id;
  raft::Term term;
  // Of its log: the last entry, what is applied, what is in the state only.
  raft::LogPosition end;
  raft::LogIndex applied;
  raft::LogIndex base;
  // Of the configuration in force here, by name where it is known.
  std::vector<std::string> voters;
  std::vector<std::string> learners;
  bool votes = false;
  std::optional<raft::Quarantine> quarantine;
  raft::PossibleLoss loss;  // with a quarantine
};

struct RecoveryRequest {
  // The flags of Actions() that were given.
  bool end_quarantine = false;
  bool become_only_voter = false;
  // Must name this node, so that a command meant for another does nothing.
  std::string member;
  // What is known about the loss; recorded with it.
  std::string accept_loss;
  // Of the record.
  std::string recovery_id;
  int64_t time_seconds = 0;
  std::string by;
};

// The name of an action in commands, events and the log.
absl::string_view ActionName(internal::node::v1::Recovery::Action action);

// For people; what there is to do, if anything, comes last, as a command line.
std::string DescribeNode(const StoppedNodeFacts& facts);

// The range that may be lost, for people.
std::string DescribeLoss(const raft::PossibleLoss& loss);

// Of one action. Errors, none of which has changed anything: NOT_IN_QUARANTINE,
// LOG_QUARANTINED, MEMBER_NOT_VOTER, ONLY_VOTER_ALREADY,
// RECOVERY_NOT_CONFIRMED, LOSS_NOT_ACCEPTED.
absl::StatusOr<internal::node::v1::Recovery> PlanRecovery(
    const StoppedNodeFacts& facts, const RecoveryRequest& request);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OFFLINE_RECOVERY_PLAN_H_
