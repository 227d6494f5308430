// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/operation_runner.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/operations/operation_progress.h"
#include "agent/operations/role_reconciler.h"
#include "agent/operations/testing/fake_raft_control.h"
#include "agent/state/operation/change_service.h"
#include "agent/state/operation/rotate_authority.h"
#include "agent/state/operation/steps.h"
#include "agent/state/plan/plan.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/certificates.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/limits.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Operation;
using statepb::OperationStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNull;
using testing::NotNull;
using testing::UnorderedElementsAre;

constexpr auto kCentral = statepb::SERVICE_CENTRAL;

// A cluster whose members do what they are wanted to when the test says so.
struct Cluster {
  explicit Cluster(const std::vector<std::string>& names)
      : raft(TestCluster(names), &store, &clock),
        sealer(&raft),
        roles({&raft, &sealer, &store, &clock}),
        runner({&raft, &sealer, &store, &clock, &random}) {
    Settle();
  }

  void Settle() {
    for (int i = 0; i < 100; ++i) {
      const bool changed = roles.RunOnce();
      if (!runner.RunOnce() && !changed) return;
    }
    ADD_FAILURE() << "the leader never rests";
  }
  // As the next leader, whose process knows nothing.
  void SettleAsNewLeader(const std::string& name) {
    raft.Lead(name);
    RoleReconciler new_roles({&raft, &sealer, &store, &clock});
    OperationRunner new_runner({&raft, &sealer, &store, &clock, &random});
    for (int i = 0; i < 100; ++i) {
      const bool changed = new_roles.RunOnce();
      if (!new_runner.RunOnce() && !changed) return;
    }
    ADD_FAILURE() << "the new leader never rests";
  }
  void Wait(absl::Duration duration) {
    clock.Advance(duration);
    Settle();
  }

  // The member has done what is wanted of it: it left the databases if it is
  // no central any more, and says so.
  void Converge(const std::string& name) {
    const statepb::Member* member = FindMember(raft.state(), name);
    const bool central =
        member != nullptr && Runs(*member, statepb::SERVICE_CENTRAL);
    raft.Apply(ReportCommand(raft.state(), name, central));
  }
  void ConvergeAll() {
    for (const statepb::Member* member : MembersInOrder(raft.state())) {
      Converge(std::string(member->name()));
    }
  }

  // The member leads the databases, and nothing is left in them of those who
  // were put out.
  void Clear(const std::string& name) {
    Command command = ReportCommand(raft.state(), name, /*joined=*/true);
    statepb::MemberReport* report =
        command.mutable_report_member()->mutable_report();
    report->set_nb_cleared_revision(raft.state().desired_revision());
    report->set_sb_cleared_revision(raft.state().desired_revision());
    raft.Apply(command);
  }
  bool WasPutOut(const std::string& name) {
    const statepb::Member* member = FindMember(raft.state(), name);
    return member != nullptr && member->put_out_revision() > 0;
  }

  const Operation& Running(const std::string& word) {
    return *raft.state().operations.Find(TestId(word));
  }
  // "stop-services:DONE", ...
  std::vector<std::string> Steps(const std::string& word) {
    std::vector<std::string> steps;
    for (const OperationStep& step : Running(word).steps()) {
      steps.push_back(step.id() + ":" +
                      OperationStep::State_Name(step.state()).substr(6));
    }
    return steps;
  }

  FakeClock clock{absl::FromUnixSeconds(kTestTime)};
  StateStore store;
  SeededRandom random{1};
  FakeRaftControl raft;
  FakeCaSealer sealer;
  RoleReconciler roles;
  OperationRunner runner;
};

Command Forced(Command command) {
  command.mutable_start_operation()->mutable_operation()->set_force(true);
  return command;
}

// Limits are reckoned by the cluster's clock alone.
TEST(RemovalTest, AWallClockEndsNoOperation) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(ServiceCommand("node3", kCentral, false, "op"));
  cluster.clock.Jump(absl::Hours(24 * 365));
  cluster.Settle();
  EXPECT_FALSE(cluster.Running("op").done());
  cluster.clock.Jump(-absl::Hours(24 * 730));
  cluster.Settle();
  EXPECT_FALSE(cluster.Running("op").done());
  cluster.Wait(absl::Minutes(3));
  EXPECT_EQ(cluster.Running("op").error_reason(), "SERVICE_NOT_SETTLED");
}

TEST(RemovalTest, GoesThroughItsStepsWithTheMembersHelp) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.raft.Apply(RemovalCommand("node3", "op"));
  cluster.Settle();
  EXPECT_THAT(cluster.Steps("op"),
              ElementsAre("stop-services:RUNNING", "leave-databases:PENDING",
                          "delete-chassis:PENDING", "update-members:PENDING",
                          "leave-log:PENDING", "forget-member:PENDING"));
  EXPECT_EQ(cluster.Running("op").steps(0).detail(), "waiting for node3");
  EXPECT_THAT(cluster.raft.Voters(),
              UnorderedElementsAre("node1", "node2", "node4"));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node3"))
      << "it gets the log until it has left everything else";

  cluster.Converge("node3");
  cluster.Settle();
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:RUNNING")
      << "until the databases' leaders have said so";
  cluster.Clear("node1");
  cluster.Settle();
  EXPECT_THAT(cluster.Steps("op"),
              ElementsAre("stop-services:DONE", "leave-databases:DONE",
                          "delete-chassis:DONE", "update-members:RUNNING",
                          "leave-log:PENDING", "forget-member:PENDING"));
  cluster.ConvergeAll();
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_EQ(cluster.Running("op").error_code(), 0);
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), IsNull());
  EXPECT_THAT(cluster.raft.Learners(), IsEmpty());
}

TEST(RemovalTest, AMemberThatIsDownIsPutOutByTheOthers) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  cluster.raft.Apply(RemovalCommand("node3", "op"));
  cluster.Converge("node1");
  cluster.Converge("node2");
  // Silent for three seconds when that was first seen.
  cluster.Wait(absl::Seconds(16));
  EXPECT_FALSE(cluster.WasPutOut("node3"));
  EXPECT_EQ(cluster.Running("op").steps(0).detail(), "node3 does not answer");
  cluster.Wait(absl::Seconds(1));
  EXPECT_TRUE(cluster.WasPutOut("node3"));
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:RUNNING");
  EXPECT_EQ(cluster.Running("op").steps(1).detail(),
            "waiting for the leader of the Northbound database to let go of "
            "node3");
  cluster.Clear("node1");
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node1"));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
}

TEST(RemovalTest, ByForceASilentMemberIsNotWaitedFor) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  cluster.raft.Apply(Forced(RemovalCommand("node3", "op")));
  cluster.Settle();
  EXPECT_TRUE(cluster.WasPutOut("node3"));
  EXPECT_FALSE(
      HasJoined(*cluster.raft.state().databases.Find("nb"), TestId("node3")));
  EXPECT_EQ(cluster.Steps("op")[0], "stop-services:SKIPPED");
  cluster.Clear("node1");
  cluster.Converge("node2");
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), IsNull());
}

TEST(RemovalTest, ByForceAMemberThatAnswersHasHalfAMinute) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(Forced(RemovalCommand("node3", "op")));
  cluster.Wait(absl::Seconds(kForceSeconds - 1));
  EXPECT_FALSE(cluster.WasPutOut("node3"));
  cluster.Wait(absl::Seconds(1));
  EXPECT_TRUE(cluster.WasPutOut("node3"));
}

TEST(RemovalTest, WaitsWithoutAWordForWhoClearsAway) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  cluster.raft.Apply(Forced(RemovalCommand("node3", "op")));
  cluster.Settle();
  const size_t admitted = cluster.raft.admitted().size();
  cluster.Wait(absl::Seconds(1));
  EXPECT_EQ(cluster.raft.admitted().size(), admitted) << "nothing new to say";
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:RUNNING");

  // What was cleared before it was put out does not count.
  Command early = ReportCommand(cluster.raft.state(), "node1", true);
  early.mutable_report_member()->mutable_report()->set_nb_cleared_revision(1);
  early.mutable_report_member()->mutable_report()->set_sb_cleared_revision(1);
  cluster.raft.Apply(early);
  cluster.Settle();
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:RUNNING");

  cluster.Clear("node1");
  cluster.Converge("node2");
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done());
}

TEST(RemovalTest, ByForceItEndsThoughNothingCanBeCleanedUp) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  cluster.raft.Apply(Forced(RemovalCommand("node3", "op")));
  cluster.Wait(absl::Seconds(kCleanUpSeconds - 1));
  EXPECT_FALSE(cluster.Running("op").done());
  cluster.Wait(absl::Seconds(1));
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_THAT(cluster.Steps("op"),
              ElementsAre("stop-services:SKIPPED", "leave-databases:SKIPPED",
                          "delete-chassis:SKIPPED", "update-members:SKIPPED",
                          "leave-log:DONE", "forget-member:DONE"));
  EXPECT_THAT(cluster.Running("op").steps(3).detail(),
              HasSubstr("not there yet: node1, node2"));
}

TEST(RemovalTest, AServerThatStoppedWithoutLeavingIsPutOut) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(RemovalCommand("node3", "op"));
  // It has given up leaving, for want of a quorum, and stopped.
  cluster.raft.Apply(ReportCommand(cluster.raft.state(), "node3", false));
  cluster.Settle();
  EXPECT_TRUE(cluster.WasPutOut("node3"));
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:RUNNING");
  cluster.Clear("node2");
  cluster.Settle();
  EXPECT_EQ(cluster.Steps("op")[1], "leave-databases:DONE");
}

// A deposed leader's runner proposes through the new one.
TEST(RemovalTest, NobodyPutsAStepBack) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.raft.Apply(RemovalCommand("node3", "op"));
  cluster.Settle();
  const Operation old = cluster.Running("op");
  cluster.Converge("node3");
  cluster.Settle();
  EXPECT_EQ(cluster.Steps("op")[0], "stop-services:DONE");
  Command late;
  late.mutable_update_operation()->set_operation_id(old.operation_id());
  *late.mutable_update_operation()->mutable_steps() = old.steps();
  late.mutable_update_operation()->set_expected_updates(old.updates());
  EXPECT_FALSE(cluster.raft.Propose(late).ok());
  EXPECT_EQ(cluster.Steps("op")[0], "stop-services:DONE");
}

TEST(RemovalTest, TheLeaderHandsOverAndItsSuccessorGoesOn) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(RemovalCommand("node1", "op"));
  cluster.Settle();
  EXPECT_EQ(cluster.raft.View().self_id, TestId("node2"));
  cluster.ConvergeAll();
  cluster.SettleAsNewLeader("node2");
  cluster.Clear("node2");
  cluster.SettleAsNewLeader("node2");
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node2"));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node3"));
}

// The lead is lost after each number of actions; the next leader ends it.
TEST(RemovalTest, IsResumedAtEachStep) {
  int longest = 0;
  for (const bool force : {false, true}) {
    for (int actions = 0; actions < 25; ++actions) {
      SCOPED_TRACE(absl::StrCat(force ? "by force, " : "", actions));
      Cluster cluster({"node1", "node2", "node3", "node4"});
      cluster.raft.SetSilent("node3", force);
      cluster.Settle();
      Command removal = RemovalCommand("node3", "op");
      cluster.raft.Apply(force ? Forced(removal) : removal);
      for (const char* name : {"node1", "node2", "node4"}) {
        cluster.Converge(name);
      }
      if (!force) cluster.Converge("node3");
      cluster.raft.LoseLeadAfter(actions);
      cluster.Settle();
      cluster.Clear("node1");
      cluster.Settle();
      if (!cluster.raft.leading()) longest = std::max(longest, actions);
      cluster.SettleAsNewLeader("node2");
      cluster.Clear("node1");
      cluster.SettleAsNewLeader("node2");
      EXPECT_TRUE(cluster.Running("op").done());
      EXPECT_EQ(cluster.Running("op").error_code(), 0);
      EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), IsNull());
      EXPECT_THAT(cluster.raft.Voters(),
                  UnorderedElementsAre("node1", "node2", "node4"));
      EXPECT_EQ(cluster.raft.refused(), 0);
    }
  }
  EXPECT_GT(longest, 5) << "the test must cover steps";
}

TEST(ServiceTest, EndsWhenTheMemberHasConvergedAndTheOthersToo) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.raft.Apply(ServiceCommand("node4", kCentral, true, "op"));
  cluster.Settle();
  EXPECT_THAT(cluster.Steps("op"),
              ElementsAre("start-services:RUNNING", "update-members:PENDING"));
  cluster.Converge("node4");
  cluster.Settle();
  EXPECT_THAT(cluster.Steps("op"),
              ElementsAre("start-services:DONE", "update-members:RUNNING"));
  cluster.Converge("node1");
  cluster.Converge("node2");
  cluster.Settle();
  EXPECT_EQ(cluster.Running("op").steps(1).detail(), "waiting for node3");
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done()) << "who is off is not waited for";
  EXPECT_EQ(cluster.Running("op").steps(1).detail(), "not there yet: node3");
}

TEST(ServiceTest, EndsWithAnErrorThatSaysWhatIsNotReady) {
  Cluster cluster({"node1", "node2"});
  cluster.raft.Apply(
      ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "op"));
  Command report = ReportCommand(cluster.raft.state(), "node2", true);
  report.mutable_report_member()->mutable_report()->set_converged_revision(0);
  report.mutable_report_member()->mutable_report()->set_problem(
      "ovs-vswitchd does not stop");
  cluster.raft.Apply(report);
  cluster.Wait(absl::Seconds(kSettleSeconds - 1));
  EXPECT_FALSE(cluster.Running("op").done());
  EXPECT_EQ(cluster.Running("op").steps(0).detail(),
            "node2: ovs-vswitchd does not stop");
  cluster.Wait(absl::Seconds(1));
  const Operation& operation = cluster.Running("op");
  EXPECT_TRUE(operation.done());
  EXPECT_EQ(operation.error_reason(), "SERVICE_NOT_SETTLED");
  EXPECT_THAT(operation.error_message(),
              HasSubstr("ovs-vswitchd does not stop"));
  EXPECT_EQ(operation.steps(0).state(), OperationStep::STATE_FAILED);
  EXPECT_FALSE(
      Runs(*FindMember(cluster.raft.state(), "node2"), statepb::SERVICE_SWITCH))
      << "what is wanted stays";
}

TEST(ServiceTest, IsSupersededByALaterRequest) {
  Cluster cluster({"node1", "node2"});
  cluster.raft.Apply(
      ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "first"));
  cluster.raft.Apply(
      ServiceCommand("node2", statepb::SERVICE_SWITCH, true, "second"));
  cluster.Settle();
  EXPECT_EQ(cluster.Running("first").error_reason(),
            "SERVICE_CHANGE_SUPERSEDED");
  cluster.raft.Apply(RemovalCommand("node2", "third"));
  cluster.Settle();
  EXPECT_EQ(cluster.Running("second").error_reason(),
            "SERVICE_CHANGE_SUPERSEDED");
}

TEST(ServiceTest, DisablingCentralWaitsUntilTheDatabasesAreLeft) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(ServiceCommand("node3", kCentral, false, "op"));
  cluster.Settle();
  EXPECT_EQ(cluster.Running("op").steps(0).detail(),
            "waiting for node3 to leave the Northbound database");
  cluster.ConvergeAll();
  cluster.Settle();
  EXPECT_EQ(cluster.Running("op").steps(0).detail(),
            "waiting for the leader of the Northbound database to let go of "
            "node3");
  cluster.Clear("node2");
  cluster.Settle();
  EXPECT_TRUE(cluster.Running("op").done());
  EXPECT_EQ(cluster.Running("op").error_code(), 0);
}

TEST(JoinTest, IsTakenBackAfterItsDeadline) {
  Cluster cluster({"node1", "node2"});
  cluster.raft.Apply(CreateTokenCommand("node3"));
  cluster.raft.Apply(AdmitCommand("node3"));
  cluster.Wait(absl::Seconds(kJoinSeconds - 1));
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), NotNull());
  const std::string address =
      FindMember(cluster.raft.state(), "node3")->address();
  cluster.Wait(absl::Seconds(1));
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), IsNull());
  EXPECT_EQ(cluster.raft.state().tombstones.Find(TestId("node3"))->address(),
            address)
      << "by which its servers are found, should it have joined unheard";
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
}

TEST(JoinTest, AWithdrawnJoinIsTakenBackAtOnce) {
  Cluster cluster({"node1", "node2"});
  cluster.raft.Apply(CreateTokenCommand("node3"));
  cluster.raft.Apply(AdmitCommand("node3"));
  cluster.Settle();
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), NotNull());
  statepb::Command withdraw = CommandAt(kTestTime);
  withdraw.mutable_withdraw_member()->set_member_id(TestId("node3"));
  withdraw.mutable_withdraw_member()->set_reason("its disk is full");
  cluster.raft.Apply(withdraw);
  cluster.Settle();
  EXPECT_THAT(FindMember(cluster.raft.state(), "node3"), IsNull());
  EXPECT_EQ(cluster.raft.state().tokens.Find(TestId("token-node3"))->state(),
            statepb::JoinToken::STATE_ACTIVE);
}

TEST(BoundedDetailTest, CutsBetweenCharacters) {
  const std::string euro = "\xE2\x82\xAC";
  for (const size_t length : {510, 511, 512, 513}) {
    std::string text(length, 'x');
    for (int i = 0; i < 10; ++i) text += euro;
    const std::string cut = BoundedDetail(text);
    EXPECT_LE(cut.size(), 512u);
    EXPECT_EQ(cut, Shown(text, 512));
    EXPECT_EQ(Shown(cut), cut) << length;
  }
}

TEST(RunnerTest, AFollowerDoesNotEvenTry) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.Apply(RemovalCommand("node3", "op"));
  cluster.raft.LoseLeadAfter(0);
  cluster.runner.RunOnce();
  ASSERT_FALSE(cluster.raft.leading());
  const int tried = cluster.raft.tried();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(cluster.runner.RunOnce());
  EXPECT_EQ(cluster.raft.tried(), tried);
}

TEST(RunnerTest, ItsThreadFollowsTheState) {
  Cluster cluster({"node1", "node2"});
  cluster.raft.Apply(
      ServiceCommand("node2", statepb::SERVICE_SWITCH, false, "op"));
  cluster.Converge("node2");
  cluster.runner.Start();
  StateSnapshot state = cluster.store.Current();
  while (!state->operations.Find(TestId("op"))->done()) {
    auto next = cluster.store.WaitForChange(state, absl::Minutes(1));
    ASSERT_THAT(next, IsOk());
    state = *next;
  }
  cluster.runner.Stop();
}

// The members have done what the CAs' records say, and seen it.
void FollowCas(Cluster& cluster) {
  const auto generation = [&cluster](statepb::Plane plane) {
    return cluster.raft.state()
        .authorities.Find(AuthorityKey(plane))
        ->generation();
  };
  for (const statepb::Member* member : MembersInOrder(cluster.raft.state())) {
    const std::string name = member->name();
    Command command = ReportCommand(cluster.raft.state(), name, true);
    statepb::MemberReport* report =
        command.mutable_report_member()->mutable_report();
    report->set_ovn_published_generation(generation(statepb::PLANE_OVN));
    report->set_ovn_observed_generation(generation(statepb::PLANE_OVN));
    report->set_cluster_published_generation(
        generation(statepb::PLANE_CLUSTER));
    report->set_cluster_observed_generation(generation(statepb::PLANE_CLUSTER));
    cluster.raft.Apply(command);
  }
}

const Operation* RotationOfOvn(Cluster& cluster) {
  for (const auto& [id, operation] :
       cluster.raft.state().operations.records()) {
    if (operation->kind() == Operation::KIND_ROTATE_OVN_CA) {
      return operation.get();
    }
  }
  return nullptr;
}

TEST(OperationRunnerTest, ARemovalByForceIsFollowedByNewCas) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  Command removal = RemovalCommand("node3", "removal");
  removal.mutable_start_operation()->mutable_operation()->set_force(true);
  cluster.raft.Apply(removal);
  cluster.Settle();
  for (int i = 0; i < 20; ++i) {
    cluster.Wait(absl::Seconds(30));
    cluster.Converge("node1");
    cluster.Converge("node2");
    cluster.Clear("node1");
    cluster.Settle();
  }
  ASSERT_THAT(RotationOfOvn(cluster), NotNull());
  EXPECT_EQ(RotationOfOvn(cluster)->because_of(), "node3");
  EXPECT_FALSE(RotationOfOvn(cluster)->done());
  // A leader that knows nothing goes on with it, in each phase.
  for (int i = 0; i < 5; ++i) {
    FollowCas(cluster);
    cluster.SettleAsNewLeader(i % 2 == 0 ? "node2" : "node1");
  }
  EXPECT_TRUE(RotationOfOvn(cluster)->done());
  EXPECT_EQ(RotationOfOvn(cluster)->error_code(), 0);
  const auto* ca = cluster.raft.state().authorities.Find("ovn");
  EXPECT_EQ(ca->bundle_pem(), ca->certificate_pem());
  EXPECT_EQ(ca->rotation_due(), "");
}

// The old CA signs the new one before it goes: without that a member that is
// set aside could not come back, and nobody is.
TEST(OperationRunnerTest, WhoIsSetAsideIsSignedForFirst) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetSilent("node3", true);
  cluster.Settle();
  const auto successor = cluster.sealer.MakeSuccessor(cluster.raft.state(),
                                                      statepb::PLANE_CLUSTER);
  ASSERT_OK(successor);
  Command start = CommandAt(kTestTime);
  *start.mutable_start_operation()->mutable_operation() =
      RotationOf(TestId("rotation"), *successor, /*force=*/true);
  cluster.raft.Apply(start);
  cluster.sealer.failure = absl::UnavailableError("its key is out of reach");
  const auto ca = [&cluster] {
    return *cluster.raft.state().authorities.Find("cluster");
  };
  const auto others_follow = [&cluster, &ca] {
    for (const char* name : {"node1", "node2"}) {
      Command command = ReportCommand(cluster.raft.state(), name, true);
      statepb::MemberReport* report =
          command.mutable_report_member()->mutable_report();
      report->set_cluster_published_generation(ca().generation());
      report->set_cluster_observed_generation(ca().generation());
      cluster.raft.Apply(command);
    }
    cluster.Settle();
  };
  others_follow();
  EXPECT_EQ(ca().phase(), statepb::Authority::PHASE_DISTRIBUTE);
  cluster.sealer.failure = absl::OkStatus();
  cluster.Settle();
  EXPECT_EQ(ca().phase(), statepb::Authority::PHASE_REISSUE);
  EXPECT_EQ(ca().cross_certificate_pem(), TestCertificatePem("cross"));
  others_follow();
  EXPECT_TRUE(ca().has_retired());
  others_follow();
  EXPECT_TRUE(cluster.Running("rotation").done());
}

TEST(OperationRunnerTest, ACaThatNearsItsEndIsRotatedByItself) {
  Cluster cluster({"node1", "node2"});
  const pki::TestPki made(cluster.clock.Now());
  statepb::Authority ca = *cluster.raft.state().authorities.Find("ovn");
  ca.set_certificate_pem(made.ovn_ca().certificate().ToPem());
  ca.set_bundle_pem(ca.certificate_pem());
  cluster.raft.Put(ca);
  cluster.Settle();
  EXPECT_THAT(RotationOfOvn(cluster), IsNull());
  cluster.clock.Jump(made.ovn_ca().certificate().not_after() -
                     absl::Hours(24 * 99) - cluster.clock.Now());
  cluster.Settle();
  ASSERT_THAT(RotationOfOvn(cluster), NotNull());
  EXPECT_TRUE(RotationOfOvn(cluster)->at_its_end());
  EXPECT_EQ(RotationOfOvn(cluster)->because_of(), "");
  EXPECT_EQ(cluster.sealer.made, 1) << "the cluster CA lasts";
  for (int i = 0; i < 5; ++i) {
    FollowCas(cluster);
    cluster.SettleAsNewLeader(i % 2 == 0 ? "node2" : "node1");
  }
  EXPECT_TRUE(RotationOfOvn(cluster)->done());
  EXPECT_EQ(cluster.sealer.made, 1) << "once";
}

TEST(OperationRunnerTest, ACaThatCannotBeMadeIsTriedAgain) {
  Cluster cluster({"node1", "node2"});
  statepb::Authority ca = *cluster.raft.state().authorities.Find("ovn");
  ca.set_rotation_due("node3");
  cluster.raft.Put(ca);
  cluster.sealer.failure = absl::UnavailableError("no entropy");
  cluster.Settle();
  EXPECT_THAT(RotationOfOvn(cluster), IsNull());
  cluster.sealer.failure = absl::OkStatus();
  cluster.Settle();
  EXPECT_THAT(RotationOfOvn(cluster), NotNull());
}

TEST(OperationRunnerTest, AUsersCaIsNotReplaced) {
  Cluster cluster({"node1", "node2"});
  statepb::Authority ca = *cluster.raft.state().authorities.Find("ovn");
  ca.set_rotation_due("node3");
  ca.set_user_supplied(true);
  cluster.raft.Put(ca);
  cluster.Settle();
  EXPECT_THAT(RotationOfOvn(cluster), IsNull());
  EXPECT_EQ(cluster.sealer.made, 0);
}

}  // namespace
}  // namespace microovn::agent
