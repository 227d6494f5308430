// SPDX-License-Identifier: Apache-2.0
// What a member does whose disk lost acknowledged writes, and what its leader
// makes of it (quarantine.cc, raft.md 5a.8).
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

Quarantine Lost(uint64_t term, uint64_t last_index, uint64_t last_term) {
  return {Term(term), {LogIndex(last_index), Term(last_term)}};
}

Recovered WithLoss(Recovered recovered, const Quarantine& quarantine) {
  recovered.quarantine = quarantine;
  return recovered;
}

// One member of three whose log is entry 1 of term 1.
CoreHarness Alone(const Quarantine& quarantine) {
  CoreHarness harness;
  harness.Add(1, WithLoss(LogOf(ConfigurationOf({1, 2, 3})), quarantine));
  return harness;
}

VoteRequest Ask(VotePhase phase, uint64_t campaign_term, uint64_t last_index,
                uint64_t last_term) {
  VoteRequest request;
  request.phase = phase;
  request.round = 1;
  request.campaign_term = Term(campaign_term);
  request.last = {LogIndex(last_index), Term(last_term)};
  return request;
}

// The entries behind entry 1, with these terms.
Append Entries(const std::vector<uint64_t>& terms) {
  const std::vector<Entry> entries =
      EntriesOf(ConfigurationOf({1, 2, 3}), terms);
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = entries[0].chain;
  append.entries.assign(entries.begin() + 1, entries.end());
  return append;
}

TEST(QuarantineTest, GrantsNoVoteOfAnyPhase) {
  CoreHarness harness = Alone(Lost(6, 5, 5));
  for (const VotePhase phase : {VotePhase::kPreVote, VotePhase::kVote}) {
    const Output output = harness.Receive(1, 2, 7, Ask(phase, 7, 99, 6));
    ASSERT_EQ(output.sends.size(), 1u);
    const auto& reply = std::get<VoteReply>(output.sends[0].message.body);
    EXPECT_FALSE(reply.granted);
  }
  EXPECT_EQ(harness.core(1).hard_state().vote, MemberId());
}

TEST(QuarantineTest, DoesNotCampaign) {
  CoreHarness harness = Alone(Lost(6, 5, 5));
  harness.ExpireTimer(1);
  harness.ExpireTimer(1);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  harness.Step(1, PeerConnection{M(2), false});
  harness.Receive(1, 2, 6, TimeoutNow{});
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  EXPECT_TRUE(harness.Queued<VoteRequest>(1).empty());
}

// The leader of term 5 must not get an acknowledgement that the forgotten vote
// of term 6 forbids.
TEST(QuarantineTest, TheRecordedTermIsTakenOver) {
  CoreHarness harness = Alone(Lost(6, 1, 1));
  EXPECT_EQ(harness.core(1).hard_state().term, Term(6));
  const Output output = harness.Receive(1, 2, 5, Entries({5}));
  ASSERT_EQ(output.sends.size(), 1u);
  const Message& message = output.sends[0].message;
  EXPECT_EQ(message.header.term, Term(6));
  EXPECT_TRUE(std::get<HeartbeatReply>(message.body).quarantined);
  EXPECT_EQ(harness.core(1).log().last_index(), LogIndex(1));
  EXPECT_EQ(harness.disk(1).hard_state.term, Term(6));
}

TEST(QuarantineTest, RepliesSaySoUntilTheLostIndexIsReached) {
  CoreHarness harness = Alone(Lost(6, 3, 6));
  harness.Receive(1, 2, 6, Entries({6}));
  harness.Receive(1, 2, 6, Heartbeat{});
  EXPECT_TRUE(harness.core(1).quarantine().has_value());
  EXPECT_EQ(harness.core(1).Describe().quarantine, Lost(6, 3, 6));
  for (const auto& reply : harness.Queued<AppendReply>(1)) {
    EXPECT_TRUE(reply.accepted && reply.quarantined);
  }
  harness.Receive(1, 2, 6, Entries({6, 6}));
  EXPECT_EQ(harness.core(1).quarantine(), std::nullopt);
  EXPECT_EQ(harness.disk(1).quarantine, std::nullopt);
  harness.queue().clear();
  harness.Receive(1, 2, 6, Heartbeat{});
  EXPECT_FALSE(harness.Queued<HeartbeatReply>(1).at(0).quarantined);
}

// Otherwise a member of an idle cluster, whose lost tail nobody has, would
// never come back.
TEST(QuarantineTest, AnEntryOfALaterTermIsBehindAllThatWasAcknowledged) {
  CoreHarness harness = Alone(Lost(6, 9, 5));
  harness.Receive(1, 2, 6, Entries({4, 5}));
  EXPECT_TRUE(harness.core(1).quarantine().has_value());
  harness.Receive(1, 2, 6, Entries({4, 5, 6}));
  EXPECT_EQ(harness.core(1).quarantine(), std::nullopt);
}

TEST(QuarantineTest, ASnapshotBehindTheLostTailEndsIt) {
  CoreHarness harness = Alone(Lost(6, 40, 6));
  SnapshotMetadata metadata;
  metadata.index = LogIndex(50);
  metadata.term = Term(6);
  metadata.configuration = ConfigurationOf({1, 2, 3});
  harness.Receive(1, 2, 7, SnapshotChunk{metadata, 0, Payload("all"), true});
  harness.Step(1, SnapshotProgress{metadata, 3});
  EXPECT_TRUE(harness.core(1).quarantine().has_value());
  harness.Step(1, SnapshotInstalled{metadata, true});
  EXPECT_EQ(harness.core(1).quarantine(), std::nullopt);
  EXPECT_TRUE(harness.Queued<SnapshotReply>(1).at(0).quarantined)
      << "the end was not durable yet";
}

TEST(QuarantineTest, TheEndCountsOnlyOnceItIsDurable) {
  CoreHarness harness = Alone(Lost(6, 2, 6));
  harness.set_manual_disk(true);
  harness.Receive(1, 2, 6, Entries({6}));
  EXPECT_FALSE(harness.Take(1).persist->ends_quarantine)
      << "the entries are not durable";
  harness.Step(1, Stored{StorageToken(1)});
  const Output end = harness.Take(1);
  ASSERT_TRUE(end.persist.has_value());
  EXPECT_TRUE(end.persist->ends_quarantine);
  EXPECT_TRUE(harness.core(1).quarantine().has_value());
  harness.Crash(1);
  EXPECT_TRUE(harness.core(1).quarantine().has_value());
}

// A vote of the recorded term may be forgotten, so there must be no second one.
TEST(QuarantineTest, LeavesWithAVoteForTheLeaderOfItsTerm) {
  CoreHarness harness = Alone(Lost(6, 1, 1));
  harness.Receive(1, 2, 6, Entries({}));
  EXPECT_EQ(harness.core(1).quarantine(), std::nullopt);
  EXPECT_EQ(harness.disk(1).hard_state, (HardState{Term(6), M(2)}));
  harness.Crash(1);
  harness.Receive(1, 3, 6, Ask(VotePhase::kVote, 6, 99, 6));
  for (const auto& reply : harness.Queued<VoteReply>(1)) {
    EXPECT_FALSE(reply.granted);
  }
  // A vote that was not lost stays.
  Recovered voted = LogOf(ConfigurationOf({1, 2, 3}));
  voted.hard_state = {Term(6), M(3)};
  harness.Add(1, WithLoss(voted, Lost(6, 1, 1)));
  harness.Receive(1, 2, 6, Entries({}));
  EXPECT_EQ(harness.disk(1).hard_state, (HardState{Term(6), M(3)}));
}

// The leader may count on entries that are lost; others may be in their place,
// because truncations are lost too.
TEST(QuarantineTest, CommitsOnlyWhatTheLeaderProvedAnew) {
  CoreHarness harness;
  const Recovered old = LogOf(ConfigurationOf({1, 2, 3}), {1, 1});
  harness.Add(1, WithLoss(old, Lost(6, 3, 6)));
  harness.Receive(1, 2, 6, Heartbeat{LogIndex(3), ReadNumber(0)});
  EXPECT_EQ(harness.core(1).commit(), LogIndex(0));
  const Output missing =
      harness.Receive(1, 2, 6, Heartbeat{LogIndex(9), ReadNumber(0)});
  EXPECT_FALSE(missing.fault.has_value());
  harness.Receive(1, 2, 6, Entries({6, 6}));
  harness.Receive(1, 2, 6, Heartbeat{LogIndex(3), ReadNumber(0)});
  EXPECT_EQ(harness.core(1).commit(), LogIndex(3));
}

TEST(QuarantineTest, TheOnlyVoterStaysAFollowerAndSaysWhy) {
  CoreHarness harness;
  harness.Add(1, WithLoss(LogOf(ConfigurationOf({1})), Lost(1, 7, 1)));
  harness.Advance(10 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  EXPECT_EQ(harness.core(1).Describe().quarantine, Lost(1, 7, 1));
  EXPECT_FALSE(harness.Take(1).fault.has_value());
}

// Leader 1 and follower 2 of three; 3 is away, so that 2 is needed.
class QuarantineLeaderTest : public testing::Test {
 protected:
  QuarantineLeaderTest() {
    harness_.Elect(1);
    before_ = harness_.disk(2);
    harness_.Propose(1, "x");
    harness_.Settle();
    harness_.Isolate(3);
  }

  LogIndex commit() { return harness_.core(1).commit(); }
  PeerStatus Row() { return harness_.core(1).Describe().peers.at(0); }

  // Member 2 loses "x" and, so that it stays in quarantine, more than that.
  void Lose() {
    harness_.Crash(2, WithLoss(before_, Lost(2, 99, 2)));
    harness_.Advance(2 * kDefaults.heartbeat_interval);
  }

  CoreHarness harness_ = CoreHarness::Cluster(3);
  Recovered before_;
};

TEST_F(QuarantineLeaderTest, NothingCommitsByIt) {
  const LogIndex committed = commit();
  Lose();
  EXPECT_TRUE(Row().quarantined);
  const LogIndex index = harness_.Propose(1, "y");
  harness_.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_EQ(Row().match, index) << "it gets the log all the same";
  EXPECT_EQ(commit(), committed);
}

TEST_F(QuarantineLeaderTest, ItConfirmsNoReadAndNoLeadership) {
  Lose();
  harness_.Take(1);
  harness_.Step(1, ReadRequest{RequestId(1)});
  harness_.Advance(kDefaults.heartbeat_interval);
  EXPECT_TRUE(harness_.Take(1).reads.empty());
  harness_.Advance(2 * kDefaults.election_timeout);
  const Output output = harness_.Take(1);
  ASSERT_FALSE(output.role_changes.empty());
  EXPECT_EQ(output.role_changes[0].reason, RoleReason::kQuorumLost);
}

TEST_F(QuarantineLeaderTest, ItIsNoSuccessor) {
  Lose();
  for (const MemberId to : {M(2), MemberId()}) {
    const Output output = harness_.Step(1, Transfer{RequestId(9), to});
    if (to == M(2)) {
      ASSERT_EQ(output.refused.size(), 1u);
      EXPECT_EQ(output.refused[0].reason, RefusedReason::kNotAVoter);
    }
  }
  EXPECT_TRUE(harness_.Queued<TimeoutNow>(1).empty());
}

TEST_F(QuarantineLeaderTest, OnceItHasCaughtUpItCounts) {
  harness_.Crash(2, WithLoss(before_, Lost(2, 3, 2)));
  const LogIndex index = harness_.Propose(1, "y");
  harness_.Advance(4 * kDefaults.heartbeat_interval);
  EXPECT_FALSE(Row().quarantined);
  EXPECT_EQ(commit(), index);
  harness_.Step(1, ReadRequest{RequestId(1)});
  harness_.Settle();
  EXPECT_EQ(harness_.Take(1).reads.size(), 1u);
}

// An acknowledgement from before the loss arrives late: it is worth what it
// says, and does not make later ones count that were given in quarantine.
TEST_F(QuarantineLeaderTest, ALateAcknowledgementDoesNotLiftIt) {
  const LogIndex committed = commit();
  Lose();
  const LogIndex index = harness_.Propose(1, "y");
  harness_.Settle();
  ASSERT_EQ(Row().match, index);
  AppendReply late;
  late.accepted = true;
  late.index = committed;
  harness_.Receive(1, 2, 2, late);
  EXPECT_EQ(commit(), committed);
  harness_.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_EQ(commit(), committed);
  EXPECT_TRUE(Row().quarantined);
}

}  // namespace
}  // namespace microovn::raft
