// SPDX-License-Identifier: Apache-2.0
// One of OVN's databases is made anew from one member's copy.
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/state/apply.h"
#include "agent/state/operation/operation_table.h"
#include "agent/state/operation/recover_database.h"
#include "agent/state/plan/plan.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/features.h"
#include "agent/state/values/result.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Database;
using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RecoverDatabaseTest : public testing::Test {
 protected:
  static Command Recovery(const std::string& member, const std::string& word,
                          const std::string& database = "nb") {
    Command command = CommandAt(kTestTime);
    *command.mutable_start_operation()->mutable_operation() =
        RecoveryOf(TestId(word), TestMember(member), database);
    return command;
  }
  // What a member says of its server of the northbound database alone.
  Command Report(const std::string& member, const std::string& cluster) {
    Command command = ReportCommand(state_, member, false);
    command.mutable_report_member()->mutable_report()->add_joined_databases(
        "nb");
    command.mutable_report_member()->set_nb_cluster_id(cluster);
    return command;
  }
  const Database& Known(const std::string& name = "nb") {
    return *state_.databases.Find(name);
  }
  const Operation& OperationOf(const std::string& word) {
    return *state_.operations.Find(TestId(word));
  }
  std::string ReasonFor(const Command& command) {
    return ReasonOf(StatusOfResult(Apply(state_, command)));
  }
  OperationFacts FactsAfter(int64_t seconds) {
    OperationFacts facts;
    facts.clock_seconds = seconds;
    return facts;
  }
  StepOutcome Evaluate(const std::string& word, int step,
                       const OperationFacts& facts) {
    const Operation operation = OperationOf(word);
    return RecoverDatabaseKind().evaluate({state_, operation, facts},
                                          operation.steps(step));
  }
  absl::Status Failure(const std::string& word, const OperationFacts& facts,
                       bool waiting) {
    const Operation operation = OperationOf(word);
    OperationStep step = operation.steps(0);
    step.set_detail("node2 does not answer");
    return RecoverDatabaseKind().failure({state_, operation, facts},
                                         waiting ? &step : nullptr);
  }

  ClusterState state_ = TestCluster({"node1", "node2", "node3", "node4"});
};

TEST_F(RecoverDatabaseTest, TheStateSaysWhoseCopyItIsAndWhatIsGivenUp) {
  const uint64_t before = state_.desired_revision();
  MustApply(state_, Recovery("node2", "recovery"));
  EXPECT_TRUE(Recovers(Known()));
  EXPECT_TRUE(Creates(Known(), TestId("node2")));
  EXPECT_EQ(Known().replaced_cluster_id(), "nb-uuid");
  EXPECT_EQ(Known().ovsdb_cluster_id(), "");
  EXPECT_THAT(Known().joined_ids(), IsEmpty());
  EXPECT_GT(state_.desired_revision(), before);
  EXPECT_EQ(OperationOf("recovery").database(), "nb");
  EXPECT_EQ(OperationOf("recovery").steps_size(), 2);
  EXPECT_THAT(OperationOf("recovery").steps(1).member_ids(),
              ElementsAre(TestId("node1"), TestId("node3")));
  EXPECT_FALSE(Recovers(Known("sb"))) << "the other one is as it was";
  EXPECT_EQ(RecoverDatabaseKind().target(OperationOf("recovery")),
            "databases/nb");
}

TEST_F(RecoverDatabaseTest, WhatIsSaidOfTheOldServersDoesNotCount) {
  MustApply(state_, Recovery("node2", "recovery"));
  MustApply(state_, Report("node2", "nb-uuid"));
  MustApply(state_, Report("node3", "nb-uuid"));
  EXPECT_TRUE(Recovers(Known()));
  EXPECT_THAT(Known().joined_ids(), IsEmpty());

  MustApply(state_, Report("node2", "nb-new"));
  EXPECT_FALSE(Recovers(Known()));
  EXPECT_EQ(Known().ovsdb_cluster_id(), "nb-new");
  EXPECT_THAT(Known().joined_ids(), ElementsAre(TestId("node2")));
  MustApply(state_, Report("node3", "nb-uuid"));
  EXPECT_THAT(Known().joined_ids(), ElementsAre(TestId("node2")));
  MustApply(state_, Report("node3", "nb-new"));
  EXPECT_THAT(Known().joined_ids(),
              ElementsAre(TestId("node2"), TestId("node3")));
}

TEST_F(RecoverDatabaseTest, AnotherCopyCanBeChosenUntilItIsMade) {
  MustApply(state_, Recovery("node2", "first"));
  MustApply(state_, Recovery("node3", "second"));
  EXPECT_TRUE(Creates(Known(), TestId("node3")));
  EXPECT_EQ(Known().replaced_cluster_id(), "nb-uuid") << "the same is given up";
  EXPECT_THAT(Failure("first", FactsAfter(1), false),
              HasReason("DATABASE_RECOVERY_SUPERSEDED"));
  EXPECT_THAT(Failure("second", FactsAfter(1), false), IsOk());
}

TEST_F(RecoverDatabaseTest, ALaterOneGivesUpWhatTheFirstHasMade) {
  MustApply(state_, Recovery("node2", "first"));
  MustApply(state_, Report("node2", "nb-new"));
  MustApply(state_, Recovery("node3", "second"));
  EXPECT_EQ(Known().replaced_cluster_id(), "nb-new");
}

TEST_F(RecoverDatabaseTest, WaitsForTheDatabaseAndThenForTheServers) {
  MustApply(state_, Recovery("node2", "recovery"));
  OperationFacts facts = FactsAfter(1);
  facts.silent_ids = {TestId("node1")};
  EXPECT_THAT(Evaluate("recovery", 0, facts).detail, HasSubstr("node2"));
  EXPECT_THAT(Failure("recovery", facts, true), IsOk());
  EXPECT_THAT(Failure("recovery", FactsAfter(kRecoverSeconds), true),
              HasReason("DATABASE_NOT_RECOVERED"));
  MustApply(state_, Report("node2", "nb-new"));
  EXPECT_EQ(Evaluate("recovery", 0, facts).state, OperationStep::STATE_DONE);
  EXPECT_EQ(Evaluate("recovery", 1, facts).detail, "waiting for node3");
  EXPECT_EQ(Evaluate("recovery", 1, FactsAfter(kRecoverSeconds)).state,
            OperationStep::STATE_SKIPPED);
  MustApply(state_, Report("node3", "nb-new"));
  EXPECT_EQ(Evaluate("recovery", 1, facts).detail, "not there yet: node1");
  MustApply(state_, Report("node1", "nb-new"));
  EXPECT_EQ(Evaluate("recovery", 1, facts).state, OperationStep::STATE_DONE);

  google::protobuf::Any answer;
  RecoverDatabaseKind().result(state_, OperationOf("recovery"), &answer);
  v1::RecoverDatabaseResult result;
  ASSERT_TRUE(answer.UnpackTo(&result));
  EXPECT_EQ(result.member(), "node2");
  EXPECT_THAT(result.joined(), ElementsAre("node1", "node2", "node3"));
}

TEST_F(RecoverDatabaseTest, WhatCannotBeIsRefused) {
  EXPECT_EQ(ReasonFor(Recovery("node2", "a", "xb")), "COMMAND_MALFORMED");
  EXPECT_EQ(ReasonFor(Recovery("node4", "a")), "COMMAND_MALFORMED")
      << "it has no central";
  EXPECT_EQ(ReasonFor(Recovery("node9", "a")), "MEMBER_NOT_FOUND");
  ClusterState old = state_;
  state_.features.Erase(kFeatureDatabaseRecovery);
  EXPECT_EQ(ReasonFor(Recovery("node2", "a")), "COMMAND_MALFORMED")
      << "as it is to members that do not know it";
  state_ = old;
  Database fresh = Known();
  fresh.set_created(false);
  state_.databases.Put("nb", fresh);
  EXPECT_EQ(ReasonFor(Recovery("node2", "a")), "COMMAND_MALFORMED")
      << "nobody has a copy of what was never made";
}

TEST_F(RecoverDatabaseTest, IsNotCancelled) {
  MustApply(state_, Recovery("node2", "recovery"));
  Command cancel = CommandAt(kTestTime);
  cancel.mutable_cancel_operation()->set_operation_id(TestId("recovery"));
  EXPECT_EQ(ReasonFor(cancel), "OPERATION_NOT_CANCELLABLE");
  EXPECT_TRUE(Recovers(Known()));
}

TEST_F(RecoverDatabaseTest, WhoseCopyItIsKeepsItsCentral) {
  MustApply(state_, Recovery("node2", "recovery"));
  const Command disable =
      ServiceCommand("node2", statepb::SERVICE_CENTRAL, false, "disable");
  EXPECT_EQ(ReasonFor(disable), "CENTRAL_NOT_JOINED");
  MustApply(state_,
            ServiceCommand("node3", statepb::SERVICE_CENTRAL, false, "other"));
  EXPECT_TRUE(Recovers(Known())) << "no empty one takes its place";
}

}  // namespace
}  // namespace microovn::agent
