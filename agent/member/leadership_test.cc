// SPDX-License-Identifier: Apache-2.0
// What a leader does that nobody has asked for, on a real log of one member.
#include "agent/member/leadership.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>

#include "agent/health/facts.h"
#include "agent/member/testing/one_member_log.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(30);

class LeadershipTest : public testing::Test {
 protected:
  LeadershipTest() {
    leadership_ = std::make_unique<Leadership>(Leadership::Parts{
        &member_.log(), &member_.store(), &member_.issuer(), &Clock::Real(),
        &RandomSource::Real(), [] { return ClusterFacts(); }});
  }
  ~LeadershipTest() override { leadership_->Stop(); }

  // Waits for states until `holds`.
  bool Becomes(const std::function<bool(const ClusterState&)>& holds) {
    StateSnapshot state = member_.store().Current();
    while (!holds(*state)) {
      const auto next = member_.store().WaitForChange(state, kPatience);
      if (!next.ok()) return false;
      state = *next;
    }
    return true;
  }
  // An active member that nobody has ever heard.
  std::string Add(const std::string& name) {
    std::string id = member_.Admit(name);
    EXPECT_OK(member_.Propose(ConfirmCommand(name)));
    return id;
  }

  // What members say that have done everything the state wants.
  void ReportAll() {
    for (const statepb::Command& report :
         ConvergenceReports(*member_.store().Current())) {
      // Refused of one that is gone by now.
      (void)member_.Propose(report);
    }
  }

  OneMemberLog member_;
  std::unique_ptr<Leadership> leadership_;
};

TEST_F(LeadershipTest, AWithdrawnJoinIsTakenBackAndItsTokenGoodAgain) {
  const std::string id = member_.Admit("node2");
  statepb::Command withdraw;
  withdraw.mutable_withdraw_member()->set_member_id(id);
  withdraw.mutable_withdraw_member()->set_reason("it gave up");
  ASSERT_OK(member_.Propose(withdraw));
  EXPECT_TRUE(Becomes([&](const ClusterState& state) {
    return state.members.Find(id) == nullptr;
  }));
  const auto state = member_.store().Current();
  EXPECT_EQ(state->tokens.Find(TestId("token-node2"))->state(),
            statepb::JoinToken::STATE_ACTIVE);
}

TEST_F(LeadershipTest, AJoinThatGoesOnIsLeftAlone) {
  const std::string id = member_.Admit("node2");
  // Long enough for a look at it: another change comes and is worked on.
  member_.Admit("node3");
  statepb::Command withdraw;
  withdraw.mutable_withdraw_member()->set_member_id(TestId("node3"));
  withdraw.mutable_withdraw_member()->set_reason("it gave up");
  ASSERT_OK(member_.Propose(withdraw));
  ASSERT_TRUE(Becomes([](const ClusterState& state) {
    return state.members.Find(TestId("node3")) == nullptr;
  }));
  EXPECT_NE(member_.store().Current()->members.Find(id), nullptr);
}

TEST_F(LeadershipTest, AMemberThatIsHeardOfIsInTheLog) {
  const std::string id = Add("node2");
  const auto in_the_log = [&] {
    const auto learners =
        LogControl(&member_.log(), &member_.store()).View().learners;
    return std::find(learners.begin(), learners.end(), id) != learners.end();
  };
  const absl::Duration end = Clock::Real().Monotonic() + kPatience;
  while (!in_the_log() && Clock::Real().Monotonic() < end) {
    (void)member_.store().WaitForChange(member_.store().Current(),
                                        absl::Milliseconds(20));
  }
  EXPECT_TRUE(in_the_log());
  // Nobody has heard of it: it does not vote, or the log would stand still.
  EXPECT_THAT(LogControl(&member_.log(), &member_.store()).View().voters,
              ElementsAre(member_.id()));
  EXPECT_OK(member_.Propose(SetConfigCommand("cluster.voters", "5")));
}

TEST_F(LeadershipTest, ARemovalEndsWithATombstone) {
  const std::string id = Add("node2");
  ASSERT_OK(member_.Propose(RemovalCommand("node2", "op")));
  EXPECT_TRUE(Becomes([&](const ClusterState& state) {
    ReportAll();
    return state.tombstones.Find(id) != nullptr;
  }));
  EXPECT_TRUE(Becomes([](const ClusterState& state) {
    const auto* operation = state.operations.Find(TestId("op"));
    return operation != nullptr && operation->done();
  }));
  const auto state = member_.store().Current();
  const auto* operation = state->operations.Find(TestId("op"));
  EXPECT_EQ(operation->error_code(), 0) << operation->error_message();
  EXPECT_EQ(state->members.Find(id), nullptr);
  const RaftView view = LogControl(&member_.log(), &member_.store()).View();
  EXPECT_THAT(view.learners, Not(Contains(id)));
  EXPECT_THAT(view.voters, ElementsAre(member_.id()));
}

TEST_F(LeadershipTest, WhoHasStoppedDoesNothingMore) {
  const std::string id = member_.Admit("node2");
  leadership_->Stop();
  leadership_->Stop();
  statepb::Command withdraw;
  withdraw.mutable_withdraw_member()->set_member_id(id);
  withdraw.mutable_withdraw_member()->set_reason("it gave up");
  ASSERT_OK(member_.Propose(withdraw));
  EXPECT_NE(member_.store().Current()->members.Find(id), nullptr);
}

}  // namespace
}  // namespace microovn::agent
