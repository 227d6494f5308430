// SPDX-License-Identifier: Apache-2.0
#include "ctl/render/upgrade_text.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kOld[] = "20.27.0";
constexpr char kNew[] = "20.41.0";

// node1 to node3 have central and vote, node4 is a stand-by with a chassis;
// node1 leads the log, node2 the southbound database.
v1::ClusterStatus Cluster() {
  v1::ClusterStatus status;
  status.set_health(v1::HEALTH_HEALTHY);
  status.set_can_lose(1);
  v1::DatabaseStatus* southbound = status.add_databases();
  southbound->set_name("Southbound");
  southbound->set_schema(kOld);
  southbound->set_leader("node2");
  for (int i = 1; i <= 4; ++i) {
    v1::MemberStatus* row = status.add_members();
    row->mutable_member()->set_name(absl::StrCat("members/node", i));
    row->mutable_member()->set_status(v1::Member::STATUS_ONLINE);
    row->mutable_member()->set_version("9.9.9");
    row->mutable_member()->set_leader(i == 1);
    row->mutable_member()->set_role(i < 4 ? v1::Member::ROLE_VOTER
                                          : v1::Member::ROLE_STAND_BY);
    row->set_ovn_version("23.03.1");
    if (i == 4) continue;
    v1::DatabaseReplica* replica = southbound->add_replicas();
    replica->set_member(absl::StrCat("node", i));
    replica->set_expected_schema(kOld);
  }
  return status;
}

void UpgradeOvn(v1::ClusterStatus& status, int member) {
  status.mutable_members(member - 1)->set_ovn_version("25.03.0");
  if (member > 3) return;
  status.mutable_databases(0)
      ->mutable_replicas(member - 1)
      ->set_expected_schema(kNew);
}

void Silence(v1::ClusterStatus& status, int member) {
  status.mutable_members(member - 1)
      ->mutable_member()
      ->set_status(v1::Member::STATUS_UNREACHABLE);
}

TEST(UpgradeSummary, SaysThatNothingIsUnderWay) {
  EXPECT_FALSE(IsUpgrading(Cluster()));
  EXPECT_EQ(UpgradeSummary(Cluster(), false),
            "OVN Southbound: schema 20.27.0, as expected\n"
            "No upgrade is under way\n");
}

TEST(UpgradeSummary, NamesWhoExpectsAnotherSchema) {
  v1::ClusterStatus status = Cluster();
  UpgradeOvn(status, 2);
  EXPECT_TRUE(IsUpgrading(status));
  EXPECT_THAT(UpgradeSummary(status, false),
              HasSubstr("schema 20.27.0; another one is expected by node2"));
  EXPECT_THAT(UpgradeSummary(status, false), HasSubstr("is under way"));
  EXPECT_THAT(UpgradeSummary(status, true),
              HasSubstr("held: nothing is converted"));
}

TEST(UpgradeSummary, AChassisOfAnotherVersionIsAnUpgrade) {
  v1::ClusterStatus status = Cluster();
  UpgradeOvn(status, 4);
  EXPECT_TRUE(IsUpgrading(status));
  Silence(status, 4);
  EXPECT_FALSE(IsUpgrading(status)) << "what it runs is not known";
}

TEST(UpgradeSummary, NamesFeaturesThatWait) {
  v1::ClusterStatus status = Cluster();
  v1::FeatureStatus* feature = status.add_features();
  feature->set_name("ca-rotation");
  feature->set_active_level(1);
  feature->set_supported_level(1);
  EXPECT_FALSE(IsUpgrading(status));
  feature->set_supported_level(2);
  feature->add_waiting_for("node3");
  EXPECT_TRUE(IsUpgrading(status));
  EXPECT_THAT(UpgradeSummary(status, false),
              HasSubstr("Feature ca-rotation is not switched on; it waits for "
                        "node3\n"));
}

TEST(UpgradeSummary, ADatabaseWithoutAServerIsTold) {
  v1::ClusterStatus status = Cluster();
  status.mutable_databases(0)->clear_schema();
  EXPECT_THAT(UpgradeSummary(status, false), HasSubstr("no server answers"));
}

TEST(UpgradeTable, HasVersionsAndExpectedSchemas) {
  v1::ClusterStatus status = Cluster();
  UpgradeOvn(status, 2);
  Silence(status, 3);
  const Table table = UpgradeTable(status);
  EXPECT_THAT(table.rows[1],
              ElementsAre("node2", "9.9.9", "25.03.0", "-", "-", kNew));
  EXPECT_EQ(table.rows[2][1], "unreachable");
  EXPECT_THAT(table.rows[3],
              ElementsAre("node4", "9.9.9", "23.03.1", "-", "-", "-"));
}

TEST(PlanUpgrade, WhoCarriesLeastComesFirstAndTheLeaderLast) {
  const UpgradePlan plan = PlanUpgrade(Cluster());
  EXPECT_THAT(plan.order, ElementsAre("node4", "node3", "node2", "node1"));
  EXPECT_THAT(plan.obstacles, IsEmpty());
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(PlanUpgrade, AMemberThatIsAwayIsAnObstacle) {
  v1::ClusterStatus status = Cluster();
  Silence(status, 3);
  const UpgradePlan plan = PlanUpgrade(status);
  EXPECT_THAT(plan.order, ElementsAre("node4", "node2", "node1"));
  EXPECT_THAT(plan.obstacles, ElementsAre(HasSubstr("node3")));
}

TEST(PlanUpgrade, WarnsWhereTheClusterCanLoseNone) {
  v1::ClusterStatus status = Cluster();
  status.set_can_lose(0);
  EXPECT_THAT(PlanUpgrade(status).warnings, ElementsAre(HasSubstr("none")));
}

TEST(PlanUpgrade, ACriticalClusterIsNotUpgraded) {
  v1::ClusterStatus status = Cluster();
  status.set_health(v1::HEALTH_CRITICAL);
  EXPECT_THAT(PlanUpgrade(status).obstacles,
              ElementsAre(HasSubstr("microovn status")));
}

TEST(UpgradeSteps, BeginWithAHoldAndEndWithFinalize) {
  const std::string steps = UpgradeSteps(PlanUpgrade(Cluster()), false);
  EXPECT_THAT(steps, HasSubstr("1. microovn upgrade hold"));
  EXPECT_THAT(steps, HasSubstr("2. upgrade node4 "));
  EXPECT_THAT(steps, HasSubstr("6. microovn upgrade finalize"));
  EXPECT_THAT(UpgradeSteps(PlanUpgrade(Cluster()), true),
              Not(HasSubstr("upgrade hold")));
}

}  // namespace
}  // namespace microovn::ctl
