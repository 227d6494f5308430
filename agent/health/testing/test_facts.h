// SPDX-License-Identifier: Apache-2.0
// A cluster of three members, node1 to node3, of which each test spoils what it
// is about.
#ifndef MICROOVN_AGENT_HEALTH_TESTING_TEST_FACTS_H_
#define MICROOVN_AGENT_HEALTH_TESTING_TEST_FACTS_H_

#include <functional>
#include <string>

#include "agent/health/facts.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/state.pb.h"
#include "microovn/v1/status.pb.h"

namespace microovn::agent {

std::string IdOf(int n);
statepb::Member MakeMember(int n);

// Of member `n`, whose servers node1's lead.
internal::peer::v1::GetLocalStatusResponse HealthyAnswer(int n);

// All answer; node1 asks and leads.
ClusterFacts HealthyFacts();

void Silence(ClusterFacts& facts, int n);
void ChangeState(ClusterFacts& facts,
                 const std::function<void(ClusterState&)>& change);
void ChangeAnswer(
    ClusterFacts& facts, int n,
    const std::function<void(internal::peer::v1::GetLocalStatusResponse&)>&
        change);

// The daemon `unit` of an answer.
internal::peer::v1::DaemonPulse& PulseOf(
    internal::peer::v1::GetLocalStatusResponse& answer,
    const std::string& unit);

// "REASON member" of each, with blanks between.
std::string ReasonsIn(const v1::ClusterStatus& status);
std::string FindingsIn(const v1::ClusterStatus& status);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_HEALTH_TESTING_TEST_FACTS_H_
