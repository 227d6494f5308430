// SPDX-License-Identifier: Apache-2.0
// When followers hear of a commitment: by the next Append under load, and soon
// without one (options.h, commit_notice_delay).
#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Micros kTick = 10'000;

Options Delayed() {
  Options options;
  options.commit_notice_delay = 2 * kTick;
  return options;
}

class CommitNoticeTest : public testing::Test {
 protected:
  CommitNoticeTest() : harness_(CoreHarness::Cluster(3, Delayed())) {
    harness_.Elect(1);
    // Just after a heartbeat, so that none comes meanwhile.
    const Time due = harness_.core(1).leader_state()->next_heartbeat;
    while (harness_.core(1).leader_state()->next_heartbeat == due) {
      harness_.Advance(kTick);
    }
  }

  LogIndex Commit(const char* payload) {
    const LogIndex index = harness_.Propose(1, payload);
    harness_.Settle();
    EXPECT_EQ(harness_.core(1).commit(), index);
    return index;
  }

  CoreHarness harness_;
};

TEST_F(CommitNoticeTest, TheNextAppendSaysIt) {
  const LogIndex first = Commit("x");
  EXPECT_LT(harness_.core(2).commit(), first);
  Commit("y");
  EXPECT_EQ(harness_.core(2).commit(), first);
  EXPECT_EQ(harness_.core(3).commit(), first);
}

TEST_F(CommitNoticeTest, WithoutOneTheyAreToldOnce) {
  size_t told = 0;
  const LogIndex index = Commit("x");
  harness_.set_drop([&told](const Message& message) {
    if (message.header.to == M(2) &&
        std::holds_alternative<Heartbeat>(message.body)) {
      ++told;
    }
    return false;
  });
  EXPECT_LE(harness_.core(1).NextWakeup(),
            harness_.core(1).leader_state()->next_heartbeat);
  harness_.Advance(3 * kTick);
  EXPECT_EQ(harness_.core(2).commit(), index);
  EXPECT_EQ(harness_.core(3).commit(), index);
  EXPECT_EQ(told, 2u) << "when it is queued and when it is delivered";
}

TEST_F(CommitNoticeTest, AppendsThatCarryItSpareTheNotice) {
  Commit("x");
  harness_.Propose(1, "y");  // says that x is committed
  size_t told = 0;
  harness_.set_drop([&told](const Message& message) {
    told += std::holds_alternative<Heartbeat>(message.body) ? 1 : 0;
    return std::holds_alternative<AppendReply>(message.body);
  });
  harness_.Advance(3 * kTick);
  EXPECT_EQ(told, 0u);
}

TEST_F(CommitNoticeTest, ALostAppendIsMadeUpForByAHeartbeat) {
  const LogIndex index = Commit("x");
  harness_.set_drop([](const Message&) { return true; });
  harness_.Propose(1, "y");
  harness_.Heal();
  harness_.Advance(Delayed().heartbeat_interval + kTick);
  EXPECT_GE(harness_.core(2).commit(), index);
}

TEST_F(CommitNoticeTest, AReadDoesNotWaitForIt) {
  const LogIndex index = Commit("x");
  harness_.Take(2);
  harness_.Step(2, ReadRequest{RequestId(1)});
  harness_.Settle();
  ASSERT_EQ(harness_.Take(2).reads.size(), 1u);
  EXPECT_EQ(harness_.core(2).commit(), index);
}

// A learner has no part in the round that confirms the read, and hears of
// nothing by that.
TEST(LearnersReadTest, ItDoesNotWaitEither) {
  CoreHarness harness(Delayed());
  const Configuration configuration = ConfigurationOf({1, 2}, {3});
  for (uint64_t n = 1; n <= 3; ++n) harness.Add(n, LogOf(configuration));
  harness.Elect(1);
  const LogIndex index = harness.Propose(1, "x");
  harness.Settle();
  ASSERT_LT(harness.core(3).commit(), index);
  harness.Take(3);
  harness.Step(3, ReadRequest{RequestId(1)});
  harness.Settle();
  const Output output = harness.Take(3);
  ASSERT_EQ(output.reads.size(), 1u);
  EXPECT_EQ(output.reads[0].index, index);
  EXPECT_EQ(harness.core(3).commit(), index);
}

// Who leaves is told by the leader that it still hears.
TEST_F(CommitNoticeTest, AChangeOfTheConfigurationIsToldAtOnce) {
  ProposeConfiguration propose;
  propose.expected = LogIndex(1);
  propose.target.voters = Ids({1, 2});
  harness_.Step(1, propose);
  harness_.Settle();
  const LogIndex end = harness_.core(1).log().last_index();
  EXPECT_FALSE(harness_.core(1).Describe().configuration.is_joint());
  EXPECT_EQ(harness_.core(1).commit(), end);
  EXPECT_EQ(harness_.core(2).commit(), end);
}

}  // namespace
}  // namespace microovn::raft
