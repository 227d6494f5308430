// SPDX-License-Identifier: Apache-2.0
// Members as the API shows them: one row for each, whether it answers or not.
// Pure.
#ifndef MICROOVN_AGENT_HEALTH_MEMBER_ROWS_H_
#define MICROOVN_AGENT_HEALTH_MEMBER_ROWS_H_

#include <string>
#include <vector>

#include "agent/health/facts.h"
#include "microovn/v1/cluster.pb.h"

namespace microovn::agent {

// By name.
std::vector<v1::Member> DescribeMembers(const ClusterFacts& facts);

// The row of one member of the state.
v1::Member DescribeMember(const ClusterFacts& facts,
                          const statepb::Member& member);

// Names of the members in `rows` that did not answer.
std::vector<std::string> Unreachable(const std::vector<v1::Member>& rows);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_MEMBER_ROWS_H_
