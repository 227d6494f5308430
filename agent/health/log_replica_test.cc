// SPDX-License-Identifier: Apache-2.0
#include "agent/health/log_replica.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "raft/core/values/recovered.h"

namespace microovn::agent {
namespace {

raft::NodeStatus ALeader() {
  raft::NodeStatus status;
  status.self = raft::MemberId(0, 1);
  status.role = raft::Role::kLeader;
  status.term = raft::Term(4);
  status.leader = status.self;
  status.last_log = raft::LogIndex(30);
  status.commit = raft::LogIndex(29);
  status.applied = raft::LogIndex(28);
  status.snapshot = raft::LogIndex(10);
  status.last_role_change = raft::RoleReason::kElectionWon;
  raft::PeerProgress peer;
  peer.member = raft::MemberId(0, 2);
  peer.voter = true;
  peer.match = raft::LogIndex(27);
  peer.last_contact_ago = absl::Milliseconds(1500);
  status.peers = {peer};
  return status;
}

TEST(LogReplicaTest, ALeaderTellsOfItselfAndItsPeers) {
  const v1::LogReplica replica = DescribeReplica(ALeader());
  EXPECT_EQ(replica.role(), "leader");
  EXPECT_EQ(replica.leader(), replica.member());
  EXPECT_EQ(replica.last_index(), 30u);
  EXPECT_EQ(replica.commit_index(), 29u);
  EXPECT_EQ(replica.applied_index(), 28u);
  EXPECT_EQ(replica.snapshot_index(), 10u);
  EXPECT_EQ(replica.role_reason(), "election won");
  EXPECT_FALSE(replica.has_quorum_contact_age());
  ASSERT_EQ(replica.peers_size(), 1);
  EXPECT_EQ(replica.peers(0).member(), raft::MemberId(0, 2).ToHex());
  EXPECT_EQ(replica.peers(0).match_index(), 27u);
  EXPECT_EQ(replica.peers(0).contact_age().seconds(), 1);
  EXPECT_EQ(replica.peers(0).contact_age().nanos(), 500'000'000);
}

TEST(LogReplicaTest, WhatIsMeasuredComesWithItsDistribution) {
  raft::NodeStatus status = ALeader();
  for (int i = 0; i < 99; ++i) status.metrics.sync.Add(absl::Milliseconds(1));
  status.metrics.sync.Add(absl::Milliseconds(300));
  const v1::LogReplica replica = DescribeReplica(status);
  const v1::LatencyHistogram& writes = replica.writes();
  EXPECT_EQ(writes.count(), 100u);
  EXPECT_EQ(writes.longest().nanos(), 300'000'000);
  EXPECT_LT(writes.median().nanos(), 3'000'000);
  ASSERT_EQ(writes.buckets_size(), 2);
  EXPECT_EQ(writes.buckets(0).count(), 99u);
  EXPECT_EQ(writes.buckets(1).count(), 1u);
}

TEST(LogReplicaTest, WhatIsLongerThanAnyBoundHasNone) {
  raft::NodeStatus status = ALeader();
  status.metrics.apply.Add(absl::Hours(1));
  const v1::LogReplica replica = DescribeReplica(status);
  ASSERT_EQ(replica.applies().buckets_size(), 1);
  EXPECT_FALSE(replica.applies().buckets(0).has_bound());
  EXPECT_EQ(replica.applies().longest().seconds(), 3600);
}

TEST(LogReplicaTest, AQuarantineIsAFinding) {
  raft::NodeStatus status = ALeader();
  EXPECT_FALSE(QuarantineFinding(status).has_value());
  EXPECT_EQ(DescribeReplica(status).quarantine(), "");
  status.quarantine = raft::Quarantine{raft::Term(4), {}};
  const auto finding = QuarantineFinding(status);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->reason(), "LOG_QUARANTINED");
  EXPECT_EQ(DescribeReplica(status).quarantine(), finding->message());
}

}  // namespace
}  // namespace microovn::agent
