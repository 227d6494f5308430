// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/agent_certificate_reconciler.h"

#include "agent/reconcile/testing/state_builder.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(AgentCertificateReconcilerTest, WaitsForTheGenerationOfARotation) {
  StateBuilder state;
  state.Member(1, AllStateServices());
  NodeFacts facts;
  FollowedGenerations followed = {7, 7};
  AgentCertificateReconciler reconciler([&] { return followed; }, &facts);
  EXPECT_OK(reconciler.Reconcile(state.View(1))) << "nothing is rotated";
  EXPECT_EQ(facts.cluster_observed_generation, 0u);

  state.ClusterGeneration(8);
  EXPECT_EQ(reconciler.Reconcile(state.View(1)).code(),
            absl::StatusCode::kUnavailable);
  followed = {8, 7};
  EXPECT_EQ(reconciler.Reconcile(state.View(1)).code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(facts.cluster_published_generation, 8u);
  EXPECT_EQ(facts.cluster_observed_generation, 7u);
  followed.observed = 8;
  EXPECT_OK(reconciler.Reconcile(state.View(1)));
  EXPECT_EQ(facts.cluster_observed_generation, 8u);
}

}  // namespace
}  // namespace microovn::agent
