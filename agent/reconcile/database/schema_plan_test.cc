// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/schema_plan.h"

#include "agent/reconcile/testing/state_builder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kOld[] = "20.27.0";
constexpr char kNew[] = "20.41.0";

// Three centrals, all of the new OVN, and a chassis of the old one.
StateBuilder Upgraded() {
  StateBuilder state;
  for (const int number : {1, 2, 3}) {
    state.Member(number, AllStateServices()).Expects(number, "7.11.0", kNew);
  }
  state.Member(4, {statepb::SERVICE_CHASSIS}).Databases(1, {1, 2, 3});
  return state;
}

SchemaPlan Plan(const StateBuilder& state, absl::string_view live = kOld) {
  return PlanSchema(state.View(1).state(), "sb", live, kNew);
}

TEST(SchemaPlan, ConvertsWhenEveryCentralExpectsTheSameNewerSchema) {
  const SchemaPlan plan = Plan(Upgraded());
  EXPECT_TRUE(plan.convert);
  EXPECT_THAT(plan.waiting_for, IsEmpty());
}

TEST(SchemaPlan, LeavesASchemaThatIsCurrentOrNewer) {
  for (const char* live : {kNew, "21.8.0", ""}) {
    EXPECT_FALSE(Plan(Upgraded(), live).convert) << live;
    EXPECT_THAT(Plan(Upgraded(), live).waiting_for, IsEmpty()) << live;
  }
}

TEST(SchemaPlan, WaitsForACentralOfAnOlderOvn) {
  StateBuilder state = Upgraded();
  state.Expects(3, "7.0.0", kOld);
  EXPECT_FALSE(Plan(state).convert);
  EXPECT_THAT(Plan(state).waiting_for, ElementsAre("node3"));
}

// One that was upgraded further would have to be converted for again.
TEST(SchemaPlan, WaitsForACentralOfANewerOvn) {
  StateBuilder state = Upgraded();
  state.Expects(2, "7.18.0", "21.8.0");
  EXPECT_THAT(Plan(state).waiting_for, ElementsAre("node2"));
}

TEST(SchemaPlan, WaitsForACentralThatHasNotSaidWhatItExpects) {
  StateBuilder state = Upgraded();
  state.Member(5, {statepb::SERVICE_CENTRAL});
  EXPECT_THAT(Plan(state).waiting_for, ElementsAre("node5"));
}

TEST(SchemaPlan, WaitsForAServerThatIsStillInTheDatabase) {
  StateBuilder state = Upgraded();
  state.Member(3, {}).Expects(3, "", "");
  EXPECT_THAT(Plan(state).waiting_for, ElementsAre("node3"));
  state.Member(3, {}, statepb::Member::STATE_LEAVING);
  EXPECT_THAT(Plan(state).waiting_for, ElementsAre("node3"));
}

TEST(SchemaPlan, DoesNotWaitForAMemberThatWasPutOut) {
  StateBuilder state = Upgraded();
  state.Member(3, {}, statepb::Member::STATE_LEAVING)
      .Expects(3, "7.0.0", kOld)
      .PutOut(3);
  EXPECT_TRUE(Plan(state).convert);
}

TEST(SchemaPlan, WaitsWhileTheUpgradeIsHeld) {
  StateBuilder state = Upgraded();
  state.Config("cluster.upgrade", "hold");
  EXPECT_FALSE(Plan(state).convert);
  EXPECT_TRUE(Plan(state).held);
  state.Config("cluster.upgrade", "automatic");
  EXPECT_TRUE(Plan(state).convert);
}

TEST(OlderNorthdServes, WhereAnotherCentralExpectsWhatIsInUse) {
  StateBuilder state = Upgraded();
  const auto serves = [&state] {
    return OlderNorthdServes(state.View(1).state(), StateBuilder::Id(1), "sb",
                             kOld);
  };
  EXPECT_FALSE(serves());
  state.Expects(1, "7.0.0", kOld);
  EXPECT_FALSE(serves()) << "it is this one";
  state.Expects(3, "7.0.0", kOld);
  EXPECT_TRUE(serves());
  state.Expects(3, "7.0.0", "20.9.0");
  EXPECT_TRUE(serves()) << "an older one works on a newer schema";
  state.Expects(3, "", "");
  EXPECT_FALSE(serves()) << "what it expects is not known";
}

TEST(SchemaPlan, TellsTheDatabasesFromEachOther) {
  StateBuilder state = Upgraded();
  state.Expects(3, "7.0.0", kNew);
  EXPECT_TRUE(Plan(state).convert);
  const ClusterState seen = state.View(1).state();
  EXPECT_FALSE(PlanSchema(seen, "nb", "7.0.0", "7.11.0").convert);
}

}  // namespace
}  // namespace microovn::agent
