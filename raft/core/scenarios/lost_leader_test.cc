// SPDX-License-Identifier: Apache-2.0
// A connection that breaks is a hint that the leader is gone: the others elect
// another one at once, and only one of them asks at a time.
#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};
constexpr Micros kTick = 10'000;

// Member 1 leads and is gone; the numbered ones notice, in this order.
void Lose(CoreHarness& harness, const std::vector<uint64_t>& notice) {
  harness.Isolate(1);
  for (const uint64_t n : notice) harness.Step(n, PeerConnection{M(1), false});
}

// What is lost then, with member 1 gone.
bool OnlyMember2Asks(const Message& message) {
  return message.header.from == M(1) || message.header.to == M(1) ||
         (message.header.from == M(3) &&
          std::holds_alternative<VoteRequest>(message.body));
}

TEST(LostLeaderTest, OnlyWhoNoticedAsks) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  // The other hears nothing new but has no reason to give up its leader, so it
  // does not answer.
  Lose(harness, {2});
  harness.Advance(kTick);
  EXPECT_EQ(harness.core(2).role(), Role::kPreCandidate);
  EXPECT_EQ(harness.core(2).hard_state().term, Term(2));
}

TEST(LostLeaderTest, WhoNoticesLaterNeedNotWaitForAnElectionTimeout) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  Lose(harness, {2});
  harness.Advance(2 * kTick);
  // It gives up its leader, and the pre-candidate asks it once more.
  harness.Step(3, PeerConnection{M(1), false});
  harness.Advance(kDefaults.heartbeat_interval);
  EXPECT_TRUE(harness.core(2).role() == Role::kLeader ||
              harness.core(3).role() == Role::kLeader);
  EXPECT_EQ(harness.core(3).hard_state().term, Term(3));
}

// Both would vote for themselves, and wait for another election timeout.
TEST(LostLeaderTest, VotesDoNotSplitWhenAllNoticeAtOnce) {
  for (const uint64_t members : {3u, 4u, 5u, 7u}) {
    SCOPED_TRACE(members);
    CoreHarness harness = CoreHarness::Cluster(members);
    harness.Elect(1);
    std::vector<uint64_t> all;
    for (uint64_t n = members; n >= 2; --n) all.push_back(n);
    Lose(harness, all);
    harness.Advance(kTick);
    EXPECT_EQ(harness.core(2).role(), Role::kLeader);
    for (const uint64_t n : all) {
      EXPECT_EQ(harness.core(n).hard_state().term, Term(3)) << n;
    }
  }
}

TEST(LostLeaderTest, TheNextInLineAsksWhenTheFirstIsGoneToo) {
  CoreHarness harness = CoreHarness::Cluster(5);
  harness.Elect(1);
  harness.set_drop([](const Message& message) {
    const auto gone = [](MemberId m) { return m == M(1) || m == M(2); };
    return gone(message.header.from) || gone(message.header.to);
  });
  for (const uint64_t n : {3u, 4u, 5u}) {
    harness.Step(n, PeerConnection{M(1), false});
  }
  harness.Advance(kDefaults.connection_loss_slot - kTick);
  EXPECT_NE(harness.core(3).role(), Role::kLeader) << "not its turn";
  harness.Advance(kTick);
  EXPECT_EQ(harness.core(3).role(), Role::kLeader);
}

TEST(LostLeaderTest, LostPreVoteRequestsAreSentAgain) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  Lose(harness, {2, 3});
  harness.set_drop([](const Message&) { return true; });
  harness.Advance(kTick);
  ASSERT_EQ(harness.core(2).role(), Role::kPreCandidate);
  harness.set_drop(OnlyMember2Asks);
  harness.Advance(kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.core(2).role(), Role::kLeader);
  EXPECT_EQ(harness.core(2).hard_state().term, Term(3));
}

// The request says that the candidate voted for itself: until that is durable
// there is nothing to send again.
TEST(LostLeaderTest, VotesAreAskedForAgainOnlyWhenTheOwnIsDurable) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  Lose(harness, {2, 3});
  harness.Stall(2);
  size_t asked = 0;
  harness.set_drop([&asked](const Message& message) {
    const auto* request = std::get_if<VoteRequest>(&message.body);
    if (request != nullptr && request->phase == VotePhase::kVote) ++asked;
    return OnlyMember2Asks(message);
  });
  harness.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.core(2).role(), Role::kCandidate);
  EXPECT_EQ(asked, 0u);
  harness.Unstall(2);
  EXPECT_EQ(asked, 2u) << "once each";
}

// Each round trip of a split vote is short, so there is no need to wait for as
// long as for a silent leader.
TEST(LostLeaderTest, ASplitVoteIsRetriedSoon) {
  CoreHarness harness = CoreHarness::Cluster(3);
  uint64_t round = 0;
  harness.set_drop([&round](const Message& message) {
    const auto* request = std::get_if<VoteRequest>(&message.body);
    if (request != nullptr) round = request->round;
    return true;
  });
  harness.ExpireTimer(2);
  harness.Receive(2, 3, 1,
                  VoteReply{VotePhase::kPreVote, round, Term(2), true});
  ASSERT_EQ(harness.core(2).role(), Role::kCandidate);
  const VoteReply no{VotePhase::kVote, round, Term(2), false};
  harness.Receive(2, 3, 2, no);
  harness.Receive(2, 1, 2, no);
  ASSERT_EQ(harness.core(2).role(), Role::kFollower);
  harness.Advance(kDefaults.election_timeout / 2 + 2 * kTick);
  EXPECT_EQ(harness.core(2).role(), Role::kPreCandidate);
}

}  // namespace
}  // namespace microovn::raft
