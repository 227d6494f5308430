// SPDX-License-Identifier: Apache-2.0
// The mistakes that Raft implementations in production made (the list is in
// docs/explanation/raft.md), each as a test that would fail if we made it.
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

VoteRequest Ask(VotePhase phase, uint64_t campaign_term, uint64_t last_index,
                uint64_t last_term) {
  VoteRequest request;
  request.phase = phase;
  request.round = 1;
  request.campaign_term = Term(campaign_term);
  request.last = {LogIndex(last_index), Term(last_term)};
  return request;
}

ProposeConfiguration Change(uint64_t expected,
                            const std::vector<uint64_t>& voters,
                            const std::vector<uint64_t>& learners = {}) {
  ProposeConfiguration propose;
  propose.id = RequestId(500);
  propose.expected = LogIndex(expected);
  propose.target.voters = Ids(voters);
  propose.target.learners = Ids(learners);
  return propose;
}

RefusedReason ReasonOf(const Output& output) {
  EXPECT_EQ(output.refused.size(), 1u);
  return output.refused.empty() ? RefusedReason::kOverloaded
                                : output.refused[0].reason;
}

// 1: a late answer to one round of confirmations must not confirm a read that
// came after it (etcd 20418).
TEST(PitfallTest, LateAnswersDoNotConfirmLaterReads) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Step(1, ReadRequest{RequestId(1)});
  const ReadNumber first = harness.core(1).leader_state()->read_number;
  harness.Settle();
  harness.Take(1);
  harness.Step(1, ReadRequest{RequestId(2)});
  EXPECT_GT(harness.core(1).leader_state()->read_number, first);
  harness.queue().clear();
  harness.Receive(1, 2, 2, HeartbeatReply{first});
  harness.Receive(1, 3, 2, HeartbeatReply{first});
  EXPECT_TRUE(harness.Take(1).reads.empty());
  // A retry is a new number as well.
  harness.Advance(kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.Take(1).reads.size(), 1u);
}

// 1: a number that the leader never gave is not an answer.
TEST(PitfallTest, InventedReadNumbersAreRejected) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  const Output output =
      harness.Receive(1, 2, 2, HeartbeatReply{ReadNumber(1000)});
  ASSERT_EQ(output.rejected.size(), 1u);
  EXPECT_EQ(output.rejected[0].reason, RejectedReason::kMalformedMessage);
}

// 1: no read before an entry of the own term is committed (etcd 7331).
TEST(PitfallTest, ReadsWaitForACommitInTheOwnTerm) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.set_drop([](const Message& message) {
    return std::holds_alternative<AppendReply>(message.body);
  });
  harness.Elect(1);
  ASSERT_EQ(harness.core(1).role(), Role::kLeader);
  harness.Step(1, ReadRequest{RequestId(1)});
  harness.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_TRUE(harness.Take(1).reads.empty()) << "heartbeats are answered";
  harness.Heal();
  harness.Advance(3 * kDefaults.heartbeat_interval);
  const Output output = harness.Take(1);
  ASSERT_EQ(output.reads.size(), 1u);
  EXPECT_GE(output.reads[0].index, LogIndex(2));
}

// 1: any member serves reads, learners too; a lost request is asked again
// under a new number; the commit index does not move by it (Scylla 10578).
TEST(PitfallTest, FollowersAndLearnersReadThroughTheLeader) {
  CoreHarness harness;
  const Configuration configuration = ConfigurationOf({1, 2}, {3});
  for (uint64_t n = 1; n <= 3; ++n) harness.Add(n, LogOf(configuration));
  EXPECT_EQ(ReasonOf(harness.Step(3, ReadRequest{RequestId(1)})),
            RefusedReason::kNoLeader);
  harness.Elect(1);
  harness.Take(3);
  harness.Step(3, ReadRequest{RequestId(2)});
  const auto asked = harness.Queued<ReadIndexRequest>(3);
  ASSERT_EQ(asked.size(), 1u);
  harness.queue().clear();  // lost
  harness.Step(3, ReadRequest{RequestId(3)});
  EXPECT_TRUE(harness.Queued<ReadIndexRequest>(3).empty()) << "one at a time";
  harness.Advance(3 * kDefaults.heartbeat_interval);
  const Output output = harness.Take(3);
  ASSERT_EQ(output.reads.size(), 2u);
  EXPECT_EQ(output.reads[0].index, harness.core(1).commit());
  // The answer to the first try comes after all.
  const Output late = harness.Receive(
      3, 1, 2, ReadIndexReply{asked[0].sequence, true, LogIndex(99)});
  EXPECT_TRUE(late.reads.empty());
}

// 2: a vote counts once, and a pre-vote is not a vote (OVS 5f12cd410).
TEST(PitfallTest, VotesAreIdsOfOnePhaseAndRound) {
  CoreHarness harness;
  harness.Add(1, LogOf(ConfigurationOf({1, 2, 3, 4, 5})));
  harness.ExpireTimer(1);
  const auto asked = harness.Queued<VoteRequest>(1);
  ASSERT_FALSE(asked.empty());
  const uint64_t round = asked[0].round;
  const VoteReply pre{VotePhase::kPreVote, round, Term(2), true};
  harness.Receive(1, 2, 1, pre);
  harness.Receive(1, 2, 1, pre);
  EXPECT_EQ(harness.core(1).role(), Role::kPreCandidate) << "counted twice";
  harness.Receive(1, 3, 1,
                  VoteReply{VotePhase::kPreVote, round - 1, Term(2), true});
  EXPECT_EQ(harness.core(1).role(), Role::kPreCandidate) << "another round";
  harness.Receive(1, 3, 1, pre);
  ASSERT_EQ(harness.core(1).role(), Role::kCandidate);
  // The other pre-votes arrive only now.
  for (uint64_t n = 2; n <= 5; ++n) {
    harness.Receive(1, n, 2, pre);
    harness.Receive(1, n, 2,
                    VoteReply{VotePhase::kPreVote, round + 1, Term(2), true});
  }
  EXPECT_EQ(harness.core(1).role(), Role::kCandidate);
}

// 3: nothing at all is said to a candidate while the leader is alive
// (OVS c34c21bb0), and its term is not taken over.
TEST(PitfallTest, SuppressedCandidatesGetNoReply) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  for (const uint64_t n : std::vector<uint64_t>{1, 2}) {
    for (const VotePhase phase : {VotePhase::kPreVote, VotePhase::kVote}) {
      const Output output = harness.Receive(n, 3, 9, Ask(phase, 9, 99, 9));
      EXPECT_TRUE(output.sends.empty());
      EXPECT_EQ(harness.core(n).hard_state().term, Term(2));
    }
  }
}

// 3: a member that lost its link and comes back deposes nobody.
TEST(PitfallTest, AReturningMemberDoesNotDisturb) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Isolate(3);
  harness.Advance(20 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(3).hard_state().term, Term(2)) << "pre-vote";
  harness.Heal();
  harness.Advance(2 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
  EXPECT_EQ(harness.core(1).hard_state().term, Term(2));
  EXPECT_EQ(harness.core(3).Describe().leader, M(1));
}

// CheckQuorum: a leader that is alone stops to lead.
TEST(PitfallTest, ALeaderWithoutQuorumStepsDown) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Isolate(1);
  harness.Take(1);
  harness.Advance(2 * kDefaults.election_timeout);
  const Output output = harness.Take(1);
  ASSERT_FALSE(output.role_changes.empty());
  EXPECT_EQ(output.role_changes[0].reason, RoleReason::kQuorumLost);
}

// 4: a follower commits only what the message proved to match (Scylla 9965).
TEST(PitfallTest, FollowersCommitNotPastWhatMatches) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  CoreHarness harness;
  harness.Add(1, LogOf(configuration, {1, 1, 1}));
  const std::vector<Entry> entries = EntriesOf(configuration, {1, 1, 1});
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = entries[0].chain;
  append.entries = {entries[1]};
  append.commit = LogIndex(4);
  harness.Receive(1, 2, 3, append);
  EXPECT_EQ(harness.core(1).commit(), LogIndex(2));
}

// 4 and acknowledged loss: a leader never commits to a follower what that one
// did not acknowledge, so a shorter log means that the disk lost it.
TEST(PitfallTest, MissingAcknowledgedEntriesAreAFault) {
  CoreHarness harness;
  harness.Add(1, LogOf(ConfigurationOf({1, 2, 3})));
  const Output output =
      harness.Receive(1, 2, 1, Heartbeat{LogIndex(7), ReadNumber(0)});
  ASSERT_TRUE(output.fault.has_value());
  EXPECT_EQ(output.fault->kind, FaultKind::kLogDivergence);
}

// 5: a second leader in a term is the end, not a line in the log (NuRaft 531).
TEST(PitfallTest, ASecondLeaderInATermIsAFault) {
  CoreHarness leader = CoreHarness::Cluster(3);
  leader.Elect(1);
  const Output at_leader = leader.Receive(1, 2, 2, Heartbeat{});
  ASSERT_TRUE(at_leader.fault.has_value());
  EXPECT_EQ(at_leader.fault->kind, FaultKind::kSecondLeaderInTerm);

  CoreHarness follower = CoreHarness::Cluster(3);
  follower.Elect(1);
  // Also when the first one's connection is lost meanwhile.
  follower.Step(3, PeerConnection{M(1), false});
  const Output at_follower = follower.Receive(3, 2, 2, Heartbeat{});
  ASSERT_TRUE(at_follower.fault.has_value());
  // Nothing more comes out.
  EXPECT_TRUE(follower.Receive(3, 1, 9, Heartbeat{}).sends.empty());
}

// 6: one change at a time; compare-and-swap; not before an own commit.
TEST(PitfallTest, ConfigurationChangesAreOneAtATime) {
  CoreHarness harness = CoreHarness::Cluster(3);
  EXPECT_EQ(ReasonOf(harness.Step(1, Change(1, {1, 2}))),
            RefusedReason::kNotLeader);
  harness.Elect(1);
  EXPECT_EQ(ReasonOf(harness.Step(1, Change(9, {1, 2, 3}, {4}))),
            RefusedReason::kConfigurationMoved);
  const Output illegal = harness.Step(1, Change(1, {1, 2, 3}));
  EXPECT_EQ(ReasonOf(illegal), RefusedReason::kIllegalConfiguration);
  EXPECT_EQ(illegal.refused[0].configuration_error,
            ConfigurationError::kNoChange);

  EXPECT_EQ(harness.Step(1, Change(1, {1, 2, 3}, {4})).accepted.size(), 1u);
  EXPECT_EQ(ReasonOf(harness.Step(1, Change(3, {1, 2, 3}, {4, 5}))),
            RefusedReason::kChangeInProgress);
  harness.Settle();
  // Learner 4 becomes a voter; 5 must wait, also in the joint configuration.
  EXPECT_EQ(harness.Step(1, Change(3, {1, 2, 3, 4})).accepted.size(), 1u);
  EXPECT_EQ(ReasonOf(harness.Step(1, Change(4, {1, 2, 3, 4, 5}))),
            RefusedReason::kChangeInProgress);
}

TEST(PitfallTest, NoConfigurationChangeBeforeACommitInTheOwnTerm) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.set_drop([](const Message& message) {
    return std::holds_alternative<AppendReply>(message.body);
  });
  harness.Elect(1);
  ASSERT_EQ(harness.core(1).role(), Role::kLeader);
  EXPECT_EQ(ReasonOf(harness.Step(1, Change(1, {1, 2}))),
            RefusedReason::kTermNotCommitted);
}

// 7: truncation brings back the configuration before (Scylla 5550f1766f).
TEST(PitfallTest, TruncationRestoresTheConfiguration) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Isolate(1);
  harness.Step(1, Change(1, {1, 2, 3}, {4}));
  EXPECT_TRUE(harness.core(1).Describe().configuration.Contains(M(4)));
  harness.Advance(2 * kDefaults.election_timeout);
  harness.Elect(2);
  ASSERT_EQ(harness.core(2).role(), Role::kLeader);
  harness.Heal();
  harness.Take(1);
  harness.Advance(4 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.core(1).Describe().configuration,
            ConfigurationOf({1, 2, 3}));
  EXPECT_EQ(harness.core(1).Describe().configuration_index, LogIndex(1));
  EXPECT_EQ(harness.Take(1).configuration, ConfigurationOf({1, 2, 3}));
}

// 7: a snapshot carries the configuration in force at its index, never a later
// one (openraft 1808), and nothing uncommitted.
TEST(PitfallTest, SnapshotsCarryTheConfigurationOfTheirIndex) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  const LogIndex before = harness.Propose(1, "x");
  harness.Settle();
  harness.Step(1, Change(1, {1, 2, 3}, {4}));
  const LogIndex appended = harness.core(1).log().last_index();
  EXPECT_EQ(harness.core(1).DescribeSnapshot(appended), std::nullopt);
  EXPECT_EQ(harness.core(1).DescribeSnapshot(before)->configuration,
            ConfigurationOf({1, 2, 3}));
  harness.Settle();
  EXPECT_EQ(harness.core(1).DescribeSnapshot(appended)->configuration,
            ConfigurationOf({1, 2, 3}, {4}));
  EXPECT_EQ(harness.core(1).DescribeSnapshot(before)->configuration_index,
            LogIndex(1));
}

// 9: both sides of a joint configuration confirm reads (Scylla f72528c759).
TEST(PitfallTest, ReadsInAJointConfigurationNeedBothMajorities) {
  CoreHarness harness = CoreHarness::Cluster(3);
  for (uint64_t n = 4; n <= 5; ++n) harness.Add(n, Recovered());
  harness.Elect(1);
  // Nobody of the outgoing side answers, except the leader itself.
  harness.set_drop([](const Message& message) {
    return message.header.from == M(2) || message.header.from == M(3);
  });
  harness.Step(1, Change(1, {1, 4, 5}));
  harness.Settle();
  harness.Take(1);
  harness.Step(1, ReadRequest{RequestId(1)});
  harness.Settle();
  EXPECT_TRUE(harness.Take(1).reads.empty());
  harness.Heal();
  harness.Advance(2 * kDefaults.heartbeat_interval);
  EXPECT_EQ(harness.Take(1).reads.size(), 1u);
}

// 10: an accepted proposal is never reported as failed because leadership is
// lost: nothing is said until the log decides.
TEST(PitfallTest, AcceptedProposalsAreNotRefusedLater) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Isolate(1);
  ASSERT_NE(harness.Propose(1, "x"), LogIndex(0));
  harness.Take(1);
  harness.Advance(3 * kDefaults.election_timeout);
  EXPECT_NE(harness.core(1).role(), Role::kLeader);
  EXPECT_TRUE(harness.Take(1).refused.empty());
}

// 12: the log in memory is the old one until the snapshot is durable, and
// stays so when that fails; meanwhile nothing is appended.
TEST(PitfallTest, AFailedInstallChangesNothing) {
  CoreHarness harness;
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  harness.Add(1, LogOf(configuration, {1}));
  SnapshotMetadata metadata;
  metadata.index = LogIndex(50);
  metadata.term = Term(3);
  metadata.configuration = configuration;
  harness.Receive(1, 2, 3, SnapshotChunk{metadata, 0, Payload("all"), true});
  const Output output = harness.Step(1, SnapshotProgress{metadata, 3});
  ASSERT_TRUE(output.install_snapshot.has_value());

  const std::vector<Entry> entries = EntriesOf(configuration, {1, 3});
  Append append;
  append.previous = {LogIndex(2), Term(1)};
  append.previous_chain = entries[1].chain;
  append.entries = {entries[2]};
  EXPECT_FALSE(harness.Receive(1, 2, 3, append).persist.has_value());
  harness.ExpireTimer(1);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);

  harness.Receive(1, 2, 3, Heartbeat{});
  harness.queue().clear();
  harness.Step(1, SnapshotInstalled{metadata, false});
  EXPECT_EQ(harness.core(1).log().last_index(), LogIndex(2));
  const auto replies = harness.Queued<SnapshotReply>(1);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_FALSE(replies[0].installed);
  EXPECT_EQ(replies[0].next_offset, 0u);
}

// Found by the simulator (seed 13617): appends overtook a transfer, and the
// install then dropped entries that were already acknowledged.
TEST(PitfallTest, ASnapshotDoesNotReplaceALogThatHoldsIt) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  const std::vector<Entry> entries = EntriesOf(configuration, {1, 1, 1});
  CoreHarness harness;
  harness.Add(1, LogOf(configuration));
  SnapshotMetadata metadata;
  metadata.index = LogIndex(3);
  metadata.term = Term(1);
  metadata.chain = entries[2].chain;
  metadata.configuration = configuration;
  harness.Receive(1, 2, 1, SnapshotChunk{metadata, 0, Payload("all"), true});
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = entries[0].chain;
  append.entries = {entries[1], entries[2], entries[3]};
  harness.Receive(1, 2, 1, append);
  harness.queue().clear();
  const Output output = harness.Step(1, SnapshotProgress{metadata, 3});
  EXPECT_FALSE(output.install_snapshot.has_value());
  EXPECT_EQ(harness.core(1).log().last_index(), LogIndex(4));
  const auto replies = harness.Queued<SnapshotReply>(1);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_TRUE(replies[0].installed);
}

// 13: a transfer of an earlier term does not go on in the next one by itself
// (Scylla 9dad68e58d); the same snapshot under the new leader resumes.
TEST(PitfallTest, ATransferBelongsToItsTermButItsBytesRemain) {
  CoreHarness harness;
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  harness.Add(1, LogOf(configuration, {1}));
  SnapshotMetadata metadata;
  metadata.index = LogIndex(50);
  metadata.term = Term(3);
  metadata.configuration = configuration;
  harness.Receive(1, 2, 3, SnapshotChunk{metadata, 0, Payload("abc"), false});
  harness.Receive(1, 3, 4, Heartbeat{});
  harness.queue().clear();
  harness.Step(1, SnapshotProgress{metadata, 3});
  EXPECT_TRUE(harness.Queued<SnapshotReply>(1).empty());
  harness.Receive(1, 3, 4, SnapshotChunk{metadata, 0, Payload("abc"), false});
  harness.Step(1, SnapshotProgress{metadata, 3});
  const auto replies = harness.Queued<SnapshotReply>(1);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].next_offset, 3u);
}

// 17: every message is for one cluster, one member, one data directory.
TEST(PitfallTest, StrangersAreRejected) {
  CoreHarness harness;
  Configuration configuration = ConfigurationOf({1, 2, 3});
  configuration.incarnations = {{M(2), Incarnation(102)}};
  harness.Add(1, LogOf(configuration));
  const auto reason = [&](auto change) {
    Message message = MessageTo(1, 2, 9, Heartbeat{});
    change(message.header);
    const Output output = harness.Step(1, Received{message});
    EXPECT_TRUE(output.sends.empty());
    EXPECT_EQ(output.rejected.size(), 1u);
    return output.rejected.at(0).reason;
  };
  EXPECT_EQ(reason([](Header& h) { h.cluster = ClusterId(0, 1); }),
            RejectedReason::kOtherCluster);
  EXPECT_EQ(reason([](Header& h) { h.to = M(3); }),
            RejectedReason::kNotForThisMember);
  EXPECT_EQ(reason([](Header& h) { h.from = M(1); }),
            RejectedReason::kNotForThisMember);
  EXPECT_EQ(reason([](Header& h) { h.incarnation = Incarnation(5); }),
            RejectedReason::kOtherIncarnation);
  EXPECT_EQ(harness.core(1).hard_state().term, Term(1));
}

// 17: a removed id is refused once its removal is committed, for good.
TEST(PitfallTest, RemovedMembersAreRejected) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Step(1, Change(1, {1, 2}));
  harness.Advance(3 * kDefaults.heartbeat_interval);
  ASSERT_TRUE(harness.core(2).Describe().configuration_committed);
  for (const uint64_t n : std::vector<uint64_t>{1, 2}) {
    const Output output =
        harness.Receive(n, 3, 9, Ask(VotePhase::kVote, 9, 99, 9));
    ASSERT_EQ(output.rejected.size(), 1u);
    EXPECT_EQ(output.rejected[0].reason, RejectedReason::kRemovedMember);
  }
  const uint64_t index = harness.core(1).Describe().configuration_index.value();
  const Output back = harness.Step(1, Change(index, {1, 2, 3}));
  EXPECT_EQ(ReasonOf(back), RefusedReason::kIllegalConfiguration);
}

// 18: a member that is being removed campaigns until that is committed, for
// its log may be the only one long enough (thesis 4.2.2).
TEST(PitfallTest, ALeavingMemberCanStillWin) {
  const Configuration before = ConfigurationOf({1, 2});
  Configuration joint = ConfigurationOf({3});
  joint.outgoing = Ids({1, 2});
  const Configuration after = LeaveJoint(joint);
  Recovered longest = LogOf(before);
  for (const Configuration& next : {joint, after}) {
    Entry entry = longest.entries.back();
    entry.index = entry.index.Next();
    entry.payload = Payload(EncodeConfiguration(next));
    entry.chain = ChainOf(longest.entries.back().chain, entry);
    longest.entries.push_back(entry);
  }
  Recovered shorter = longest;
  shorter.entries.pop_back();
  CoreHarness harness;
  harness.Add(1, longest);  // not a voter in its own latest configuration
  harness.Add(2, shorter);
  harness.Add(3, shorter);
  harness.Elect(1);
  harness.Advance(5 * kDefaults.election_timeout);
  EXPECT_EQ(harness.core(3).role(), Role::kLeader);
  EXPECT_EQ(harness.core(3).Describe().configuration, after);
}

// 20: messages, windows and queues are bounded.
TEST(PitfallTest, EverythingIsBounded) {
  Options options;
  options.max_entries_per_message = 3;
  options.max_inflight_messages = 2;
  options.max_payload_bytes = 100;
  options.max_uncommitted_bytes = 2'000;
  options.max_pending_reads = 2;
  CoreHarness harness = CoreHarness::Cluster(3, options);
  harness.Elect(1);
  harness.Isolate(3);
  harness.set_drop(
      [](const Message& message) { return message.header.from != M(1); });
  Propose propose;
  for (uint64_t i = 0; i < 100; ++i) {
    propose.proposals.push_back({RequestId(i), Payload(std::string(50, 'x'))});
  }
  propose.proposals.push_back({RequestId(100), Payload(std::string(101, 'x'))});
  const Output output = harness.Step(1, propose);
  EXPECT_GT(output.accepted.size(), 10u);
  EXPECT_LT(output.accepted.size(), 30u);
  EXPECT_EQ(output.refused.front().reason, RefusedReason::kOverloaded);
  EXPECT_EQ(output.refused.back().reason, RefusedReason::kTooLarge);
  size_t to_two = 0;
  for (const Send& send : output.sends) {
    const auto* append = std::get_if<Append>(&send.message.body);
    ASSERT_NE(append, nullptr);
    EXPECT_LE(append->entries.size(), 3u);
    to_two += send.message.header.to == M(2) ? 1 : 0;
  }
  EXPECT_EQ(to_two, 2u);
  harness.Step(1, ReadRequest{RequestId(1)});
  harness.Step(1, ReadRequest{RequestId(2)});
  EXPECT_EQ(ReasonOf(harness.Step(1, ReadRequest{RequestId(3)})),
            RefusedReason::kOverloaded);
}

// 21 and its opposite: what promises durability waits for its token.
TEST(PitfallTest, PromisesWaitForTheirToken) {
  CoreHarness harness;
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  harness.Add(1, LogOf(configuration));
  harness.set_manual_disk(true);
  const Output vote = harness.Receive(1, 2, 5, Ask(VotePhase::kVote, 5, 9, 4));
  ASSERT_EQ(vote.sends.size(), 1u);
  EXPECT_EQ(vote.sends[0].after, vote.persist->token);

  const std::vector<Entry> entries = EntriesOf(configuration, {5});
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = entries[0].chain;
  append.entries = {entries[1]};
  const Output first = harness.Receive(1, 2, 5, append);
  ASSERT_EQ(first.sends.size(), 1u);
  EXPECT_EQ(first.sends[0].after, first.persist->token);
  // The same entries again, still not durable: no earlier acknowledgement.
  const Output again = harness.Receive(1, 2, 5, append);
  EXPECT_FALSE(again.persist.has_value());
  EXPECT_EQ(again.sends.at(0).after, first.persist->token);
  harness.Sync(1);
  EXPECT_EQ(harness.Receive(1, 2, 5, append).sends.at(0).after,
            StorageToken(0));
}

TEST(PitfallTest, ACandidateAsksOnlyOnceItsOwnVoteIsDurable) {
  CoreHarness harness;
  harness.Add(1, LogOf(ConfigurationOf({1, 2})));
  harness.ExpireTimer(1);
  const uint64_t round = harness.Queued<VoteRequest>(1).at(0).round;
  harness.queue().clear();
  harness.set_manual_disk(true);
  harness.Receive(1, 2, 1,
                  VoteReply{VotePhase::kPreVote, round, Term(2), true});
  EXPECT_TRUE(harness.Queued<VoteRequest>(1).empty());
  harness.Receive(1, 2, 2,
                  VoteReply{VotePhase::kVote, round + 1, Term(2), true});
  EXPECT_EQ(harness.core(1).role(), Role::kCandidate) << "own vote can be lost";
  harness.Sync(1);
  EXPECT_EQ(harness.core(1).role(), Role::kLeader);
}

// 22: a process that was stopped does not campaign the moment it runs again.
TEST(PitfallTest, APauseIsForgivenOnce) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  RaftCore& core = harness.core(2);
  const Time late = core.NextWakeup() + 10 * kDefaults.election_timeout;
  core.Step(late, Tick{});
  EXPECT_EQ(core.role(), Role::kFollower);
  core.Step(late + 2 * kDefaults.heartbeat_interval, Tick{});
  EXPECT_EQ(core.role(), Role::kPreCandidate);
}

// 24, and 5a.7: leadership moves without waiting for a timeout, and a lost
// connection to the leader starts a pre-vote at once.
TEST(PitfallTest, HandOverNeedsNoTimeout) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.set_manual_disk(false);
  harness.Propose(1, "x");
  harness.Step(1, Transfer{RequestId(9), M(3)});
  EXPECT_EQ(ReasonOf(harness.Step(
                1, Propose{{Proposal{RequestId(2), Payload("y")}}})),
            RefusedReason::kTransferring);
  harness.Settle();
  EXPECT_EQ(harness.core(3).role(), Role::kLeader);
  EXPECT_EQ(harness.core(1).Describe().leader, M(3));
}

TEST(PitfallTest, AFailedHandOverIsGivenUp) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.set_drop([](const Message& message) {
    return std::holds_alternative<TimeoutNow>(message.body);
  });
  EXPECT_EQ(ReasonOf(harness.Step(1, Transfer{RequestId(8), M(7)})),
            RefusedReason::kNotAVoter);
  harness.Step(1, Transfer{RequestId(9), M(3)});
  harness.Take(1);
  harness.Advance(kDefaults.transfer_timeout + kDefaults.heartbeat_interval);
  EXPECT_EQ(ReasonOf(harness.Take(1)), RefusedReason::kTransferFailed);
  EXPECT_NE(harness.Propose(1, "y"), LogIndex(0));
}

// 26: the same inputs give the same outputs; nothing hidden decides.
TEST(PitfallTest, EqualInputsEqualCores) {
  const auto run = [] {
    CoreHarness harness = CoreHarness::Cluster(5);
    harness.Elect(2);
    harness.Propose(2, "x");
    harness.Isolate(2);
    harness.Advance(10 * kDefaults.election_timeout);
    harness.Heal();
    harness.Advance(10 * kDefaults.election_timeout);
    return harness;
  };
  CoreHarness a = run();
  CoreHarness b = run();
  for (uint64_t n = 1; n <= 5; ++n) EXPECT_TRUE(a.core(n) == b.core(n)) << n;
}

// The node's mistakes are not passed on.
TEST(PitfallTest, ImpossibleInputsAreFaults) {
  const std::vector<Input> inputs = {
      Stored{StorageToken(9)}, Applied{LogIndex(9)}, Checkpointed{LogIndex(9)},
      SnapshotInstalled{SnapshotMetadata(), true}};
  for (const Input& input : inputs) {
    CoreHarness harness = CoreHarness::Cluster(1);
    const Output output = harness.core(1).Step(Time(2'000'000), input);
    ASSERT_TRUE(output.fault.has_value());
    EXPECT_EQ(output.fault->kind, FaultKind::kContractViolation);
  }
  Recovered broken = LogOf(ConfigurationOf({1}), {1, 1});
  broken.entries[1].payload = Payload("changed");
  RaftCore core(IdentityOf(1), Options(), broken, 1, Time(0));
  EXPECT_EQ(core.Step(Time(0), Tick{}).fault->kind, FaultKind::kCorruptEntry);
}

// A broken chain in a message is refused before it reaches the log.
TEST(PitfallTest, DamagedEntriesAreRejected) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  CoreHarness harness;
  harness.Add(1, LogOf(configuration));
  std::vector<Entry> entries = EntriesOf(configuration, {3});
  Append append;
  append.previous = {LogIndex(1), Term(1)};
  append.previous_chain = entries[0].chain;
  append.entries = {entries[1]};
  append.entries[0].payload = Payload("damaged");
  const Output output = harness.Receive(1, 2, 3, append);
  ASSERT_EQ(output.rejected.size(), 1u);
  EXPECT_EQ(output.rejected[0].reason, RejectedReason::kMalformedMessage);
  EXPECT_EQ(harness.core(1).log().last_index(), LogIndex(1));
  append.previous_chain = ChainHash(1);
  EXPECT_EQ(harness.Receive(1, 2, 3, append).fault->kind,
            FaultKind::kLogDivergence);
}

}  // namespace
}  // namespace microovn::raft
