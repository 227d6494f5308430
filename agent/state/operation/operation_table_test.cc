// SPDX-License-Identifier: Apache-2.0
#include "agent/state/operation/operation_table.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/state/operation/apply_operations.h"
#include "agent/state/operation/steps.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "microovn/v1/service.pb.h"

namespace microovn::agent {
namespace {

using statepb::Operation;
using statepb::OperationStep;
using testing::ElementsAre;

// A kind that concerns the whole cluster and no member.
constexpr auto kCountKind = static_cast<Operation::Kind>(99);
constexpr StepWords kCountWords[] = {{"count", "count the stars"}};

Arguments NoArguments(const Operation&) { return {}; }
std::string NoTarget(const Operation&) { return "clusters/-"; }
absl::StatusOr<Operation> AsAsked(const ClusterState&, const Operation& asked) {
  return asked;
}
absl::StatusOr<ChangePlan> OneStep(const ClusterState&, const Operation&) {
  ChangePlan plan;
  plan.steps.push_back(PendingStep("count", {}, {}));
  return plan;
}
void WantStars(ApplyContext& context, const Operation&) {
  context.RecordDesired("STARS_WANTED", "clusters/-", {});
}
StepOutcome CountThem(const OperationView& view, const OperationStep&) {
  return Elapsed(view) >= 10 ? Finished() : Waiting("there are many");
}
absl::Status Never(const OperationView&, const OperationStep*) {
  return absl::OkStatus();
}
absl::Status Uncount(ApplyContext&, const Operation&) {
  return absl::OkStatus();
}
void NoAnswer(const ClusterState&, const Operation&, google::protobuf::Any*) {}

constexpr OperationKind kCount = {
    kCountKind,  "count-stars", "counting", kCountWords, true,
    NoArguments, NoTarget,      AsAsked,    OneStep,     WantStars,
    Uncount,     CountThem,     Never,      NoAnswer};

TEST(OperationTableTest, HasARowForEachKindOnce) {
  std::set<int> kinds;
  std::set<std::string> names;
  for (const OperationKind* row : Operations().rows()) {
    EXPECT_TRUE(kinds.insert(row->kind).second) << row->name;
    EXPECT_TRUE(names.insert(std::string(row->name)).second);
    Operation operation;
    operation.set_kind(row->kind);
    EXPECT_EQ(Operations().Find(operation), row);
    EXPECT_EQ(Operations().FindByName(row->name), row);
    EXPECT_FALSE(row->phrase.empty());
    EXPECT_FALSE(row->words.empty());
  }
  const auto* known = Operation::Kind_descriptor();
  EXPECT_EQ(static_cast<int>(kinds.size()) + 1, known->value_count())
      << "every number but the unspecified one has a row";
}

TEST(OperationTableTest, KnowsNoKindOfALaterVersion) {
  Operation operation;
  EXPECT_EQ(Operations().Find(operation), nullptr);
  operation.set_kind(kCountKind);
  EXPECT_EQ(Operations().Find(operation), nullptr);
  EXPECT_EQ(Operations().FindByName("count-stars"), nullptr);
}

TEST(OperationTableTest, AnOperationNeedsNoMember) {
  const OperationTable table({&kCount});
  ClusterState state = TestCluster({"node1"});
  const uint64_t before = state.desired_revision();
  ApplyContext context(&state, kTestTime, 100);
  statepb::StartOperation body;
  body.mutable_operation()->set_operation_id(TestId("first"));
  body.mutable_operation()->set_kind(kCountKind);
  const Applied started = ApplyStart(context, body, table);
  ASSERT_OK(started.status());
  const Operation operation = started->operation();
  EXPECT_EQ(operation.member_id(), "");
  EXPECT_EQ(operation.steps_size(), 1);
  EXPECT_GT(operation.revision(), before);

  // Asked for again, the one that runs goes on.
  body.mutable_operation()->set_operation_id(TestId("second"));
  const Applied again = ApplyStart(context, body, table);
  ASSERT_OK(again.status());
  EXPECT_EQ(again->operation().operation_id(), TestId("first"));

  OperationFacts facts;
  facts.clock_seconds = 109;
  const OperationView view{state, operation, facts};
  EXPECT_EQ(kCount.evaluate(view, operation.steps(0)).detail, "there are many");
  facts.clock_seconds = 110;
  EXPECT_EQ(kCount.evaluate(view, operation.steps(0)).state,
            OperationStep::STATE_DONE);
}

TEST(OperationTableTest, ThisBuildRefusesAKindThatItDoesNotKnow) {
  ClusterState state = TestCluster({"node1"});
  ApplyContext context(&state, kTestTime, 100);
  statepb::StartOperation body;
  body.mutable_operation()->set_operation_id(TestId("first"));
  body.mutable_operation()->set_kind(kCountKind);
  EXPECT_FALSE(ApplyStart(context, body, Operations()).ok());
}

TEST(OperationTableTest, RowsDescribeThemselves) {
  Operation operation;
  operation.set_member_name("node3");
  operation.set_service(statepb::SERVICE_CENTRAL);
  const struct {
    const char* name;
    const char* target;
    size_t arguments;
  } cases[] = {
      {"remove-member", "members/node3", 1},
      {"enable-service", "members/node3/services/central", 2},
      {"disable-service", "members/node3/services/central", 2},
  };
  for (const auto& c : cases) {
    const OperationKind* row = Operations().FindByName(c.name);
    ASSERT_NE(row, nullptr) << c.name;
    EXPECT_EQ(row->target(operation), c.target);
    EXPECT_EQ(row->describe(operation).size(), c.arguments);
  }
}

TEST(OperationTableTest, AServiceChangeAnswersWithTheMembersServices) {
  const auto* known = statepb::Service_descriptor();
  for (int i = 0; i < known->value_count(); ++i) {
    const auto* same =
        v1::Service_descriptor()->FindValueByNumber(known->value(i)->number());
    ASSERT_NE(same, nullptr);
    EXPECT_EQ(same->name(), known->value(i)->name());
  }
  const ClusterState state = TestCluster({"node1", "node2"});
  Operation operation;
  operation.set_member_id(TestId("node2"));
  google::protobuf::Any answer;
  Operations().FindByName("enable-service")->result(state, operation, &answer);
  v1::ChangeServiceResult result;
  ASSERT_TRUE(answer.UnpackTo(&result));
  EXPECT_THAT(result.services(),
              ElementsAre(v1::SERVICE_CENTRAL, v1::SERVICE_CHASSIS,
                          v1::SERVICE_SWITCH));
  EXPECT_EQ(result.central_count(), 2);
  EXPECT_TRUE(result.even_central());
  EXPECT_TRUE(result.few_central());
}

}  // namespace
}  // namespace microovn::agent
