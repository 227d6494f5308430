// SPDX-License-Identifier: Apache-2.0
#include "agent/offline/recovery_plan.h"

#include <string>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using internal::node::v1::Recovery;
using testing::HasSubstr;
using testing::Not;

StoppedNodeFacts Sound() {
  StoppedNodeFacts facts;
  facts.name = "node1";
  facts.member_id = std::string(32, '1');
  facts.address = "10.0.0.1:6443";
  facts.cluster_id = std::string(32, 'c');
  facts.term = raft::Term(7);
  facts.end = {raft::LogIndex(120), raft::Term(6)};
  facts.applied = raft::LogIndex(118);
  facts.voters = {"node1", "node2", "node3"};
  facts.votes = true;
  return facts;
}

StoppedNodeFacts Quarantined() {
  StoppedNodeFacts facts = Sound();
  facts.quarantine =
      raft::Quarantine{raft::Term(7), {raft::LogIndex(130), raft::Term(6)}};
  facts.loss = {raft::LogIndex(121), raft::LogIndex(130)};
  return facts;
}

RecoveryRequest Request() {
  RecoveryRequest request;
  request.end_quarantine = true;
  request.member = "node1";
  request.accept_loss = "the disk was swapped";
  request.recovery_id = "id";
  request.time_seconds = 5;
  request.by = "ann";
  return request;
}

TEST(RecoveryPlanTest, ASoundNodeHasNothingToDo) {
  const std::string text = DescribeNode(Sound());
  EXPECT_THAT(text, HasSubstr("node1 at 10.0.0.1:6443"));
  EXPECT_THAT(text, HasSubstr("ends at index 120 of term 6"));
  EXPECT_THAT(text, HasSubstr("nothing to recover"));
  EXPECT_THAT(text, Not(HasSubstr("--end-quarantine")));
  EXPECT_THAT(PlanRecovery(Sound(), Request()), HasReason("NOT_IN_QUARANTINE"));
}

TEST(RecoveryPlanTest, SaysWhatMayBeLostAndTheCommand) {
  StoppedNodeFacts facts = Quarantined();
  EXPECT_THAT(DescribeNode(facts),
              HasSubstr("--recover --end-quarantine --member=node1"));
  EXPECT_THAT(DescribeNode(facts), HasSubstr("entries 121 to 130 may be lost"));
  EXPECT_THAT(DescribeNode(facts), HasSubstr("start its agent and\nwait"));
  facts.voters = {"node1"};
  EXPECT_THAT(DescribeNode(facts), HasSubstr("No other member votes"));
  facts.loss = {raft::LogIndex(121), raft::LogIndex(120)};
  EXPECT_THAT(DescribeNode(facts), HasSubstr("at most a vote"));
}

TEST(RecoveryPlanTest, RecordsWhoWhenAndWhat) {
  const auto plan = PlanRecovery(Quarantined(), Request());
  ASSERT_OK(plan);
  EXPECT_EQ(plan->recovery_id(), "id");
  EXPECT_EQ(plan->action(), Recovery::ACTION_END_QUARANTINE);
  EXPECT_EQ(plan->by(), "ann");
  EXPECT_EQ(plan->time_seconds(), 5);
  EXPECT_EQ(plan->statement(), "the disk was swapped");
  EXPECT_EQ(plan->first_index(), 121u);
  EXPECT_EQ(plan->last_index(), 130u);
  EXPECT_EQ(plan->lost_last_index(), 130u);
}

TEST(RecoveryPlanTest, OnlyForTheMemberThatIsNamed) {
  RecoveryRequest request = Request();
  for (const char* name : {"", "node2", "NODE1"}) {
    request.member = name;
    EXPECT_THAT(PlanRecovery(Quarantined(), request),
                HasReason("RECOVERY_NOT_CONFIRMED"));
  }
}

RecoveryRequest Alone() {
  RecoveryRequest request = Request();
  request.end_quarantine = false;
  request.become_only_voter = true;
  return request;
}

TEST(RecoveryPlanTest, ASoundVoterCanGoOnWithoutTheOthers) {
  EXPECT_THAT(DescribeNode(Sound()),
              HasSubstr("--recover --become-only-voter --member=node1"));
  const auto plan = PlanRecovery(Sound(), Alone());
  ASSERT_OK(plan);
  EXPECT_EQ(plan->action(), Recovery::ACTION_BECOME_ONLY_VOTER);
  EXPECT_EQ(plan->first_index(), 121u);
  EXPECT_EQ(plan->last_index(), 120u);
  EXPECT_EQ(plan->statement(), "the disk was swapped");
  EXPECT_EQ(ActionName(plan->action()), "become-only-voter");

  RecoveryRequest silent = Alone();
  silent.accept_loss = "";
  const auto refused = PlanRecovery(Sound(), silent);
  EXPECT_THAT(refused, HasReason("LOSS_NOT_ACCEPTED"));
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("after entry 120"));
  silent.member = "node2";
  EXPECT_THAT(PlanRecovery(Sound(), silent),
              HasReason("RECOVERY_NOT_CONFIRMED"));
}

TEST(RecoveryPlanTest, WhoCannotGoOnAloneIsRefused) {
  EXPECT_THAT(PlanRecovery(Quarantined(), Alone()),
              HasReason("LOG_QUARANTINED"));
  StoppedNodeFacts facts = Sound();
  facts.voters = {"node1"};
  EXPECT_THAT(PlanRecovery(facts, Alone()), HasReason("ONLY_VOTER_ALREADY"));
  EXPECT_THAT(DescribeNode(facts), Not(HasSubstr("--become-only-voter")));
  facts = Sound();
  facts.votes = false;
  EXPECT_THAT(PlanRecovery(facts, Alone()), HasReason("MEMBER_NOT_VOTER"));
  EXPECT_THAT(DescribeNode(facts), Not(HasSubstr("--become-only-voter")));
}

TEST(RecoveryPlanTest, OnlyWithAStatementThatCanBeShown) {
  RecoveryRequest request = Request();
  for (const std::string& text :
       {std::string(), std::string("two\nlines"), std::string("\x1b[31m"),
        std::string("\xff"), std::string(513, 'a')}) {
    request.accept_loss = text;
    const auto plan = PlanRecovery(Quarantined(), request);
    EXPECT_THAT(plan, HasReason("LOSS_NOT_ACCEPTED"));
    EXPECT_THAT(std::string(plan.status().message()), HasSubstr("121 to 130"));
  }
}

}  // namespace
}  // namespace microovn::agent
