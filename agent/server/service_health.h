// SPDX-License-Identifier: Apache-2.0
// Which of the agent's services can do their work now: the answers of
// grpc.health.v1. Pure.
//
// A client asks for a service by its full name and is sent elsewhere, or waits,
// while the answer is NOT_SERVING. The empty name stands for the agent itself,
// which serves as long as it answers.
#ifndef MICROOVN_AGENT_SERVER_SERVICE_HEALTH_H_
#define MICROOVN_AGENT_SERVER_SERVICE_HEALTH_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace microovn::agent {

// What this node is at the moment.
struct NodeCondition {
  bool member = false;
  // As far as this member knows: it hears a leader, or leads. A leader that
  // does not reach a quorum leads no more within an election timeout.
  bool quorum = false;
};

enum class ServiceNeed {
  kNothing,
  kMembership,
  kQuorum,
  // Also of use before there is a membership: makes one.
  kQuorumOfMembers,
};

struct ServiceHealth {
  // "microovn.v1.StatusService"
  absl::string_view service;
  ServiceNeed need;
};

// Every service that reflection lists has a row.
const std::vector<ServiceHealth>& ServiceHealths();

bool IsServing(ServiceNeed need, const NodeCondition& condition);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_SERVICE_HEALTH_H_
