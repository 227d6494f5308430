// SPDX-License-Identifier: Apache-2.0
// Whose word counts for what (hearing.cc): members 1, 2 and 3 vote, 4 learns,
// and 9 is unknown. What 4 and 9 send comes with a certificate, and is a lie.
#include <cstdint>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

// Member 1 leads in term 2.
class SpeakerTest : public testing::Test {
 protected:
  SpeakerTest() {
    for (uint64_t n = 1; n <= 4; ++n) harness_.Add(n, LogOf(configuration_));
    harness_.Elect(1);
    for (uint64_t n = 1; n <= 4; ++n) harness_.Take(n);
  }

  Output Receive(uint64_t n, uint64_t from, uint64_t term, MessageBody body,
                 uint64_t voter_at = 0) {
    return harness_.Step(n, Received{MessageTo(n, from, term, std::move(body)),
                                     LogIndex(voter_at)});
  }

  // Nothing came of it.
  static void ExpectIgnored(const Output& output) {
    EXPECT_FALSE(output.fault.has_value());
    EXPECT_FALSE(output.persist.has_value());
    EXPECT_FALSE(output.store_snapshot_chunk.has_value());
    EXPECT_TRUE(output.role_changes.empty());
    EXPECT_TRUE(output.sends.empty());
  }
  static std::optional<RejectedReason> ReasonOf(const Output& output) {
    if (output.rejected.empty()) return std::nullopt;
    return output.rejected[0].reason;
  }

  // Of all members, for as long as an election would take.
  void ExpectUndisturbed() {
    harness_.Settle();
    harness_.Advance(4 * kDefaults.election_timeout);
    EXPECT_EQ(harness_.core(1).role(), Role::kLeader);
    for (uint64_t n = 1; n <= 4; ++n) {
      EXPECT_EQ(harness_.core(n).hard_state().term, Term(2)) << n;
      EXPECT_EQ(harness_.core(n).Describe().leader, M(1)) << n;
    }
    const LogIndex index = harness_.Propose(1, "still");
    harness_.Advance(2 * kDefaults.heartbeat_interval);
    for (uint64_t n = 1; n <= 4; ++n) {
      EXPECT_EQ(harness_.core(n).commit(), index) << n;
    }
  }

  const Configuration configuration_ = ConfigurationOf({1, 2, 3}, {4});
  CoreHarness harness_;
};

std::vector<MessageBody> BodiesOf(Speaker speaker) {
  const VoteRequest vote{
      VotePhase::kVote, 1, Term(3), {LogIndex(9), Term(2)}, false};
  VoteRequest transfer = vote;
  transfer.transfer = true;
  VoteRequest pre_vote = vote;
  pre_vote.phase = VotePhase::kPreVote;
  SnapshotChunk chunk;
  chunk.snapshot.index = LogIndex(90);
  chunk.snapshot.term = Term(2);
  chunk.snapshot.configuration = ConfigurationOf({4});
  chunk.last = true;
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain =
      EntriesOf(ConfigurationOf({1, 2, 3}, {4}), {})[0].chain;
  append.entries = {EntriesOf(ConfigurationOf({1, 2, 3}, {4}), {2, 2})[1]};
  append.commit = LogIndex(2);
  const std::vector<MessageBody> all = {
      vote,
      transfer,
      pre_vote,
      VoteReply{VotePhase::kVote, 1, Term(3), true},
      append,
      AppendReply{},
      Heartbeat{},
      HeartbeatReply{},
      chunk,
      SnapshotReply{},
      TimeoutNow{},
      ReadIndexRequest{},
      ReadIndexReply{}};
  std::vector<MessageBody> bodies;
  for (const MessageBody& body : all) {
    if (SpeakerOf(body) == speaker) bodies.push_back(body);
  }
  return bodies;
}

// What the learner, and one whom nobody knows, may try: in the term that is,
// the next, and one far off.
struct Lie {
  MessageBody body;
  uint64_t liar;
  uint64_t term;
};
std::vector<Lie> LiesOf(Speaker speaker) {
  std::vector<Lie> lies;
  for (const MessageBody& body : BodiesOf(speaker)) {
    for (const uint64_t liar : {4u, 9u}) {
      for (const uint64_t term : {2u, 3u, 1000u}) {
        lies.push_back({body, liar, term});
      }
    }
  }
  return lies;
}

TEST_F(SpeakerTest, ALearnerOrAStrangerLeadsNobody) {
  const std::vector<Lie> lies = LiesOf(Speaker::kLeader);
  ASSERT_EQ(lies.size(), 4u * 2 * 3);
  for (const Lie& lie : lies) {
    // The leader, a follower, and a learner.
    for (const uint64_t n : {1u, 2u, 4u}) {
      if (n == lie.liar) continue;
      const Output output = Receive(n, lie.liar, lie.term, lie.body);
      ExpectIgnored(output);
      EXPECT_EQ(ReasonOf(output), RejectedReason::kNoVoter)
          << lie.body.index() << " " << lie.liar << " " << lie.term << " " << n;
    }
  }
  ExpectUndisturbed();
}

// Also when there is no leader whom stickiness would protect.
TEST_F(SpeakerTest, ALearnerOrAStrangerGetsAndGivesNoVote) {
  harness_.Isolate(1);
  harness_.Step(2, PeerConnection{M(1), false});
  harness_.Step(3, PeerConnection{M(1), false});
  for (uint64_t n = 2; n <= 3; ++n) harness_.Take(n);
  const std::vector<Lie> lies = LiesOf(Speaker::kVoter);
  ASSERT_EQ(lies.size(), 4u * 2 * 3);
  for (const Lie& lie : lies) {
    for (const uint64_t n : {2u, 3u}) {
      const Output output = Receive(n, lie.liar, lie.term, lie.body);
      ExpectIgnored(output);
      EXPECT_EQ(ReasonOf(output), RejectedReason::kNoVoter)
          << lie.body.index() << " " << lie.liar << " " << lie.term << " " << n;
      EXPECT_EQ(harness_.core(n).hard_state(), (HardState{Term(2), M(1)}));
    }
  }
}

// Whatever it answers or asks: a later term is nothing to step down for.
TEST_F(SpeakerTest, ALearnersTermDeposesNobody) {
  const std::vector<MessageBody> bodies = BodiesOf(Speaker::kMember);
  ASSERT_EQ(bodies.size(), 5u);
  for (const MessageBody& body : bodies) {
    for (const uint64_t liar : {4u, 9u}) {
      for (const uint64_t n : {1u, 2u}) {
        const Output output = Receive(n, liar, 3, body);
        ExpectIgnored(output);
        EXPECT_EQ(ReasonOf(output), std::nullopt);
      }
    }
  }
  ExpectUndisturbed();
}

TEST_F(SpeakerTest, AVotersTermDeposes) {
  Receive(1, 2, 3, HeartbeatReply{});
  EXPECT_EQ(harness_.core(1).role(), Role::kFollower);
  EXPECT_EQ(harness_.core(1).hard_state().term, Term(3));
}

TEST_F(SpeakerTest, WhatIsOldIsAnsweredAndMovesNothing) {
  const Output output = Receive(2, 4, 1, Heartbeat{});
  EXPECT_FALSE(output.fault.has_value());
  ASSERT_EQ(output.sends.size(), 1u);
  EXPECT_EQ(output.sends[0].message.header.term, Term(2));
  ExpectUndisturbed();
}

// The members' configuration is the entry at index 1, and committed.
TEST_F(SpeakerTest, AProofOfALaterConfigurationIsBelieved) {
  EXPECT_EQ(ReasonOf(Receive(2, 4, 3, Heartbeat{}, /*voter_at=*/1)),
            RejectedReason::kNoVoter);
  const Output output = Receive(2, 4, 3, Heartbeat{}, /*voter_at=*/2);
  EXPECT_EQ(ReasonOf(output), std::nullopt);
  EXPECT_EQ(harness_.core(2).hard_state().term, Term(3));
  EXPECT_EQ(harness_.core(2).Describe().leader, M(4));
}

// Member 2 is needed, and was away while 4 and 5 became voters.
TEST_F(SpeakerTest, AMemberThatWasAwayVotesForAVoterThatItDoesNotKnow) {
  harness_.Isolate(1);
  harness_.Step(2, PeerConnection{M(1), false});
  VoteRequest vote{VotePhase::kVote, 1, Term(3), {LogIndex(9), Term(2)}, false};
  const Output output = Receive(2, 5, 3, vote, /*voter_at=*/7);
  EXPECT_EQ(ReasonOf(output), std::nullopt);
  EXPECT_EQ(harness_.core(2).hard_state(), (HardState{Term(3), M(5)}));
}

// It is in a term that nobody else is in, and no leader before it is heard.
TEST_F(SpeakerTest, AVoterThatWasDemotedWhileItCampaignedIsHeardOnce) {
  const Output refused = Receive(1, 4, 3, BodiesOf(Speaker::kVoter)[1], 1);
  EXPECT_EQ(ReasonOf(refused), RejectedReason::kNoVoter);
  Receive(1, 4, 3, HeartbeatReply{}, /*voter_at=*/1);
  EXPECT_EQ(harness_.core(1).hard_state().term, Term(3));
}

// Of two that lead in one term, one is not known here to vote.
TEST_F(SpeakerTest, ASecondLeaderIsAFaultBetweenKnownVotersOnly) {
  for (const uint64_t n : {1u, 2u}) {
    const Output output = Receive(n, 4, 2, Heartbeat{}, /*voter_at=*/2);
    ExpectIgnored(output);
    EXPECT_EQ(ReasonOf(output), RejectedReason::kNoVoter) << n;
  }
  const Output output = Receive(3, 2, 2, Heartbeat{});
  ASSERT_TRUE(output.fault.has_value());
  EXPECT_EQ(output.fault->kind, FaultKind::kSecondLeaderInTerm);
}

TEST_F(SpeakerTest, ALeaderThatRemovesItselfIsHeardUntilItIsGone) {
  ProposeConfiguration propose;
  propose.id = RequestId(5);
  propose.expected = LogIndex(1);
  propose.target.voters = Ids({2, 3});
  propose.target.learners = Ids({1, 4});
  ASSERT_EQ(harness_.Step(1, propose).accepted.size(), 1u);
  harness_.Settle();
  EXPECT_EQ(harness_.core(1).role(), Role::kFollower);
  ASSERT_FALSE(
      harness_.core(2).configurations().InForce().configuration.IsVoter(M(1)));
  const Output late = Receive(2, 1, 2, Heartbeat{});
  EXPECT_EQ(ReasonOf(late), std::nullopt);
  // But leads nobody anew.
  EXPECT_EQ(ReasonOf(Receive(2, 1, 3, Heartbeat{})), RejectedReason::kNoVoter);
}

TEST_F(SpeakerTest, WhatAMemberCanProve) {
  EXPECT_EQ(harness_.core(1).voter_at(), LogIndex(1));
  EXPECT_EQ(harness_.core(4).voter_at(), LogIndex(0));
  ProposeConfiguration propose;
  propose.expected = LogIndex(1);
  propose.target.voters = Ids({1, 2, 4});
  propose.target.learners = Ids({3});
  ASSERT_EQ(harness_.Step(1, propose).accepted.size(), 1u);
  const LogIndex joint = harness_.core(1).configurations().InForce().index;
  harness_.Settle();
  const auto final = harness_.core(1).configurations().InForce().index;
  EXPECT_EQ(final, joint.Next());
  EXPECT_EQ(harness_.core(1).voter_at(), final);
  EXPECT_EQ(harness_.core(4).voter_at(), final);
  harness_.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness_.core(3).voter_at(), LogIndex(0)) << "it knows";
}

// A joiner follows those of whom it was told when it was admitted.
TEST(JoinerTest, AJoinerFollowsWhomItWasToldOf) {
  CoreHarness harness;
  harness.Add(5, JoinerOf({M(1), M(2)}));
  const Output lie = harness.Receive(5, 4, 9, Heartbeat{});
  ASSERT_EQ(lie.rejected.size(), 1u);
  EXPECT_EQ(lie.rejected[0].reason, RejectedReason::kNoVoter);
  EXPECT_EQ(harness.core(5).hard_state().term, Term(0));
  EXPECT_TRUE(harness.Receive(5, 2, 7, Heartbeat{}).rejected.empty());
  EXPECT_EQ(harness.core(5).Describe().leader, M(2));
  EXPECT_EQ(harness.core(5).hard_state().term, Term(7));
}

TEST(JoinerTest, OrWhoProvesToBeAVoter) {
  CoreHarness harness;
  harness.Add(5, JoinerOf({M(1)}));
  harness.Step(5, Received{MessageTo(5, 3, 7, Heartbeat{}), LogIndex(12)});
  EXPECT_EQ(harness.core(5).Describe().leader, M(3));
}

// It cannot tell which of the two is right, so it ends for neither.
TEST(JoinerTest, WithoutAnyItFollowsTheFirstAndASecondIsNoFault) {
  CoreHarness harness;
  harness.Add(5, JoinerOf({}));
  harness.Receive(5, 3, 7, Heartbeat{});
  EXPECT_EQ(harness.core(5).Describe().leader, M(3));
  const Output second = harness.Receive(5, 4, 7, Heartbeat{});
  EXPECT_FALSE(second.fault.has_value());
  EXPECT_EQ(second.rejected.size(), 1u);
  EXPECT_EQ(harness.core(5).Describe().leader, M(3));
}

}  // namespace
}  // namespace microovn::raft
