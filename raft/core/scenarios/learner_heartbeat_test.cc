// SPDX-License-Identifier: Apache-2.0
// A thousand learners that know all must not cost a thousand messages each
// heartbeat, and must still notice a leader that is gone.
#include <map>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

class LearnerHeartbeatTest : public testing::Test {
 protected:
  // Members 1 and 2 vote, 1 leads, 3 to 6 learn, nothing is under way.
  LearnerHeartbeatTest() {
    const Configuration configuration = ConfigurationOf({1, 2}, {3, 4, 5, 6});
    for (uint64_t n = 1; n <= 6; ++n) harness_.Add(n, LogOf(configuration));
    harness_.Elect(1);
    harness_.Advance(kDefaults.learner_heartbeat_rounds *
                     kDefaults.heartbeat_interval);
  }

  // By receiver, in `rounds` heartbeats of the leader.
  std::map<uint64_t, uint64_t> CountHeartbeats(uint64_t rounds) {
    std::map<uint64_t, uint64_t> sent;
    harness_.set_drop([&sent](const Message& message) {
      if (std::holds_alternative<Heartbeat>(message.body)) {
        ++sent[message.header.to.low()];
      }
      return false;
    });
    harness_.Advance(rounds * kDefaults.heartbeat_interval);
    harness_.Heal();
    return sent;
  }

  CoreHarness harness_;
};

TEST_F(LearnerHeartbeatTest, ALearnerThatKnowsAllIsSparedMostRounds) {
  const uint64_t rounds = kDefaults.learner_heartbeat_rounds;
  const auto sent = CountHeartbeats(2 * rounds);
  // A message is seen when it is queued and when it is delivered.
  EXPECT_EQ(sent.at(2), 4 * rounds);
  for (const uint64_t learner : {3u, 4u, 5u, 6u}) {
    EXPECT_EQ(sent.at(learner), 4u) << learner;
  }
}

TEST_F(LearnerHeartbeatTest, NotAllLearnersInTheSameRound) {
  const auto sent = CountHeartbeats(1);
  uint64_t learners = 0;
  for (const auto& [to, count] : sent) learners += to == 2 ? 0 : 1;
  EXPECT_LE(learners, 1u);
}

TEST_F(LearnerHeartbeatTest, ALearnerThatLagsGetsAllOfThem) {
  harness_.Isolate(4);
  harness_.Propose(1, "x");
  harness_.Settle();
  const auto sent = [&] {
    std::map<uint64_t, uint64_t> to;
    harness_.set_drop([&to](const Message& message) {
      if (std::holds_alternative<Heartbeat>(message.body)) {
        ++to[message.header.to.low()];
      }
      return message.header.to == M(4);
    });
    harness_.Advance(4 * kDefaults.heartbeat_interval);
    return to;
  }();
  EXPECT_GE(sent.at(4), 4u);
}

TEST_F(LearnerHeartbeatTest, ItKeepsItsLeaderBetweenThem) {
  harness_.Take(3);
  harness_.Advance(4 * kDefaults.learner_heartbeat_rounds *
                   kDefaults.heartbeat_interval);
  for (const uint64_t learner : {3u, 4u, 5u, 6u}) {
    EXPECT_EQ(harness_.core(learner).Describe().leader, M(1)) << learner;
  }
  EXPECT_TRUE(harness_.Take(3).role_changes.empty());
}

TEST_F(LearnerHeartbeatTest, ItNoticesALeaderThatIsGone) {
  harness_.Isolate(1);
  harness_.Advance(2 * kDefaults.election_timeout +
                   3 * kDefaults.learner_heartbeat_rounds *
                       kDefaults.heartbeat_interval);
  EXPECT_TRUE(harness_.core(3).Describe().leader.is_none());
}

// It has to be able to lead at once, by the very change that needs its vote.
TEST_F(LearnerHeartbeatTest, AsAVoterItWaitsNoLongerThanOthers) {
  ProposeConfiguration propose;
  propose.expected = LogIndex(1);
  propose.target.voters = {M(1), M(2), M(3)};
  propose.target.learners = {M(4), M(5), M(6)};
  harness_.Step(1, propose);
  const auto appends = harness_.Queued<Append>(1);
  harness_.queue().clear();
  harness_.Receive(3, 1, 2, appends.at(0));
  ASSERT_TRUE(harness_.core(3).Describe().configuration.IsVoter(M(3)));
  harness_.ExpireTimer(3);
  EXPECT_EQ(harness_.core(3).role(), Role::kPreCandidate);
}

// A read asks a majority of the voters; the learners need not know.
TEST_F(LearnerHeartbeatTest, ReadsCostNoMessageToLearners) {
  harness_.queue().clear();
  harness_.Step(1, ReadRequest{RequestId(1)});
  ASSERT_EQ(harness_.queue().size(), 1u);
  EXPECT_EQ(harness_.queue().front().header.to, M(2));
  harness_.Settle();
  EXPECT_EQ(harness_.Take(1).reads.size(), 1u);
}

}  // namespace
}  // namespace microovn::raft
