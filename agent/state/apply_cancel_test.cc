// SPDX-License-Identifier: Apache-2.0
// An operation that waits is ended, and what it wanted is undone; one that has
// come too far is not.
#include <string>

#include "absl/status/status.h"
#include "agent/state/apply.h"
#include "agent/state/plan/plan.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "agent/state/values/result.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using statepb::Member;
using statepb::Operation;
using statepb::OperationStep;
using testing::ElementsAre;

constexpr auto kCentral = statepb::SERVICE_CENTRAL;
constexpr auto kChassis = statepb::SERVICE_CHASSIS;
constexpr auto kSwitch = statepb::SERVICE_SWITCH;

Command CancelCommand(const std::string& word) {
  Command command = CommandAt(kTestTime);
  command.mutable_cancel_operation()->set_operation_id(TestId(word));
  return command;
}

class CancelTest : public testing::Test {
 protected:
  absl::Status Cancel(const std::string& word) {
    return StatusOfResult(Apply(state_, CancelCommand(word)));
  }

  const Operation& Known(const std::string& word) {
    return *state_.operations.Find(TestId(word));
  }

  // As the leader's runner records it.
  void Reach(const std::string& word, absl::string_view step,
             OperationStep::State how) {
    Command command = CommandAt(kTestTime);
    statepb::UpdateOperation* update = command.mutable_update_operation();
    update->set_operation_id(TestId(word));
    update->set_expected_updates(Known(word).updates());
    *update->mutable_steps() = Known(word).steps();
    for (OperationStep& known : *update->mutable_steps()) {
      if (known.id() == step) known.set_state(how);
    }
    MustApply(state_, command);
  }

  ClusterState state_ = TestCluster({"node1", "node2", "node3", "node4"});
};

TEST_F(CancelTest, WhatIsNotThereOrHasEndedIsSaid) {
  EXPECT_THAT(Cancel("nonsense"), HasReason("OPERATION_NOT_FOUND"));
  MustApply(state_, ServiceCommand("node4", kCentral, true, "on"));
  EXPECT_OK(Cancel("on"));
  EXPECT_THAT(Cancel("on"), HasReason("OPERATION_ENDED"));
}

TEST_F(CancelTest, AnEnablingIsUndone) {
  const uint64_t before = state_.desired_revision();
  MustApply(state_, ServiceCommand("node4", kCentral, true, "on"));
  ASSERT_OK(Cancel("on"));
  EXPECT_THAT(FindMember(state_, "node4")->services(),
              ElementsAre(kChassis, kSwitch));
  EXPECT_GT(state_.desired_revision(), before + 1) << "the member hears of it";
  const Operation& ended = Known("on");
  EXPECT_TRUE(ended.done());
  EXPECT_EQ(ended.error_code(), static_cast<int>(absl::StatusCode::kCancelled));
  EXPECT_EQ(ended.error_reason(), "OPERATION_CANCELLED");
  EXPECT_EQ(ended.steps(0).state(), OperationStep::STATE_SKIPPED);
}

TEST_F(CancelTest, ADisablingIsUndone) {
  MustApply(state_, ServiceCommand("node4", kChassis, false, "off"));
  ASSERT_OK(Cancel("off"));
  EXPECT_THAT(FindMember(state_, "node4")->services(),
              ElementsAre(kChassis, kSwitch));
  MustApply(state_, ServiceCommand("node3", kCentral, false, "off2"));
  ASSERT_OK(Cancel("off2"));
  EXPECT_THAT(FindMember(state_, "node3")->services(),
              ElementsAre(kCentral, kChassis, kSwitch));
}

TEST_F(CancelTest, ARemovalIsUndoneUntilTheMemberLeavesTheLog) {
  MustApply(state_, RemovalCommand("node3", "gone"));
  ASSERT_EQ(FindMember(state_, "node3")->state(), Member::STATE_LEAVING);
  Reach("gone", kStepStopServices, OperationStep::STATE_DONE);
  ASSERT_OK(Cancel("gone"));
  EXPECT_EQ(FindMember(state_, "node3")->state(), Member::STATE_ACTIVE);
  EXPECT_THAT(FindMember(state_, "node3")->services(),
              ElementsAre(kCentral, kChassis, kSwitch));
  EXPECT_EQ(Known("gone").steps(0).state(), OperationStep::STATE_DONE);
  MustApply(state_, RemovalCommand("node3", "again"));
  Reach("again", kStepLeaveLog, OperationStep::STATE_RUNNING);
  EXPECT_THAT(Cancel("again"), HasReason("OPERATION_NOT_CANCELLABLE"));
  EXPECT_EQ(FindMember(state_, "node3")->state(), Member::STATE_LEAVING);
  EXPECT_FALSE(Known("again").done());
}

TEST_F(CancelTest, WhoWasPutOutOfADatabaseIsNotTakenBack) {
  MustApply(state_, RemovalCommand("node3", "gone"));
  Command put_out = CommandAt(kTestTime);
  put_out.mutable_put_out_member()->set_member_id(TestId("node3"));
  MustApply(state_, put_out);
  EXPECT_THAT(Cancel("gone"), HasReason("OPERATION_NOT_CANCELLABLE"));
}

TEST_F(CancelTest, AnEnablingOfAMemberThatLeavesIsNot) {
  MustApply(state_, ServiceCommand("node4", kCentral, true, "on"));
  MustApply(state_, RemovalCommand("node4", "gone"));
  EXPECT_THAT(Cancel("on"), HasReason("OPERATION_NOT_CANCELLABLE"));
  EXPECT_OK(Cancel("gone"));
  EXPECT_THAT(FindMember(state_, "node4")->services(),
              ElementsAre(kCentral, kChassis, kSwitch));
}

}  // namespace
}  // namespace microovn::agent
