// SPDX-License-Identifier: Apache-2.0
// Places of centrals that were removed.
#include <cstdint>
#include <string>

#include "agent/state/apply.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;

constexpr auto kCentral = statepb::SERVICE_CENTRAL;

Command CancelCommand(const std::string& word) {
  Command command = CommandAt(kTestTime);
  command.mutable_cancel_operation()->set_operation_id(TestId(word));
  return command;
}

uint32_t Vacancies(const ClusterState& state) {
  return state.cluster().central_vacancies();
}

TEST(VacanciesTest, ARemovedCentralLeavesAPlaceAndAnotherTakesIt) {
  ClusterState state = TestCluster({"node1", "node2", "node3", "node4"});
  MustApply(state, RemovalCommand("node4", "no-central"));
  EXPECT_EQ(Vacancies(state), 0U);
  state = TestCluster({"node1", "node2", "node3", "node4"});
  MustApply(state, RemovalCommand("node3", "central"));
  EXPECT_EQ(Vacancies(state), 1U);
  MustApply(state, ServiceCommand("node4", kCentral, true, "enable"));
  EXPECT_EQ(Vacancies(state), 0U);
}

TEST(VacanciesTest, ARemovalThatIsCancelledLeavesNone) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  MustApply(state, RemovalCommand("node3", "removal"));
  EXPECT_EQ(Vacancies(state), 1U);
  MustApply(state, CancelCommand("removal"));
  EXPECT_EQ(Vacancies(state), 0U);
}

// That was somebody's wish.
TEST(VacanciesTest, ADisabledCentralLeavesNone) {
  ClusterState state = TestCluster({"node1", "node2", "node3", "node4"});
  MustApply(state, ServiceCommand("node3", kCentral, false, "disable"));
  EXPECT_EQ(Vacancies(state), 0U);
}

TEST(VacanciesTest, AJoinerThatGetsCentralTakesIt) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  MustApply(state, RemovalCommand("node3", "removal"));
  MustApply(state, CreateTokenCommand("node4"));
  Command admit = AdmitCommand("node4");
  admit.mutable_admit_member()->set_default_services(true);
  const auto admitted = MustApply(state, admit);
  ASSERT_TRUE(Runs(admitted.member(), kCentral));
  EXPECT_EQ(Vacancies(state), 0U);
}

// The databases end with it: there is nothing to take a place in.
TEST(VacanciesTest, TheLastCentralLeavesNone) {
  ClusterState state = TestCluster({"node1", "node2"});
  MustApply(state, ServiceCommand("node2", kCentral, false, "disable"));
  for (Command report : ConvergenceReports(state)) {
    report.set_format(1);
    MustApply(state, report);
  }
  Command removal = RemovalCommand("node1", "last");
  removal.mutable_start_operation()
      ->mutable_operation()
      ->set_allow_disable_last_central(true);
  MustApply(state, removal);
  EXPECT_EQ(Vacancies(state), 0U);
}

TEST(VacanciesTest, AreCountedOnceAllMembersDo) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  state.features.Erase(kFeatureCentralReplacement);
  MustApply(state, RemovalCommand("node3", "removal"));
  EXPECT_EQ(Vacancies(state), 0U);
}

}  // namespace
}  // namespace microovn::agent
