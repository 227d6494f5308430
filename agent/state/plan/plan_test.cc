// SPDX-License-Identifier: Apache-2.0
#include "agent/state/plan/plan.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/state/plan/plan_remove.h"
#include "agent/state/plan/plan_services.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::HasSubstr;

std::set<std::string> Ids(const std::vector<std::string>& names) {
  std::set<std::string> ids;
  for (const std::string& name : names) ids.insert(TestId(name));
  return ids;
}

std::vector<std::string> Names(int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back("node" + std::to_string(i));
  return names;
}

TEST(PlanRemovalTest, TellsWhatWouldHappen) {
  const struct {
    std::string what;
    int members;
    std::string target;
    std::vector<std::string> voters;
    std::vector<std::string> down;
    bool force;
    std::set<std::string> accepted;
    std::string reason;  // empty: planned
    std::vector<std::string> risks;
  } cases[] = {
      {"all well",
       3,
       "node3",
       {"node1", "node2", "node3"},
       {},
       false,
       {},
       "",
       {}},
      {"it does not answer",
       3,
       "node3",
       {"node1", "node2", "node3"},
       {"node3"},
       false,
       {},
       "MEMBER_UNREACHABLE",
       {}},
      {"it does not answer, by force",
       3,
       "node3",
       {"node1", "node2", "node3"},
       {"node3"},
       true,
       {},
       "",
       {}},
      {"another voter is down",
       3,
       "node2",
       {"node1", "node2", "node3"},
       {"node3"},
       false,
       {},
       "QUORUM_WOULD_BE_LOST",
       {}},
      {"another voter is down, accepted",
       3,
       "node2",
       {"node1", "node2", "node3"},
       {"node3"},
       false,
       {kRiskQuorumLoss},
       "",
       {kRiskQuorumLoss}},
      {"a stand-by takes its place",
       4,
       "node2",
       {"node1", "node2", "node3"},
       {"node3"},
       false,
       {},
       "",
       {}},
      {"the stand-by is down, too",
       4,
       "node2",
       {"node1", "node2", "node3"},
       {"node3", "node4"},
       false,
       {},
       "QUORUM_WOULD_BE_LOST",
       {}},
      {"it does not vote",
       4,
       "node4",
       {"node1", "node2", "node3"},
       {"node3"},
       false,
       {},
       "",
       {}},
      {"one of five is down",
       5,
       "node5",
       {"node1", "node2", "node3", "node4", "node5"},
       {"node1"},
       false,
       {},
       "",
       {}},
      {"the founder of two", 2, "node1", {"node1"}, {}, false, {}, "", {}},
  };
  for (const auto& c : cases) {
    const ClusterState state = TestCluster(Names(c.members));
    const ReachabilityFacts facts = {Ids(c.down), Ids(c.voters)};
    const RemovalRequest request = {TestId(c.target), c.force, c.accepted};
    const auto plan = PlanRemoval(state, request, facts);
    if (!c.reason.empty()) {
      EXPECT_THAT(plan, HasReason(c.reason)) << c.what;
      continue;
    }
    ASSERT_THAT(plan, IsOk()) << c.what;
    std::vector<std::string> risks;
    for (const PlannedRisk& risk : plan->risks) risks.push_back(risk.name);
    EXPECT_EQ(risks, c.risks) << c.what;
    EXPECT_FALSE(plan->steps.empty()) << c.what;
  }
}

TEST(PlanRemovalTest, NamesTheNumbersOfALostQuorum) {
  const ClusterState state = TestCluster(Names(3));
  const ReachabilityFacts facts = {Ids({"node3"}), Ids(Names(3))};
  EXPECT_THAT(PlanRemoval(state, {TestId("node2"), false, {}}, facts),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("would leave 1 of 2 voters online")));
}

TEST(PlanRemovalTest, AChassisHasFewerSteps) {
  const ClusterState state = TestCluster(Names(4));
  const auto chassis =
      PlanRemoval(state, {TestId("node4"), false, {}}, std::nullopt);
  const auto central =
      PlanRemoval(state, {TestId("node3"), false, {}}, std::nullopt);
  ASSERT_THAT(chassis, IsOk());
  ASSERT_THAT(central, IsOk());
  EXPECT_EQ(chassis->steps.size(), 4);
  EXPECT_EQ(central->steps.size(), 6);
}

ClusterState WithWorker(ClusterState state, const std::string& name) {
  statepb::Member member = *state.members.Find(TestId(name));
  member.set_worker(true);
  member.clear_services();
  member.add_services(statepb::SERVICE_CHASSIS);
  state.members.Put(member.member_id(), member);
  return state;
}

TEST(PlanRemovalTest, AWorkerTakesNobodysPlace) {
  const ClusterState state = WithWorker(TestCluster(Names(4)), "node4");
  ReachabilityFacts facts;
  facts.voter_ids = Ids({"node1", "node2", "node3"});
  facts.unreachable_ids = Ids({"node3"});
  RemovalRequest request;
  request.member_id = TestId("node2");
  EXPECT_THAT(PlanRemoval(state, request, facts),
              HasReason("QUORUM_WOULD_BE_LOST"));
  facts.unreachable_ids.clear();
  const auto plan = PlanRemoval(state, request, facts);
  ASSERT_THAT(plan, IsOk());
  EXPECT_THAT(plan->warnings,
              testing::Contains(HasSubstr("the cluster can lose 0")));
  // Itself it goes like any member.
  request.member_id = TestId("node4");
  EXPECT_THAT(PlanRemoval(state, request, facts), IsOk());
}

TEST(PlanRemovalTest, SomebodyWhoCanVoteIsLeft) {
  const ClusterState state =
      WithWorker(WithWorker(TestCluster(Names(3)), "node2"), "node3");
  RemovalRequest request;
  request.member_id = TestId("node1");
  request.accepted_risks = {kRiskLastCentral, kRiskQuorumLoss};
  EXPECT_THAT(PlanRemoval(state, request, std::nullopt),
              HasReason("ONLY_WORKERS_LEFT"));
  request.member_id = TestId("node2");
  EXPECT_THAT(PlanRemoval(state, request, std::nullopt), IsOk());
}

TEST(PlanServiceChangeTest, AWorkerGetsNoCentral) {
  const ClusterState state = WithWorker(TestCluster(Names(4)), "node4");
  ServiceRequest request;
  request.member_id = TestId("node4");
  request.service = statepb::SERVICE_CENTRAL;
  request.enable = true;
  EXPECT_THAT(PlanServiceChange(state, request), HasReason("WORKER_SERVICE"));
  request.service = statepb::SERVICE_SWITCH;
  EXPECT_THAT(PlanServiceChange(state, request), IsOk());
}

TEST(PlanRemovalTest, AnUnknownMemberIsRefused) {
  EXPECT_THAT(PlanRemoval(TestCluster(Names(2)), {"x", false, {}}, {}),
              HasReason("MEMBER_NOT_FOUND"));
}

TEST(PlanServiceChangeTest, OnlyACentralConcernsTheOthers) {
  const ClusterState state = TestCluster(Names(4));
  const auto switch_plan = PlanServiceChange(
      state, {TestId("node4"), statepb::SERVICE_SWITCH, false, false});
  ASSERT_THAT(switch_plan, IsOk());
  ASSERT_EQ(switch_plan->steps.size(), 1);
  EXPECT_EQ(switch_plan->steps[0].id(), kStepStopServices);

  const auto central_plan = PlanServiceChange(
      state, {TestId("node1"), statepb::SERVICE_CENTRAL, false, false});
  ASSERT_THAT(central_plan, IsOk());
  ASSERT_EQ(central_plan->steps.size(), 3);
  EXPECT_EQ(central_plan->steps[0].id(), kStepLeaveDatabases);
  EXPECT_EQ(central_plan->steps[2].member_ids_size(), 3);
}

TEST(CentralWarningsTest, EvenAndFew) {
  EXPECT_THAT(CentralWarnings(0), testing::IsEmpty());
  EXPECT_THAT(CentralWarnings(1),
              testing::ElementsAre(HasSubstr("critically few members")));
  EXPECT_THAT(CentralWarnings(2),
              testing::ElementsAre(HasSubstr("even number of members"),
                                   HasSubstr("critically few members")));
  EXPECT_THAT(CentralWarnings(3), testing::IsEmpty());
  EXPECT_THAT(CentralWarnings(4),
              testing::ElementsAre(HasSubstr("even number of members")));
  EXPECT_THAT(CentralWarnings(5), testing::IsEmpty());
}

std::vector<std::string> WarningsOfDisabling(const ClusterState& state,
                                             statepb::Service service) {
  ServiceRequest request;
  request.member_id = TestId("node3");
  request.service = service;
  const auto plan = PlanServiceChange(state, request);
  EXPECT_OK(plan);
  return plan.ok() ? plan->warnings : std::vector<std::string>();
}

TEST(PlanServiceChangeTest, WarnsOfTheCentralsThatAreLeft) {
  const ClusterState state = TestCluster(Names(4));
  EXPECT_EQ(WarningsOfDisabling(state, statepb::SERVICE_CENTRAL).size(), 2u);
  EXPECT_THAT(WarningsOfDisabling(state, statepb::SERVICE_CHASSIS),
              testing::IsEmpty());
}

TEST(PlanRemovalTest, WarnsOfWhatCanBeLostAfterwards) {
  const auto warnings = [](int members, const char* target,
                           const std::vector<std::string>& voters) {
    RemovalRequest request;
    request.member_id = TestId(target);
    const auto plan = PlanRemoval(TestCluster(Names(members)), request,
                                  ReachabilityFacts{{}, Ids(voters)});
    EXPECT_OK(plan);
    return plan.ok() ? plan->warnings : std::vector<std::string>();
  };
  const std::vector<std::string> three = {"node1", "node2", "node3"};
  EXPECT_THAT(warnings(3, "node3", three),
              testing::Contains("with 2 voters left the cluster can lose 0 "
                                "members, now it can lose 1"));
  // Another member takes its place.
  EXPECT_THAT(warnings(5, "node3", three), testing::SizeIs(2))
      << "of the centrals only";
  EXPECT_THAT(warnings(5, "node5", three), testing::IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
