// SPDX-License-Identifier: Apache-2.0
// Services, databases, operations, settings, authorities and certificates.
#include <functional>
#include <string>
#include <vector>

#include "agent/state/apply.h"
#include "agent/state/plan/plan.h"
#include "agent/state/store/state_codec.h"
#include "agent/state/testing/admission.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/result.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Database;
using statepb::Member;
using statepb::Operation;
using statepb::Result;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::UnorderedElementsAre;

constexpr auto kCentral = statepb::SERVICE_CENTRAL;

std::vector<std::string> Centrals(const ClusterState& state) {
  std::vector<std::string> names;
  for (const Member* member : CentralMembers(state)) {
    names.push_back(member->name());
  }
  return names;
}

std::vector<std::string> EventTypes(const ClusterState& state, uint64_t after) {
  std::vector<std::string> types;
  for (const auto& [key, event] : state.events.records()) {
    if (event->revision() > after) types.push_back(event->type());
  }
  return types;
}

Command PutOutCommand(absl::string_view name) {
  Command command = CommandAt(kTestTime);
  command.mutable_put_out_member()->set_member_id(TestId(name));
  return command;
}

Command RemoveCommand(absl::string_view name) {
  Command command = CommandAt(kTestTime);
  command.mutable_remove_member()->set_member_id(TestId(name));
  return command;
}

TEST(DefaultServicesTest, TheFirstThreeMembersGetCentral) {
  const ClusterState state =
      TestCluster({"node1", "node2", "node3", "node4", "node5"});
  EXPECT_THAT(Centrals(state), ElementsAre("node1", "node2", "node3"));
  EXPECT_THAT(FindMember(state, "node4")->services(),
              ElementsAre(statepb::SERVICE_CHASSIS, statepb::SERVICE_SWITCH));
}

TEST(DefaultServicesTest, TwoJoinersAtOnceAreNotBothTheThird) {
  ClusterState state = TestCluster({"node1", "node2"});
  MustApply(state, CreateTokenCommand("node3"));
  MustApply(state, CreateTokenCommand("node4"));
  MustApply(state, AdmitCommand("node3"));
  MustApply(state, AdmitCommand("node4"));
  EXPECT_THAT(Centrals(state), ElementsAre("node1", "node2", "node3"));
}

TEST(DefaultServicesTest, FollowTheSettings) {
  ClusterState one = TestCluster({"node1"});
  MustApply(one, SetConfigCommand("ovn.central-count", "1"));
  MustApply(one, CreateTokenCommand("node2"));
  MustApply(one, AdmitCommand("node2"));
  EXPECT_THAT(Centrals(one), ElementsAre("node1"));

  ClusterState external = TestCluster({"node1"});
  MustApply(external, SetConfigCommand("ovn.central-ips", "192.0.2.1"));
  MustApply(external, CreateTokenCommand("node2"));
  MustApply(external, AdmitCommand("node2"));
  EXPECT_THAT(Centrals(external), ElementsAre("node1"));
}

TEST(DefaultServicesTest, ChosenServicesStandAgainstThem) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  Command admit = AdmitCommand("node2");
  admit.mutable_admit_member()->set_default_services(false);
  admit.mutable_admit_member()->mutable_member()->add_services(
      statepb::SERVICE_CHASSIS);
  SignAdmission(*admit.mutable_admit_member(), "node2", TestId("cluster"));
  MustApply(state, admit);
  EXPECT_THAT(FindMember(state, "node2")->services(),
              ElementsAre(statepb::SERVICE_CHASSIS));
}

TEST(DatabaseTest, TheFirstCentralMakesThemAndTheOthersJoin) {
  ClusterState state;
  MustApply(state, BootstrapCommand("node1"));
  const Database* nb = state.databases.Find("nb");
  EXPECT_TRUE(Creates(*nb, TestId("node1")));
  EXPECT_FALSE(Creates(*nb, TestId("node2")));

  // A joiner cannot have joined what is not made; nor is it made without id.
  Command nameless = ReportCommand(state, "node1", /*joined=*/true);
  nameless.mutable_report_member()->clear_nb_cluster_id();
  MustApply(state, nameless);
  EXPECT_FALSE(state.databases.Find("nb")->created());
  EXPECT_TRUE(state.databases.Find("sb")->created());

  MustApply(state, ReportCommand(state, "node1", /*joined=*/true));
  nb = state.databases.Find("nb");
  EXPECT_TRUE(nb->created());
  EXPECT_EQ(nb->ovsdb_cluster_id(), "nb-uuid");
  EXPECT_FALSE(Creates(*nb, TestId("node1"))) << "it is made once";
  EXPECT_THAT(nb->joined_ids(), ElementsAre(TestId("node1")));
}

TEST(DatabaseTest, OnlyCentralsJoin) {
  ClusterState state = TestCluster({"node1", "node2", "node3", "node4"});
  EXPECT_THAT(
      state.databases.Find("sb")->joined_ids(),
      UnorderedElementsAre(TestId("node1"), TestId("node2"), TestId("node3")));
}

TEST(DatabaseTest, AnUnfinishedCreatorIsReplaced) {
  ClusterState state;
  MustApply(state, BootstrapCommand("node1"));
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, ConfirmCommand("node2"));
  MustApply(state, ServiceCommand("node1", kCentral, false, "operation"));
  EXPECT_TRUE(Creates(*state.databases.Find("nb"), TestId("node2")));
}

// What the proposer reads.
std::string MessageOf(const Result& result) {
  return std::string(StatusOfResult(result).message());
}

TEST(DatabaseTest, TheLastCentralTakesTheRecordsAlong) {
  ClusterState state = TestCluster({"node1", "node2"});
  MustApply(state, ServiceCommand("node2", kCentral, false, "first"));
  MustApply(state, PutOutCommand("node2"));
  EXPECT_EQ(MessageOf(Apply(
                state, ServiceCommand("node1", kCentral, false, "second"))),
            "cannot disable last central node without explicit confirmation");
  Command confirmed = ServiceCommand("node1", kCentral, false, "second");
  confirmed.mutable_start_operation()
      ->mutable_operation()
      ->set_allow_disable_last_central(true);
  MustApply(state, confirmed);
  EXPECT_THAT(state.databases.records(), IsEmpty());
  MustApply(state, ServiceCommand("node2", kCentral, true, "third"));
  const Database* nb = state.databases.Find("nb");
  EXPECT_TRUE(Creates(*nb, TestId("node2")));
  EXPECT_THAT(nb->joined_ids(), IsEmpty());
}

// A join that is taken back takes the records along, as a removal would.
TEST(DatabaseTest, EndWithAJoinerThatIsTheLastCentral) {
  ClusterState state = TestCluster({"node1"});
  Command confirmed = ServiceCommand("node1", kCentral, false, "off");
  confirmed.mutable_start_operation()
      ->mutable_operation()
      ->set_allow_disable_last_central(true);
  MustApply(state, confirmed);
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, ReportCommand(state, "node2", /*joined=*/true));
  ASSERT_TRUE(state.databases.Find("nb")->created());
  Command take_back = CommandAt(kTestTime);
  take_back.mutable_take_back_member()->set_member_id(TestId("node2"));
  MustApply(state, take_back);
  EXPECT_THAT(state.databases.records(), IsEmpty());
  MustApply(state, ServiceCommand("node1", kCentral, true, "on"));
  EXPECT_TRUE(Creates(*state.databases.Find("nb"), TestId("node1")));
}

TEST(DatabaseTest, AMemberThatLeavesStaysAPartUntilItIsOut) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  MustApply(state, RemovalCommand("node1", "operation"));
  EXPECT_TRUE(HasJoined(*state.databases.Find("nb"), TestId("node1")));
  MustApply(state, PutOutCommand("node1"));
  // Its last reports do not join it again.
  MustApply(state, ReportCommand(state, "node1", /*joined=*/true));
  EXPECT_FALSE(HasJoined(*state.databases.Find("nb"), TestId("node1")));
  MustApply(state, RemoveCommand("node1"));
  EXPECT_FALSE(HasJoined(*state.databases.Find("sb"), TestId("node1")));
  EXPECT_TRUE(state.databases.Find("sb")->created());
}

TEST(DatabaseTest, PutOutIsWhoKeepsNoCentral) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  EXPECT_EQ(Apply(state, PutOutCommand("node2")).reason(), "COMMAND_MALFORMED");
  EXPECT_EQ(Apply(state, PutOutCommand("node9")).reason(), "MEMBER_NOT_FOUND");
  MustApply(state, ServiceCommand("node2", kCentral, false, "off"));
  const uint64_t before = state.desired_revision();
  MustApply(state, PutOutCommand("node2"));
  EXPECT_GT(state.desired_revision(), before) << "somebody has to act";
  EXPECT_EQ(FindMember(state, "node2")->put_out_revision(),
            state.desired_revision());
  // Central again, it joins as anybody.
  MustApply(state, ServiceCommand("node2", kCentral, true, "on"));
  EXPECT_EQ(FindMember(state, "node2")->put_out_revision(), 0);
  MustApply(state, ReportCommand(state, "node2", /*joined=*/true));
  EXPECT_TRUE(HasJoined(*state.databases.Find("nb"), TestId("node2")));
}

TEST(DatabaseTest, ARemovalLetsAMemberLeaveByItselfAgain) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  MustApply(state, ServiceCommand("node2", kCentral, false, "off"));
  MustApply(state, PutOutCommand("node2"));
  MustApply(state, RemovalCommand("node2", "gone"));
  EXPECT_EQ(FindMember(state, "node2")->put_out_revision(), 0);
}

TEST(OperationTest, EnablingMarksTheStateAndRecordsTheSteps) {
  ClusterState state = TestCluster({"node1", "node2", "node3", "node4"});
  const uint64_t before = state.revision();
  const Result result =
      MustApply(state, ServiceCommand("node4", kCentral, true, "operation"));
  EXPECT_THAT(Centrals(state), ElementsAre("node1", "node2", "node3", "node4"));
  const Operation& operation = result.operation();
  EXPECT_EQ(operation.member_id(), TestId("node4"));
  EXPECT_EQ(operation.revision(), state.desired_revision());
  EXPECT_EQ(operation.created_seconds(), kTestTime);
  ASSERT_EQ(operation.steps_size(), 2);
  EXPECT_EQ(operation.steps(0).id(), kStepStartServices);
  EXPECT_EQ(operation.steps(1).id(), kStepUpdateMembers);
  EXPECT_THAT(EventTypes(state, before),
              ElementsAre("OPERATION_STARTED", "SERVICE_ENABLED"));
}

TEST(OperationTest, RefusalsSayWhatMicroOvnSays) {
  ClusterState state = TestCluster({"node1", "node2"});
  MustApply(state, CreateTokenCommand("node3"));
  MustApply(state, AdmitCommand("node3"));
  MustApply(state,
            ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "a"));
  const auto before = EncodeState(state);
  const struct {
    Command command;
    std::string message;
  } cases[] = {
      {ServiceCommand("node1", kCentral, true, "b"),
       "this service is already enabled"},
      {ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "b"),
       "this service is not enabled"},
      {ServiceCommand("N", kCentral, true, "b"),
       "Failed to get cluster member for request target name \"N\": "
       "CoreClusterMember not found"},
      {ServiceCommand("node3", kCentral, false, "b"),
       "member \"node3\" has not finished joining"},
      {ServiceCommand("node1", statepb::SERVICE_UNSPECIFIED, true, "b"),
       "the command was refused: unknown (service)"},
      {ServiceCommand("node1", kCentral, false, "a"),
       "the command was refused: in-use (operation-id)"},
      {RemovalCommand("nobody", "b"), "there is no member \"nobody\""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(MessageOf(Apply(state, c.command)), c.message);
    EXPECT_EQ(EncodeState(state), before) << c.message;
  }
}

TEST(OperationTest, RemovalMarksTheMemberLeaving) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  const Result result = MustApply(state, RemovalCommand("node2", "operation"));
  const Member* member = FindMember(state, "node2");
  EXPECT_EQ(member->state(), Member::STATE_LEAVING);
  EXPECT_THAT(member->services(), IsEmpty());
  EXPECT_THAT(Centrals(state), ElementsAre("node1", "node3"));
  std::vector<std::string> steps;
  for (const auto& step : result.operation().steps())
    steps.push_back(step.id());
  EXPECT_THAT(steps, ElementsAre(kStepStopServices, kStepLeaveDatabases,
                                 kStepDeleteChassis, kStepUpdateMembers,
                                 kStepLeaveLog, kStepForgetMember));
  EXPECT_EQ(
      Apply(state, ServiceCommand("node2", kCentral, true, "other")).reason(),
      "MEMBER_LEAVING");
}

TEST(ServicesTest, WhoLeavesGetsNone) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command services = CommandAt(kTestTime);
  services.mutable_set_member_services()->set_member_id(TestId("node2"));
  services.mutable_set_member_services()->add_services(statepb::SERVICE_SWITCH);
  MustApply(state, services);
  EXPECT_THAT(FindMember(state, "node2")->services(),
              ElementsAre(statepb::SERVICE_SWITCH));
  MustApply(state, RemovalCommand("node2", "operation"));
  EXPECT_EQ(Apply(state, services).reason(), "MEMBER_LEAVING");
  EXPECT_THAT(FindMember(state, "node2")->services(), IsEmpty());
}

TEST(OperationTest, ARemovalThatIsAskedForAgainGoesOn) {
  ClusterState state = TestCluster({"node1", "node2"});
  const Operation first =
      MustApply(state, RemovalCommand("node2", "first")).operation();
  const auto before = EncodeState(state);
  EXPECT_EQ(MustApply(state, RemovalCommand("node2", "second"))
                .operation()
                .operation_id(),
            first.operation_id());
  EXPECT_EQ(EncodeState(state), before);
  Command forced = RemovalCommand("node2", "third");
  forced.mutable_start_operation()->mutable_operation()->set_force(true);
  const Operation second = MustApply(state, forced).operation();
  EXPECT_EQ(second.operation_id(), first.operation_id());
  EXPECT_TRUE(second.force());
  EXPECT_EQ(second.revision(), first.revision());
  EXPECT_EQ(state.operations.size(), 1);

  // After it has failed, a new one takes over.
  Command failed = CommandAt(kTestTime);
  failed.mutable_update_operation()->set_operation_id(first.operation_id());
  failed.mutable_update_operation()->set_done(true);
  failed.mutable_update_operation()->set_error_code(4);
  failed.mutable_update_operation()->set_error_message("why");
  EXPECT_EQ(Apply(state, failed).reason(), "COMMAND_MALFORMED")
      << "decided before it was forced";
  failed.mutable_update_operation()->set_expected_updates(second.updates());
  MustApply(state, failed);
  EXPECT_EQ(MustApply(state, RemovalCommand("node2", "fourth"))
                .operation()
                .operation_id(),
            TestId("fourth"));
}

TEST(OperationTest, TheOnlyMemberAndTheOnlyCentralStay) {
  ClusterState one = TestCluster({"node1"});
  EXPECT_EQ(Apply(one, RemovalCommand("node1", "a")).reason(), "ONLY_MEMBER");
  // A joiner does not count as the other member.
  MustApply(one, CreateTokenCommand("node2"));
  MustApply(one, AdmitCommand("node2"));
  EXPECT_EQ(Apply(one, RemovalCommand("node1", "a")).reason(), "ONLY_MEMBER");

  ClusterState two = TestCluster({"node1", "node2"});
  MustApply(two, ServiceCommand("node2", kCentral, false, "a"));
  EXPECT_EQ(Apply(two, RemovalCommand("node1", "b")).reason(), "LAST_CENTRAL");
  Command accepted = RemovalCommand("node1", "b");
  accepted.mutable_start_operation()
      ->mutable_operation()
      ->set_allow_disable_last_central(true);
  MustApply(two, accepted);
  EXPECT_THAT(two.databases.records(), IsEmpty());
}

TEST(OperationTest, ACentralThatNobodyHasJoinedYetStays) {
  ClusterState state = TestCluster({"node1"});
  MustApply(state, CreateTokenCommand("node2"));
  MustApply(state, AdmitCommand("node2"));
  MustApply(state, ConfirmCommand("node2"));
  EXPECT_EQ(
      Apply(state, ServiceCommand("node1", kCentral, false, "a")).reason(),
      "CENTRAL_NOT_JOINED");
  EXPECT_EQ(Apply(state, RemovalCommand("node1", "a")).reason(),
            "CENTRAL_NOT_JOINED");
  Command services = CommandAt(kTestTime);
  services.mutable_set_member_services()->set_member_id(TestId("node1"));
  EXPECT_EQ(Apply(state, services).reason(), "LAST_CENTRAL");
  // With permission the data ends, and node2 begins anew.
  Command accepted = ServiceCommand("node1", kCentral, false, "a");
  accepted.mutable_start_operation()
      ->mutable_operation()
      ->set_allow_disable_last_central(true);
  ClusterState given_up = state;
  MustApply(given_up, accepted);
  EXPECT_TRUE(Creates(*given_up.databases.Find("nb"), TestId("node2")));
  // Once node2 has joined, node1 may go.
  MustApply(state, ReportCommand(state, "node2", /*joined=*/true));
  MustApply(state, ServiceCommand("node1", kCentral, false, "a"));
}

TEST(OperationTest, ProgressKeepsTheStepsAndEndsOnce) {
  ClusterState state = TestCluster({"node1", "node2"});
  const Operation operation =
      MustApply(state, RemovalCommand("node2", "operation")).operation();
  const uint64_t revision = state.revision();
  Command update = CommandAt(kTestTime + 5);
  statepb::UpdateOperation* body = update.mutable_update_operation();
  body->set_operation_id(operation.operation_id());
  *body->mutable_steps() = operation.steps();
  body->mutable_steps(0)->set_state(statepb::OperationStep::STATE_RUNNING);
  MustApply(state, update);
  EXPECT_EQ(state.revision(), revision) << "progress is no event";
  EXPECT_EQ(Apply(state, update).reason(), "COMMAND_MALFORMED")
      << "decided on an older record";
  body->set_expected_updates(1);

  Command other = update;
  other.mutable_update_operation()->mutable_steps()->RemoveLast();
  EXPECT_EQ(Apply(state, other).reason(), "COMMAND_MALFORMED");
  other = update;
  other.mutable_update_operation()->mutable_steps()->SwapElements(0, 1);
  EXPECT_EQ(Apply(state, other).reason(), "COMMAND_MALFORMED");
  body->set_done(true);
  const Operation ended = MustApply(state, update).operation();
  EXPECT_EQ(ended.ended_seconds(), kTestTime + 5);
  EXPECT_THAT(EventTypes(state, revision), ElementsAre("OPERATION_DONE"));
  EXPECT_EQ(Apply(state, update).reason(), "OPERATION_ENDED");
  body->set_operation_id(TestId("unknown"));
  EXPECT_EQ(Apply(state, update).reason(), "OPERATION_NOT_FOUND");
}

TEST(OperationTest, RunningOnesAreBounded) {
  ClusterState state = TestCluster({"node1"});
  const auto start = [](size_t i) {
    return ServiceCommand("node1", statepb::SERVICE_SWITCH, i % 2 == 1,
                          "operation" + std::to_string(i));
  };
  for (size_t i = 0; i < kMaxRunningOperations; ++i) {
    MustApply(state, start(i));
  }
  const auto before = EncodeState(state);
  EXPECT_EQ(Apply(state, start(kMaxRunningOperations)).reason(),
            "TOO_MANY_OPERATIONS");
  EXPECT_EQ(EncodeState(state), before);
  Command done = CommandAt(kTestTime);
  done.mutable_update_operation()->set_operation_id(TestId("operation0"));
  done.mutable_update_operation()->set_done(true);
  MustApply(state, done);
  MustApply(state, start(kMaxRunningOperations));
}

TEST(OperationTest, EndedOnesAreBounded) {
  ClusterState state = TestCluster({"node1"});
  for (size_t i = 0; i < kMaxEndedOperations + 2; ++i) {
    const std::string word = "operation" + std::to_string(i);
    MustApply(state, ServiceCommand("node1", statepb::SERVICE_SWITCH,
                                    i % 2 == 1, word));
    Command done = CommandAt(kTestTime + 1 + static_cast<int64_t>(i));
    done.mutable_update_operation()->set_operation_id(TestId(word));
    done.mutable_update_operation()->set_done(true);
    MustApply(state, done);
  }
  EXPECT_LE(state.operations.size(), kMaxEndedOperations + 1);
  EXPECT_THAT(state.operations.Find(TestId("operation0")), IsNull());
}

TEST(ReportTest, IsNotADesireAndNotAnEvent) {
  ClusterState state = TestCluster({"node1"});
  const uint64_t desired = state.desired_revision();
  const uint64_t revision = state.revision();
  Command report = ReportCommand(state, "node1", /*joined=*/true);
  report.mutable_report_member()->mutable_report()->set_problem("northd ended");
  MustApply(state, report);
  EXPECT_EQ(state.reports.Find(TestId("node1"))->problem(), "northd ended");
  EXPECT_EQ(state.desired_revision(), desired);
  EXPECT_EQ(state.revision(), revision);
  TakeMutations(state);
  MustApply(state, report);
  EXPECT_THAT(TakeMutations(state), IsEmpty()) << "the same report again";

  report.mutable_report_member()->mutable_report()->set_converged_revision(
      revision + 1);
  EXPECT_EQ(Apply(state, report).reason(), "COMMAND_MALFORMED");
  EXPECT_EQ(Apply(state, ReportCommand(state, "nobody", false)).reason(),
            "MEMBER_NOT_FOUND");
}

TEST(ConfigTest, OnlyWhatNodesFollowIsWorkForThem) {
  ClusterState state = TestCluster({"node1"});
  const uint64_t desired = state.desired_revision();
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{
           {"cluster.certificate-lifetime", "86400"},
           {"cluster.voter-timeout", "21"},
           {"cluster.voters", "5"},
           {"ovn.central-count", "1"}}) {
    const uint64_t revision = state.revision();
    MustApply(state, SetConfigCommand(key, value));
    EXPECT_EQ(state.revision(), revision + 1) << key;
    EXPECT_EQ(state.desired_revision(), desired) << key;
  }
  for (const auto& [key, value] :
       std::vector<std::pair<std::string, std::string>>{
           {"ovn.central-ips", "192.0.2.1"},
           {"ovn.election-timer", "16000"},
           {"ovn.encapsulation", "vxlan"},
           {"ovn.log-level", "dbg"},
           {"ovn.probe-interval", "60000"}}) {
    MustApply(state, SetConfigCommand(key, value));
    EXPECT_EQ(state.desired_revision(), state.revision()) << key;
  }
}

// Two members that begin at the same time both saw it free.
TEST(ConfigTest, TheUpgradeSlotIsTakenOnce) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command set = SetConfigCommand("cluster.upgrade-slot", "node1");
  const uint64_t first = MustApply(state, set).config().revision();
  MustApply(state, set);
  Command other = SetConfigCommand("cluster.upgrade-slot", "node2");
  EXPECT_EQ(Apply(state, other).reason(), "CONFIG_CHANGED");
  EXPECT_EQ(ConfigValue(state, "cluster.upgrade-slot"), "node1");
  other.mutable_set_config()->set_expected_revision(first);
  MustApply(state, other);
  EXPECT_EQ(ConfigValue(state, "cluster.upgrade-slot"), "node2");

  Command erase = CommandAt(kTestTime);
  erase.mutable_delete_config()->set_key("cluster.upgrade-slot");
  erase.mutable_delete_config()->set_expected_revision(first);
  EXPECT_EQ(Apply(state, erase).reason(), "CONFIG_CHANGED");
  EXPECT_EQ(ConfigValue(state, "cluster.upgrade-slot"), "node2");
}

TEST(ConfigTest, SetsOnceAndComparesRevisions) {
  ClusterState state = TestCluster({"node1"});
  Command set = SetConfigCommand("ovn.central-ips", "10.0.0.1,10.0.0.2");
  const uint64_t desired = state.desired_revision();
  const Result result = MustApply(state, set);
  EXPECT_GT(state.desired_revision(), desired);
  const uint64_t revision = result.config().revision();
  EXPECT_EQ(revision, state.revision());
  MustApply(state, set);
  EXPECT_EQ(state.revision(), revision) << "the same value changes nothing";

  set.mutable_set_config()->set_value("10.0.0.3");
  set.mutable_set_config()->set_expected_revision(revision + 1);
  EXPECT_EQ(Apply(state, set).reason(), "CONFIG_CHANGED");
  set.mutable_set_config()->set_expected_revision(revision);
  MustApply(state, set);
  EXPECT_EQ(ConfigValue(state, "ovn.central-ips"), "10.0.0.3");

  Command erase = CommandAt(kTestTime);
  erase.mutable_delete_config()->set_key("ovn.central-ips");
  // What was read before it was set to something else.
  erase.mutable_delete_config()->set_expected_revision(revision);
  EXPECT_EQ(Apply(state, erase).reason(), "CONFIG_CHANGED");
  EXPECT_EQ(ConfigValue(state, "ovn.central-ips"), "10.0.0.3");
  erase.mutable_delete_config()->clear_expected_revision();
  MustApply(state, erase);
  MustApply(state, erase);
  EXPECT_EQ(ConfigValue(state, "ovn.central-ips"), "");
  erase.mutable_delete_config()->set_key("no.such");
  EXPECT_EQ(Apply(state, erase).reason(), "CONFIG_KEY_UNKNOWN");
  EXPECT_EQ(Apply(state, SetConfigCommand("cluster.voters", "4")).reason(),
            "CONFIG_VALUE_INVALID");
}

TEST(AuthorityTest, IsReplacedOnlyFromWhatWasRead) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command set = CommandAt(kTestTime);
  statepb::SetAuthority* body = set.mutable_set_authority();
  *body->mutable_authority() =
      TestAuthority(statepb::PLANE_OVN, {TestId("node1"), TestId("node2")});
  body->set_expected_generation(1);
  body->add_expected_sealed_for(TestId("node1"));
  const uint64_t desired = state.desired_revision();
  const auto refused = [&state](const Command& command) {
    ClusterState copy = state;
    return Apply(copy, command).reason();
  };
  Command stale = set;
  stale.mutable_set_authority()->set_expected_generation(2);
  EXPECT_EQ(refused(stale), "AUTHORITY_CHANGED");
  stale = set;
  stale.mutable_set_authority()->clear_expected_sealed_for();
  EXPECT_EQ(refused(stale), "AUTHORITY_CHANGED");
  Command stranger = set;
  stranger.mutable_set_authority()->mutable_authority()->add_sealed_for(
      TestId("nobody"));
  EXPECT_EQ(refused(stranger), "MEMBER_NOT_FOUND");
  Command clear = set;
  clear.mutable_set_authority()->mutable_authority()->set_bundle_pem(
      "-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----");
  EXPECT_EQ(refused(clear), "COMMAND_MALFORMED");

  MustApply(state, set);
  EXPECT_EQ(state.desired_revision(), desired) << "sealing asks nothing";
  EXPECT_EQ(refused(set), "AUTHORITY_CHANGED");
}

TEST(AuthorityTest, IsOnlySealedAnewWithoutItsOperation) {
  ClusterState state = TestCluster({"node1", "node2"});
  const statepb::Authority known =
      *state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  Command set = CommandAt(kTestTime);
  statepb::SetAuthority* body = set.mutable_set_authority();
  *body->mutable_expected_sealed_for() = known.sealed_for();
  body->set_expected_generation(known.generation());
  const std::string other = TestCertificatePem("other");
  const std::function<void(statepb::Authority&)> changes[] = {
      [&](auto& ca) { ca.set_certificate_pem(other); },
      [&](auto& ca) { ca.set_bundle_pem(other); },
      [&](auto& ca) { ca.set_generation(known.generation() + 1); },
      [&](auto& ca) { ca.set_cross_certificate_pem(other); },
      [&](auto& ca) { ca.set_user_supplied(true); },
      [&](auto& ca) { ca.set_phase(statepb::Authority::PHASE_REISSUE); },
      [&](auto& ca) { ca.mutable_retired()->set_certificate_pem(other); },
  };
  const auto before = EncodeState(state);
  for (const auto& change : changes) {
    *body->mutable_authority() = known;
    change(*body->mutable_authority());
    EXPECT_EQ(Apply(state, set).reason(), "COMMAND_MALFORMED")
        << body->authority().ShortDebugString();
    EXPECT_EQ(EncodeState(state), before);
  }
  *body->mutable_authority() = known;
  body->mutable_authority()->set_sealed_key("sealed again");
  body->mutable_authority()->add_sealed_for(TestId("node2"));
  MustApply(state, set);
}

// As long as a member knows of no operation that replaces a CA.
TEST(AuthorityTest, GoesOnByOneGenerationAndNeverBack) {
  ClusterState state = TestCluster({"node1"});
  state.features.Erase(kFeatureCaRotation);
  Command set = CommandAt(kTestTime);
  statepb::SetAuthority* body = set.mutable_set_authority();
  *body->mutable_authority() =
      TestAuthority(statepb::PLANE_OVN, {TestId("node1")});
  body->add_expected_sealed_for(TestId("node1"));
  for (const uint64_t generation : {2, 3}) {
    body->set_expected_generation(generation - 1);
    body->mutable_authority()->set_generation(generation);
    MustApply(state, set);
  }
  const auto before = EncodeState(state);
  body->set_expected_generation(3);
  for (const uint64_t generation : {1, 2, 5}) {
    body->mutable_authority()->set_generation(generation);
    EXPECT_EQ(Apply(state, set).reason(), "COMMAND_MALFORMED") << generation;
    EXPECT_EQ(EncodeState(state), before) << generation;
  }
}

TEST(RenewTest, AMemberOnlyDropsItsKeys) {
  ClusterState state = TestCluster({"node1", "node2"});
  Command renew = CommandAt(kTestTime);
  statepb::RenewMember* body = renew.mutable_renew_member();
  body->set_member_id(TestId("node2"));
  body->set_certificate_pem(TestCertificatePem("node2 new"));
  body->add_spki_sha256(TestKeyDigest("node2"));
  body->add_spki_sha256(TestKeyDigest("node2 new"));
  Command by_itself = renew;
  by_itself.set_passed_by(TestId("node2"));
  EXPECT_EQ(Apply(state, by_itself).reason(), "COMMAND_MALFORMED");
  EXPECT_EQ(FindMemberByKey(state, TestKeyDigest("node2 new")), nullptr);
  MustApply(state, renew);
  EXPECT_NE(FindMemberByKey(state, TestKeyDigest("node2 new")), nullptr);
  by_itself.mutable_renew_member()->clear_spki_sha256();
  by_itself.mutable_renew_member()->add_spki_sha256(TestKeyDigest("node2 new"));
  MustApply(state, by_itself);
  EXPECT_EQ(FindMemberByKey(state, TestKeyDigest("node2")), nullptr);
}

TEST(CertificateTest, TheRegistryIsBounded) {
  ClusterState state = TestCluster({"node1"});
  Command record = CommandAt(kTestTime);
  for (int i = 0; i < 6; ++i) {
    statepb::IssuedCertificate* certificate =
        record.mutable_record_certificates()->add_certificates();
    *certificate = TestCertificate("nb" + std::to_string(i), "node1", "ovnnb");
    certificate->set_not_after_seconds(kTestTime + 100 + i);
  }
  MustApply(state, record);
  EXPECT_EQ(state.certificates.size(), 1 + 4) << "node1's own and four of nb";
  EXPECT_THAT(state.certificates.Find(TestId("nb0")), IsNull());

  // Nobody's wall clock says when one has ended.
  Command later = CommandAt(kTestTime + 1000);
  *later.mutable_record_certificates()->add_certificates() =
      TestCertificate("sb", "node1", "ovnsb");
  MustApply(state, later);
  EXPECT_EQ(state.certificates.size(), 2 + 4);
  later.mutable_record_certificates()->mutable_certificates(0)->set_member_id(
      TestId("nobody"));
  EXPECT_EQ(Apply(state, later).reason(), "MEMBER_NOT_FOUND");
}

}  // namespace
}  // namespace microovn::agent
