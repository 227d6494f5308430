// SPDX-License-Identifier: Apache-2.0
// Terms and indices near the end of their range, from others: refused, and
// never adopted.
#include <cstdint>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

// One message must not use up the range of terms: there would be no election
// any more, also after a restart.
TEST(RangeTest, ATermNearTheEndOfItsRangeIsNeverAdopted) {
  const std::vector<MessageBody> bodies = {
      VoteRequest{}, VoteReply{},  Append{},         AppendReply{},
      Heartbeat{},   TimeoutNow{}, ReadIndexReply{}, HeartbeatReply{}};
  const uint64_t end = std::numeric_limits<uint64_t>::max();
  for (const uint64_t term : {end, end - 1, kGreatestNumber + 1,
                              kGreatestNumber, kGreatestTermStep + 2}) {
    for (const MessageBody& body : bodies) {
      CoreHarness harness = CoreHarness::Cluster(3);
      const Output output = harness.Receive(1, 2, term, body);
      ASSERT_EQ(output.rejected.size(), 1u);
      EXPECT_EQ(output.rejected[0].reason, RejectedReason::kTermOutOfRange);
      EXPECT_EQ(harness.core(1).hard_state().term, Term(1));
      EXPECT_EQ(harness.disk(1).hard_state.term, Term(1));
      harness.Elect(1);
      EXPECT_EQ(harness.core(1).role(), Role::kLeader);
    }
  }
}

TEST(RangeTest, AnIndexNearTheEndOfItsRangeIsRefused) {
  const LogIndex far(kGreatestNumber + 1);
  Append append;
  append.previous = {far, Term(1)};
  VoteRequest vote;
  vote.last = {far, Term(1)};
  AppendReply reply;
  reply.index = far;
  for (const MessageBody& body : std::vector<MessageBody>{
           append, vote, reply, Heartbeat{far, ReadNumber(0)},
           ReadIndexReply{1, true, far}, SnapshotReply{far}}) {
    CoreHarness harness = CoreHarness::Cluster(3);
    const Output output = harness.Receive(1, 2, 1, body);
    ASSERT_EQ(output.rejected.size(), 1u);
    EXPECT_EQ(output.rejected[0].reason, RejectedReason::kTermOutOfRange);
  }
}

// It knows no term yet, and the cluster may have had many elections.
TEST(RangeTest, AJoinerTakesOverTheTermOfItsCluster) {
  CoreHarness harness;
  harness.Add(1, Recovered());
  harness.Receive(1, 2, 5 * kGreatestTermStep, Heartbeat{});
  EXPECT_EQ(harness.core(1).hard_state().term, Term(5 * kGreatestTermStep));
}

}  // namespace
}  // namespace microovn::raft
