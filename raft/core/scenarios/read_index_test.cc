// SPDX-License-Identifier: Apache-2.0
// Which answer confirms which read (thesis 6.4, raft.md 5b.1).
#include <algorithm>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

// A quorum that answered the round before the read came may have another
// leader by now.
TEST(ReadIndexTest, AReadDoesNotJoinARoundThatIsUnderWay) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Take(1);
  harness.Step(1, ReadRequest{RequestId(1)});
  const ReadNumber first = harness.core(1).leader_state()->read_number;
  harness.Step(1, ReadRequest{RequestId(2)});
  harness.queue().clear();
  harness.Receive(1, 2, 2, HeartbeatReply{first});
  const Output output = harness.Take(1);
  ASSERT_EQ(output.reads.size(), 1u);
  EXPECT_EQ(output.reads[0].id, RequestId(1));
  harness.Settle();
  const Output next = harness.Take(1);
  ASSERT_EQ(next.reads.size(), 1u) << "in the next round, without a timer";
  EXPECT_EQ(next.reads[0].id, RequestId(2));
}

class ForwardedReadTest : public testing::Test {
 protected:
  ForwardedReadTest() : harness_(CoreHarness::Cluster(3)) {
    harness_.Elect(1);
    harness_.Take(2);
  }

  // The number under which member 2 asks now; the request itself is lost.
  uint64_t Asked() {
    const auto asked = harness_.Queued<ReadIndexRequest>(2);
    EXPECT_EQ(asked.size(), 1u);
    harness_.queue().clear();
    return asked.empty() ? 0 : asked[0].sequence;
  }

  CoreHarness harness_;
};

// It was confirmed before the later read came.
TEST_F(ForwardedReadTest, AnAnswerToAnEarlierRequestConfirmsNothing) {
  harness_.Step(2, ReadRequest{RequestId(1)});
  const uint64_t first = Asked();
  harness_.Step(2, ReadRequest{RequestId(2)});
  harness_.set_drop([](const Message& message) {
    return std::holds_alternative<ReadIndexRequest>(message.body);
  });
  harness_.Advance(3 * kDefaults.heartbeat_interval);  // asks for both
  const LogIndex commit = harness_.core(2).commit();
  const Output late =
      harness_.Receive(2, 1, 2, ReadIndexReply{first, true, commit});
  EXPECT_TRUE(late.reads.empty());
  harness_.Heal();
  harness_.Advance(3 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness_.Take(2).reads.size(), 2u);
}

// What is committed follows from what this log is known to share with the
// leader's; the index of a read says nothing about that.
TEST_F(ForwardedReadTest, AnAnswerMovesNoCommitIndex) {
  harness_.set_drop([](const Message& message) {
    return std::holds_alternative<AppendReply>(message.body);
  });
  const LogIndex index = harness_.Propose(1, "x");
  harness_.Settle();
  ASSERT_EQ(harness_.core(2).log().last_index(), index);
  harness_.Step(2, ReadRequest{RequestId(1)});
  const uint64_t sequence = Asked();
  const LogIndex before = harness_.core(2).commit();
  ASSERT_LT(before, index);
  const Output output =
      harness_.Receive(2, 1, 2, ReadIndexReply{sequence, true, index});
  ASSERT_EQ(output.reads.size(), 1u);
  EXPECT_EQ(output.reads[0].index, index);
  EXPECT_EQ(harness_.core(2).commit(), before);
}

}  // namespace
}  // namespace microovn::raft
