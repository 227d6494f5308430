// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/facts/node_facts.h"

#include "gtest/gtest.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;

constexpr Service kService = Service::kNorthd;

NodeFacts FactsOf(Phase phase, bool enabled) {
  NodeFacts facts;
  facts.services[kService].phase = phase;
  facts.services[kService].enabled = enabled;
  return facts;
}

// What still has a process can write to what is about to be put away.
TEST(NodeFactsTest, WhatStartsOrStopsRuns) {
  for (const Phase phase :
       {Phase::kStarting, Phase::kReady, Phase::kStopping}) {
    const NodeFacts facts = FactsOf(phase, false);
    EXPECT_TRUE(facts.Running(kService));
    EXPECT_TRUE(facts.Active(kService));
    EXPECT_EQ(facts.Ready(kService), phase == Phase::kReady);
  }
  for (const Phase phase : {Phase::kStopped, Phase::kBackoff, Phase::kFailed}) {
    const NodeFacts facts = FactsOf(phase, false);
    EXPECT_FALSE(facts.Running(kService));
    EXPECT_FALSE(facts.Active(kService));
  }
}

// It would be back with the next start of the machine.
TEST(NodeFactsTest, WhatIsEnabledIsNotGone) {
  const NodeFacts facts = FactsOf(Phase::kStopped, true);
  EXPECT_FALSE(facts.Running(kService));
  EXPECT_TRUE(facts.Active(kService));
  EXPECT_FALSE(facts.Active(Service::kChassis)) << "nobody has seen it";
}

}  // namespace
}  // namespace microovn::agent
