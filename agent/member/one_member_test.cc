// SPDX-License-Identifier: Apache-2.0
// The parts of a membership that stand on the log, on a log of one member.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "agent/member/fact_gatherer.h"
#include "agent/member/leadership.h"
#include "agent/member/membership_watch.h"
#include "agent/member/testing/one_member_log.h"
#include "agent/state/testing/commands.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using testing::ElementsAre;

constexpr absl::Duration kPatience = absl::Seconds(30);
// Longer than the watch takes from one look to the next.
constexpr absl::Duration kLooks = absl::Milliseconds(2500);

class OneMemberTest : public testing::Test {
 protected:
  const ClusterState& State() {
    state_ = member_.store().Current();
    return *state_;
  }

  OneMemberLog member_;
  StateSnapshot state_;
};

using ReplicatedLogTest = OneMemberTest;

TEST_F(ReplicatedLogTest, ARefusalIsAnError) {
  EXPECT_OK(member_.Propose(SetConfigCommand("cluster.voters", "3")));
  EXPECT_EQ(State().configs.Find("cluster.voters")->value(), "3");
  EXPECT_THAT(member_.Propose(SetConfigCommand("cluster.nothing", "3")),
              HasReason("CONFIG_KEY_UNKNOWN"));
  EXPECT_THAT(member_.Propose(RemovalCommand("node9", "op")),
              HasReason("MEMBER_NOT_FOUND"));
}

// The clock of who proposes cannot move the cluster's.
TEST_F(ReplicatedLogTest, WhoLeadsStamps) {
  statepb::Command command = SetConfigCommand("cluster.voters", "3");
  command.set_clock_seconds(int64_t{1} << 40);
  command.set_time_seconds(1);
  ASSERT_OK(member_.Propose(command));
  EXPECT_LT(State().cluster().clock_seconds(), 1000);
  EXPECT_GT(State().configs.Find("cluster.voters")->revision(), 0u);
  command.set_clock_seconds(-5);
  ASSERT_OK(member_.Propose(command));
  EXPECT_GE(State().cluster().clock_seconds(), 0);
}

TEST_F(ReplicatedLogTest, AfterABarrierEverythingIsHereAndAStoppedOneFails) {
  ASSERT_OK(member_.Propose(SetConfigCommand("cluster.voters", "5")));
  ASSERT_OK(member_.log().Barrier(kPatience));
  EXPECT_EQ(State().configs.Find("cluster.voters")->value(), "5");
  member_.log().Stop();
  EXPECT_FALSE(member_.log().Barrier(absl::Seconds(1)).ok());
  EXPECT_FALSE(member_.Propose(SetConfigCommand("cluster.voters", "3")).ok());
}

class FactGathererTest : public OneMemberTest {
 protected:
  FactGatherer Gatherer() {
    return FactGatherer({&member_.log(), &member_.store(), &member_.peers(),
                         &clock_, member_.id(), [this] {
                           clock_.Advance(answer_takes_);
                           peerpb::GetLocalStatusResponse status;
                           status.set_member_id(member_.id());
                           status.set_time_millis(
                               absl::ToUnixMillis(clock_.Now() - behind_));
                           return status;
                         }});
  }

  FakeClock clock_;
  absl::Duration answer_takes_;
  absl::Duration behind_;
};

TEST_F(FactGathererTest, WhatNoQuorumHasConfirmedIsStale) {
  FactGatherer gatherer = Gatherer();
  const ClusterFacts well = gatherer.Gather(true, false, kPatience);
  EXPECT_FALSE(well.stale);
  EXPECT_EQ(well.leader_id, member_.id());
  EXPECT_THAT(well.voters, ElementsAre(member_.id()));
  EXPECT_TRUE(well.answers.empty()) << "nobody was asked";
  member_.log().Stop();
  EXPECT_TRUE(gatherer.Gather(true, false, absl::Seconds(1)).stale);
}

TEST_F(FactGathererTest, EverybodyHasAnAnswerAndATimeWhenItWasSeen) {
  const std::string node2 = member_.Admit("node2");
  FactGatherer gatherer = Gatherer();
  const ClusterFacts facts = gatherer.Gather(true, true, kPatience);
  ASSERT_EQ(facts.answers.size(), 2u);
  EXPECT_OK(facts.answers.at(member_.id()));
  EXPECT_FALSE(facts.answers.at(node2).ok());
  EXPECT_EQ(facts.last_seen.count(node2), 0u);
  ASSERT_EQ(facts.last_seen.count(member_.id()), 1u);
  EXPECT_EQ(facts.last_seen.at(member_.id()), facts.now);
}

TEST_F(FactGathererTest, TheWaitForAnAnswerIsNoOffsetOfAClock) {
  FactGatherer gatherer = Gatherer();
  const auto offset = [&](absl::Duration takes, absl::Duration behind) {
    answer_takes_ = takes;
    behind_ = behind;
    const ClusterFacts facts = gatherer.Gather(false, true, kPatience);
    return facts.clock_offsets.at(member_.id());
  };
  const absl::Duration three = absl::Seconds(3);
  EXPECT_EQ(offset(three, absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(offset(three, absl::Seconds(1)), absl::ZeroDuration());
  EXPECT_EQ(offset(three, three), absl::ZeroDuration());
  EXPECT_EQ(offset(three, absl::Seconds(13)), -absl::Seconds(10));
  EXPECT_EQ(offset(three, -absl::Seconds(10)), absl::Seconds(10));
}

class MembershipWatchTest : public OneMemberTest {
 protected:
  std::unique_ptr<MembershipWatch> Watch(StateStore* store,
                                         const std::string& self_id,
                                         bool confirming) {
    return std::make_unique<MembershipWatch>(
        MembershipWatch::Parts{&member_.log(), store, &member_.peers(), self_id,
                               [this] { removed_.Notify(); }},
        confirming);
  }
  statepb::Member::State StateOf(const std::string& id) {
    return State().members.Find(id)->state();
  }

  absl::Notification removed_;
};

TEST_F(MembershipWatchTest, ATombstoneEndsTheMembership) {
  StateStore store;
  ClusterState state = State();
  state.members.Erase(member_.id());
  statepb::Tombstone tombstone;
  tombstone.set_member_id(member_.id());
  state.tombstones.Put(member_.id(), tombstone);
  store.Publish(std::make_shared<const ClusterState>(std::move(state)));
  const auto watch = Watch(&store, member_.id(), true);
  EXPECT_TRUE(removed_.WaitForNotificationWithTimeout(kPatience));
}

TEST_F(MembershipWatchTest, SilenceEndsNothing) {
  const std::string node2 = member_.Admit("node2");
  // As if it were leaving: it asks the others, and nobody answers.
  StateStore store;
  ClusterState state = State();
  statepb::Member self = *state.members.Find(member_.id());
  self.set_state(statepb::Member::STATE_LEAVING);
  state.members.Put(self.member_id(), self);
  store.Publish(std::make_shared<const ClusterState>(std::move(state)));
  const auto watch = Watch(&store, member_.id(), true);
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
}

TEST_F(MembershipWatchTest, AJoinIsConfirmedOnceItIsPromised) {
  const std::string node2 = member_.Admit("node2");
  const auto watch = Watch(&member_.store(), node2, /*confirming=*/false);
  EXPECT_FALSE(
      member_.store().WaitForChange(member_.store().Current(), kLooks).ok());
  EXPECT_EQ(StateOf(node2), statepb::Member::STATE_JOINING);
  watch->SetConfirming(true);
  while (StateOf(node2) == statepb::Member::STATE_JOINING) {
    ASSERT_OK(member_.store().WaitForChange(state_, kPatience));
  }
  EXPECT_EQ(StateOf(node2), statepb::Member::STATE_ACTIVE);
  EXPECT_FALSE(removed_.HasBeenNotified());
}

using LogControlTest = OneMemberTest;

TEST_F(LogControlTest, SaysHowFarALearnerIsBehind) {
  const std::string node2 = member_.Admit("node2");
  LogControl control(&member_.log(), &member_.store());
  const RaftView before = control.View();
  EXPECT_TRUE(before.leading);
  EXPECT_THAT(before.voters, ElementsAre(member_.id()));
  MembershipTarget target;
  target.voters = {member_.id()};
  target.learners = {node2};
  EXPECT_FALSE(
      control.ChangeMembership(target, before.configuration_index + 7).ok());
  ASSERT_OK(control.ChangeMembership(target, before.configuration_index));
  const RaftView view = control.View();
  EXPECT_THAT(view.learners, ElementsAre(node2));
  ASSERT_EQ(view.peers.count(node2), 1u);
  EXPECT_GT(view.peers.at(node2).lag, 0u);
  EXPECT_FALSE(control.Transfer(node2).ok()) << "it does not vote";
}

using AuthoritySealerTest = OneMemberTest;

TEST_F(AuthoritySealerTest, SealsForMembersAndNobodyElse) {
  AuthoritySealer sealer(&member_.log(), &member_.store(), &member_.issuer(),
                         &Clock::Real(), &RandomSource::Real());
  EXPECT_THAT(sealer.Reseal({member_.id(), std::string(32, '9')}),
              HasReason("MEMBER_NOT_FOUND"));
  const std::string before = State().authorities.Find("ovn")->sealed_key();
  ASSERT_OK(sealer.Reseal({member_.id()}));
  for (const char* plane : {"ovn", "cluster"}) {
    const statepb::Authority& authority = *State().authorities.Find(plane);
    EXPECT_THAT(authority.sealed_for(), ElementsAre(member_.id())) << plane;
  }
  EXPECT_NE(State().authorities.Find("ovn")->sealed_key(), before);
}

}  // namespace
}  // namespace microovn::agent
