// SPDX-License-Identifier: Apache-2.0
#include "agent/health/cluster_log.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "agent/state/values/cluster_state.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.pb.h"

namespace microovn::agent {
namespace {

std::string IdOf(int n) { return std::string(32, static_cast<char>('0' + n)); }

// What member `n` says: node1 leads the term, with a view of the other two.
v1::LogReplica ReplicaOf(int n, uint64_t term) {
  v1::LogReplica replica;
  replica.set_member(IdOf(n));
  replica.set_reachable(true);
  replica.set_role(n == 1 ? "leader" : "follower");
  replica.set_term(term);
  replica.set_leader(IdOf(1));
  if (n != 1) return replica;
  for (int other = 2; other <= 3; ++other) {
    replica.add_peers()->set_member(IdOf(other));
  }
  return replica;
}

ClusterFacts FactsOf(const std::vector<v1::LogReplica>& answers) {
  ClusterState state;
  for (int n = 3; n >= 1; --n) {
    statepb::Member member;
    member.set_member_id(IdOf(n));
    member.set_name("node" + std::to_string(n));
    state.members.Put(IdOf(n), member);
  }
  ClusterFacts facts;
  facts.state = std::make_shared<const ClusterState>(std::move(state));
  for (const v1::LogReplica& replica : answers) {
    internal::peer::v1::GetLocalStatusResponse answer;
    *answer.mutable_log() = replica;
    facts.answers.insert_or_assign(replica.member(), answer);
  }
  return facts;
}

TEST(ClusterLogTest, MembersHaveTheirNames) {
  const v1::GetLogResponse log =
      DescribeLog(FactsOf({ReplicaOf(1, 4), ReplicaOf(2, 4), ReplicaOf(3, 4)}));
  EXPECT_EQ(log.leader(), "node1");
  EXPECT_EQ(log.term(), 4u);
  ASSERT_EQ(log.replicas_size(), 3);
  EXPECT_EQ(log.replicas(0).member(), "node1");
  EXPECT_EQ(log.replicas(0).peers(1).member(), "node3");
  EXPECT_EQ(log.replicas(2).leader(), "node1");
}

TEST(ClusterLogTest, WhoDoesNotAnswerIsARow) {
  ClusterFacts facts = FactsOf({ReplicaOf(1, 4)});
  facts.answers.insert_or_assign(IdOf(2), absl::UnavailableError("silence"));
  const v1::GetLogResponse log = DescribeLog(facts);
  ASSERT_EQ(log.replicas_size(), 3);
  EXPECT_TRUE(log.replicas(0).reachable());
  EXPECT_EQ(log.replicas(1).member(), "node2");
  EXPECT_FALSE(log.replicas(1).reachable());
  EXPECT_FALSE(log.replicas(2).reachable()) << "was not even asked";
}

// It cannot know yet that it does not lead any more.
TEST(ClusterLogTest, ALeaderOfAnEarlierTermDoesNotCount) {
  v1::LogReplica later = ReplicaOf(2, 5);
  later.set_role("leader");
  later.set_leader(IdOf(2));
  EXPECT_EQ(DescribeLog(FactsOf({ReplicaOf(1, 4), later})).leader(), "node2");
  later.set_role("candidate");
  EXPECT_EQ(DescribeLog(FactsOf({ReplicaOf(1, 4), later})).leader(), "");
}

}  // namespace
}  // namespace microovn::agent
