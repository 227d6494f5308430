// SPDX-License-Identifier: Apache-2.0
#include "agent/member/log_membership.h"

#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;

TEST(LogMembershipTest, NamesTheDirectoriesThatMembersJoinedWith) {
  ClusterState state = TestCluster({"node1", "node2", "node3"});
  for (const auto& [name, incarnation] :
       {std::pair("node2", 22), std::pair("node3", 33)}) {
    statepb::Member member = *state.members.Find(TestId(name));
    member.set_incarnation(static_cast<uint64_t>(incarnation));
    state.members.Put(TestId(name), member);
  }
  MembershipTarget target;
  target.voters = {TestId("node1"), TestId("node2")};
  target.learners = {TestId("node3")};
  const raft::Configuration configuration = ConfigurationFor(target, state);
  EXPECT_EQ(configuration.voters.size(), 2u);
  EXPECT_THAT(configuration.learners,
              ElementsAre(*raft::MemberId::FromHex(TestId("node3"))));
  EXPECT_EQ(
      configuration.IncarnationOf(*raft::MemberId::FromHex(TestId("node2"))),
      raft::Incarnation(22));
  EXPECT_EQ(
      configuration.IncarnationOf(*raft::MemberId::FromHex(TestId("node3"))),
      raft::Incarnation(33));
  EXPECT_EQ(
      configuration.IncarnationOf(*raft::MemberId::FromHex(TestId("node1"))),
      std::nullopt)
      << "the founder's is in the log from its first entry on";
}

TEST(LogMembershipTest, NoWorkerVotesWhoeverHasDecidedIt) {
  ClusterState state = TestCluster({"node1", "node2"});
  statepb::Member member = *state.members.Find(TestId("node2"));
  member.set_worker(true);
  state.members.Put(TestId("node2"), member);
  MembershipTarget target;
  target.voters = {TestId("node1")};
  target.learners = {TestId("node2")};
  EXPECT_THAT(CheckVoters(target, state), IsOk());
  target.voters.push_back(TestId("node2"));
  EXPECT_FALSE(CheckVoters(target, state).ok());
}

}  // namespace
}  // namespace microovn::agent
