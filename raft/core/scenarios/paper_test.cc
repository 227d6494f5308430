// SPDX-License-Identifier: Apache-2.0
// One test per claim of the Raft paper (extended version), figure 2 and
// sections 5 to 8, that a core alone can show.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

CoreHarness OneOf(const std::vector<uint64_t>& voters,
                  const std::vector<uint64_t>& terms = {},
                  Options options = Options()) {
  CoreHarness harness(options);
  harness.Add(1, LogOf(ConfigurationOf(voters), terms));
  return harness;
}

Append AppendBehind(LogIndex index, Term term, ChainHash chain,
                    std::vector<Entry> entries = {}, LogIndex commit = {}) {
  Append append;
  append.previous = {index, term};
  append.previous_chain = chain;
  append.entries = std::move(entries);
  append.commit = commit;
  return append;
}

// The part of a log with these terms behind `previous`.
Append AppendOf(const Configuration& configuration,
                const std::vector<uint64_t>& terms, uint64_t previous,
                uint64_t commit = 0) {
  std::vector<Entry> entries = EntriesOf(configuration, terms);
  const Entry before = entries[previous - 1];
  entries.erase(entries.begin(),
                entries.begin() + static_cast<std::ptrdiff_t>(previous));
  return AppendBehind(before.index, before.term, before.chain,
                      std::move(entries), LogIndex(commit));
}

template <typename Body>
std::vector<Body> Sent(const Output& output) {
  std::vector<Body> bodies;
  for (const Send& send : output.sends) {
    if (const auto* body = std::get_if<Body>(&send.message.body)) {
      bodies.push_back(*body);
    }
  }
  return bodies;
}

// 5.1: "If one server's current term is smaller than the other's, then it
// updates its current term to the larger value. If a candidate or leader
// discovers that its term is out of date, it immediately reverts to follower."
TEST(PaperTest, AnyRoleAdoptsALaterTerm) {
  for (const Role role : {Role::kFollower, Role::kPreCandidate,
                          Role::kCandidate, Role::kLeader}) {
    CoreHarness harness = CoreHarness::Cluster(3);
    if (role == Role::kLeader) {
      harness.Elect(1);
    } else if (role != Role::kFollower) {
      harness.ExpireTimer(1);
    }
    if (role == Role::kCandidate) {
      const auto asked = harness.Queued<VoteRequest>(1);
      harness.Receive(1, 2, 1,
                      VoteReply{VotePhase::kPreVote, asked[0].round,
                                asked[0].campaign_term, true});
    }
    ASSERT_EQ(harness.core(1).role(), role);
    harness.Receive(1, 2, 9, HeartbeatReply{});
    EXPECT_EQ(harness.core(1).role(), Role::kFollower);
    EXPECT_EQ(harness.core(1).hard_state(), (HardState{Term(9), MemberId()}));
  }
}

// 5.1: "If a server receives a request with a stale term number, it rejects".
TEST(PaperTest, StaleRequestsChangeNothingAndNameTheTerm) {
  CoreHarness harness = OneOf({1, 2, 3}, {4});
  const Output append =
      harness.Receive(1, 2, 3, AppendOf(ConfigurationOf({1, 2, 3}), {3, 3}, 1));
  EXPECT_EQ(harness.core(1).log().last(), (LogPosition{LogIndex(2), Term(4)}));
  ASSERT_EQ(append.sends.size(), 1u);
  EXPECT_EQ(append.sends[0].message.header.term, Term(4));
  VoteRequest request;
  request.phase = VotePhase::kVote;
  request.campaign_term = Term(3);
  request.last = {LogIndex(9), Term(3)};
  const auto replies = Sent<VoteReply>(harness.Receive(1, 2, 3, request));
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_FALSE(replies[0].granted);
}

// 5.2: "When servers start up, they begin as followers."
TEST(PaperTest, StartsAsFollower) {
  CoreHarness harness = OneOf({1, 2, 3});
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
}

// 5.2: "Leaders send periodic heartbeats ... to all followers".
TEST(PaperTest, LeaderSendsHeartbeats) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Take(1);
  harness.Advance(Options().heartbeat_interval);
  EXPECT_GE(Sent<Heartbeat>(harness.Take(1)).size(), 2u);
}

// 5.2: "To begin an election, a follower increments its current term and
// transitions to candidate state. It then votes for itself and issues
// RequestVote RPCs"; thesis 9.6: after a pre-vote that changes no term.
TEST(PaperTest, FollowerCampaignsAfterSilence) {
  CoreHarness harness = OneOf({1, 2, 3});
  harness.ExpireTimer(1);
  EXPECT_EQ(harness.core(1).role(), Role::kPreCandidate);
  EXPECT_EQ(harness.core(1).hard_state().term, Term(1));
  const auto asked = harness.Queued<VoteRequest>(1);
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].campaign_term, Term(2));
  harness.queue().clear();
  harness.Receive(
      1, 2, 1, VoteReply{VotePhase::kPreVote, asked[0].round, Term(2), true});
  EXPECT_EQ(harness.core(1).role(), Role::kCandidate);
  EXPECT_EQ(harness.core(1).hard_state(), (HardState{Term(2), M(1)}));
  EXPECT_EQ(harness.Queued<VoteRequest>(1).size(), 2u);
}

// 5.2: "A candidate wins an election if it receives votes from a majority".
TEST(PaperTest, WinsWithAMajorityOnly) {
  struct Case {
    uint64_t voters;
    uint64_t grants, refusals;
    Role want;
  };
  for (const Case& c :
       {Case{1, 0, 0, Role::kLeader}, Case{2, 0, 0, Role::kCandidate},
        Case{2, 1, 0, Role::kLeader}, Case{3, 1, 0, Role::kLeader},
        Case{3, 0, 1, Role::kCandidate}, Case{3, 0, 2, Role::kFollower},
        Case{4, 1, 0, Role::kCandidate}, Case{4, 2, 0, Role::kLeader},
        Case{5, 1, 2, Role::kCandidate}, Case{5, 2, 2, Role::kLeader},
        Case{5, 1, 3, Role::kFollower}}) {
    std::vector<uint64_t> voters;
    for (uint64_t n = 1; n <= c.voters; ++n) voters.push_back(n);
    CoreHarness harness = OneOf(voters);
    harness.ExpireTimer(1);
    for (const VotePhase phase : {VotePhase::kPreVote, VotePhase::kVote}) {
      const auto asked = harness.Queued<VoteRequest>(1);
      harness.queue().clear();
      const bool real = phase == VotePhase::kVote;
      const uint64_t grants = real ? c.grants : c.voters - 1;
      for (uint64_t n = 2; n <= c.voters && !asked.empty(); ++n) {
        const bool granted = n < 2 + grants;
        if (!granted && (!real || n >= 2 + grants + c.refusals)) break;
        harness.Receive(1, n, real ? 2 : 1,
                        VoteReply{phase, asked[0].round, Term(2), granted});
        // A majority of pre-votes has already moved on.
        if (!real && harness.core(1).role() == Role::kCandidate) break;
      }
    }
    EXPECT_EQ(harness.core(1).role(), c.want)
        << c.voters << " " << c.grants << " " << c.refusals;
  }
}

// 5.2: "Each server will vote for at most one candidate in a given term, on a
// first-come-first-served basis", and figure 2: votedFor survives a crash.
TEST(PaperTest, VotesOncePerTermAcrossACrash) {
  CoreHarness harness = OneOf({1, 2, 3});
  VoteRequest request;
  request.phase = VotePhase::kVote;
  request.campaign_term = Term(5);
  request.last = {LogIndex(9), Term(1)};
  const auto votes = [&](uint64_t candidate) {
    harness.Receive(1, candidate, 5, request);
    const auto replies = harness.Queued<VoteReply>(1);
    harness.queue().clear();
    return replies.at(0).granted;
  };
  EXPECT_TRUE(votes(2));
  EXPECT_FALSE(votes(3));
  EXPECT_TRUE(votes(2)) << "the same candidate, whose answer was lost";
  harness.Crash(1);
  EXPECT_FALSE(votes(3));
  EXPECT_TRUE(votes(2));
}

// 5.2: "While waiting for votes, a candidate may receive an AppendEntries RPC
// from another server claiming to be leader ... returns to follower state."
TEST(PaperTest, CandidateYieldsToTheLeaderOfItsTerm) {
  CoreHarness harness = OneOf({1, 2, 3});
  harness.ExpireTimer(1);
  harness.Receive(1, 2, 2, Heartbeat{});
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  EXPECT_EQ(harness.core(1).Describe().leader, M(2));
}

// 5.2: "election timeouts are chosen randomly from a fixed interval".
TEST(PaperTest, TimeoutsAreRandomWithinTheirInterval) {
  const Options options;
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const RaftCore core(IdentityOf(1), options,
                        LogOf(ConfigurationOf({1, 2, 3})), seed, Time(0));
    const uint64_t timeout = core.NextWakeup().value();
    EXPECT_GE(timeout, options.election_timeout);
    EXPECT_LT(timeout, 2 * options.election_timeout);
    seen.insert(timeout);
  }
  EXPECT_GT(seen.size(), 150u);
}

// 5.3: "The leader appends the command to its log as a new entry, then issues
// AppendEntries RPCs in parallel"; our leader does so before its own sync.
TEST(PaperTest, LeaderAppendsAndSendsAtOnce) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.set_manual_disk(true);
  const Output output =
      harness.Step(1, Propose{{Proposal{RequestId(7), Payload("x")}}});
  ASSERT_EQ(output.accepted.size(), 1u);
  EXPECT_EQ(output.accepted[0].term, Term(2));
  ASSERT_TRUE(output.persist.has_value());
  EXPECT_EQ(output.persist->entries.size(), 1u);
  ASSERT_EQ(Sent<Append>(output).size(), 2u);
  for (const Send& send : output.sends) {
    EXPECT_EQ(send.after, StorageToken(0));
  }
}

// 5.3: "A log entry is committed once the leader that created the entry has
// replicated it on a majority", its own disk counting as one of them.
TEST(PaperTest, CommitsOnAMajorityOfDisks) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.set_manual_disk(true);
  const LogIndex index = harness.Propose(1, "x");
  harness.queue().clear();
  const auto accept = [&](uint64_t from) {
    AppendReply reply;
    reply.accepted = true;
    reply.index = index;
    harness.Receive(1, from, 2, reply);
  };
  accept(2);
  EXPECT_LT(harness.core(1).commit(), index) << "not on its own disk yet";
  accept(2);
  EXPECT_LT(harness.core(1).commit(), index) << "the same answer again";
  accept(3);
  EXPECT_EQ(harness.core(1).commit(), index) << "two followers are a majority";
  EXPECT_LT(harness.core(1).applying(), index) << "its log could lose it";
  harness.Sync(1);
  EXPECT_EQ(harness.core(1).applying(), index);
}

// 5.3: "Once a follower learns that a log entry is committed, it applies the
// entry to its local state machine (in log order)."
TEST(PaperTest, FollowersLearnOfCommitmentAndApplyInOrder) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  for (const char* payload : {"a", "b", "c"}) harness.Propose(1, payload);
  harness.Settle();
  for (uint64_t n = 1; n <= 3; ++n) {
    EXPECT_EQ(harness.core(n).applied(), LogIndex(5)) << n;
  }
}

// Figure 2, AppendEntries: "Reply false if log doesn't contain an entry at
// prevLogIndex whose term matches prevLogTerm".
TEST(PaperTest, FollowerRefusesAGap) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  CoreHarness harness = OneOf({1, 2, 3}, {1, 2});
  struct Case {
    uint64_t index, term;
    bool want;
  };
  for (const Case& c :
       {Case{3, 2, true}, Case{2, 1, true}, Case{1, 1, true}, Case{4, 2, false},
        Case{3, 3, false}, Case{2, 2, false}}) {
    ChainHash chain;
    if (c.want) chain = harness.core(1).log().ChainAt(LogIndex(c.index));
    harness.Receive(1, 2, 3,
                    AppendBehind(LogIndex(c.index), Term(c.term), chain));
    const auto replies = harness.Queued<AppendReply>(1);
    harness.queue().clear();
    ASSERT_EQ(replies.size(), 1u) << c.index;
    EXPECT_EQ(replies[0].accepted, c.want) << c.index << " " << c.term;
    EXPECT_EQ(replies[0].index, LogIndex(c.index));
  }
}

// Figure 2: "If an existing entry conflicts with a new one (same index but
// different terms), delete the existing entry and all that follow it" and
// only then; "Append any new entries not already in the log".
TEST(PaperTest, FollowerReplacesOnlyConflicts) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  struct Case {
    std::vector<uint64_t> has;
    std::vector<uint64_t> leader;  // sends all of it behind index 1
    std::vector<uint64_t> want;
  };
  const std::vector<Case> cases = {
      {{1, 1}, {1, 1, 2}, {1, 1, 2}},
      {{1, 1, 1, 1}, {1, 1}, {1, 1, 1, 1}},  // an old message: no truncation
      {{1, 1, 1, 1}, {1, 1, 2}, {1, 1, 2}},
      {{1, 2, 2, 2}, {1, 3}, {1, 3}},
      {{}, {1, 2, 3}, {1, 2, 3}},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    CoreHarness harness = OneOf({1, 2, 3}, cases[i].has);
    harness.Receive(1, 2, 4, AppendOf(configuration, cases[i].leader, 1));
    const auto want = EntriesOf(configuration, cases[i].want);
    const EntryLog& log = harness.core(1).log();
    ASSERT_EQ(log.last_index(), LogIndex(want.size())) << i;
    EXPECT_EQ(log.last_chain(), want.back().chain) << i;
    EXPECT_EQ(log.durable(), log.last_index()) << i;
  }
}

// Figure 7: the leader brings every possible follower log to its own.
TEST(PaperTest, LeaderRepairsTheLogsOfFigureSeven) {
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  const std::vector<uint64_t> leader = {1, 1, 4, 4, 5, 5, 6, 6, 6};
  const std::vector<std::vector<uint64_t>> followers = {
      {1, 1, 4, 4, 5, 5, 6, 6},           // (a)
      {1, 1, 4},                          // (b)
      {1, 1, 4, 4, 5, 5, 6, 6, 6, 6},     // (c)
      {1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7},  // (d)
      {1, 1, 4, 4, 4, 4},                 // (e)
      {1, 1, 2, 2, 2, 3, 3, 3, 3, 3},     // (f)
      {},
  };
  for (size_t i = 0; i < followers.size(); ++i) {
    CoreHarness harness;
    Recovered first = LogOf(configuration, leader);
    first.hard_state.term = Term(8);
    harness.Add(1, first);
    harness.Add(2, LogOf(configuration, followers[i]));
    harness.Add(3, LogOf(configuration, {}));
    harness.Elect(1);
    ASSERT_EQ(harness.core(1).role(), Role::kLeader) << i;
    EXPECT_EQ(harness.core(2).log().last_chain(),
              harness.core(1).log().last_chain())
        << i;
    EXPECT_EQ(harness.core(2).log().last_index(), LogIndex(11)) << i;
  }
}

// 5.4.1: "the voter denies its vote if its own log is more up-to-date".
TEST(PaperTest, VotesOnlyForLogsAsUpToDate) {
  struct Case {
    std::vector<uint64_t> own;
    uint64_t index, term;
    bool want;
  };
  const std::vector<Case> cases = {
      {{1}, 2, 1, true},    {{1}, 1, 2, true},       {{1}, 3, 1, true},
      {{1}, 1, 1, false},   {{2}, 9, 1, false},      {{1, 2}, 2, 2, false},
      {{1, 2}, 3, 2, true}, {{1, 1, 1}, 2, 2, true},
  };
  for (const VotePhase phase : {VotePhase::kPreVote, VotePhase::kVote}) {
    for (size_t i = 0; i < cases.size(); ++i) {
      CoreHarness harness = OneOf({1, 2, 3}, cases[i].own);
      VoteRequest request;
      request.phase = phase;
      request.campaign_term = Term(5);
      request.last = {LogIndex(cases[i].index), Term(cases[i].term)};
      const bool real = phase == VotePhase::kVote;
      harness.Receive(1, 2, real ? 5 : 4, request);
      const auto replies = harness.Queued<VoteReply>(1);
      ASSERT_EQ(replies.size(), 1u) << i;
      EXPECT_EQ(replies[0].granted, cases[i].want) << i;
    }
  }
}

// 5.4.2, figure 8: "Raft never commits log entries from previous terms by
// counting replicas."
TEST(PaperTest, EntriesOfEarlierTermsCommitOnlyBehindOneOfItsOwn) {
  CoreHarness harness;
  const Configuration configuration = ConfigurationOf({1, 2, 3});
  harness.Add(1, LogOf(configuration, {2, 2}));
  harness.Add(2, LogOf(configuration, {2, 2}));
  harness.Add(3, LogOf(configuration));
  // The no-op of the new term (index 4) reaches nobody.
  harness.set_drop([](const Message& message) {
    const auto* append = std::get_if<Append>(&message.body);
    return append != nullptr && append->previous.index >= LogIndex(3);
  });
  harness.Elect(1);
  ASSERT_EQ(harness.core(1).role(), Role::kLeader);
  AppendReply reply;
  reply.accepted = true;
  reply.index = LogIndex(3);
  const uint64_t term = harness.core(1).hard_state().term.value();
  harness.Receive(1, 2, term, reply);
  EXPECT_EQ(harness.core(1).commit(), LogIndex(0));
  reply.index = LogIndex(4);
  harness.Receive(1, 2, term, reply);
  EXPECT_EQ(harness.core(1).commit(), LogIndex(4));
}

// 6: "each server ... uses the latest configuration in its log, regardless of
// whether the entry is committed"; both majorities decide; the leader leaves
// the joint configuration by itself; a removed leader steps down.
TEST(PaperTest, JointConsensusReplacesAllVoters) {
  CoreHarness harness = CoreHarness::Cluster(3);
  for (uint64_t n = 4; n <= 6; ++n) harness.Add(n, Recovered());
  harness.Elect(1);
  harness.Isolate(6);
  ProposeConfiguration propose;
  propose.expected = LogIndex(1);
  propose.target.voters = Ids({4, 5, 6});
  const Output begun = harness.Step(1, propose);
  ASSERT_EQ(begun.accepted.size(), 1u);
  ASSERT_TRUE(begun.configuration.has_value());
  EXPECT_TRUE(begun.configuration->is_joint()) << "in force once appended";
  EXPECT_EQ(harness.core(1).Describe().configuration_committed, false);
  harness.Advance(5 * Options().heartbeat_interval);
  EXPECT_EQ(harness.core(1).role(), Role::kFollower) << "removed itself";
  harness.Advance(4 * Options().election_timeout);
  const Status status = harness.core(4).Describe();
  EXPECT_FALSE(status.configuration.is_joint());
  EXPECT_EQ(status.configuration.voters, Ids({4, 5, 6}));
  EXPECT_EQ(status.configuration.removed, Ids({1, 2, 3}));
  EXPECT_TRUE(status.configuration_committed);
  EXPECT_TRUE(status.leader == M(4) || status.leader == M(5));
}

TEST(PaperTest, JointDecisionsNeedBothMajorities) {
  CoreHarness harness = CoreHarness::Cluster(3);
  for (uint64_t n = 4; n <= 6; ++n) harness.Add(n, Recovered());
  harness.Elect(1);
  // The new side gets nothing.
  harness.set_drop(
      [](const Message& message) { return message.header.to.low() >= 4; });
  ProposeConfiguration propose;
  propose.expected = LogIndex(1);
  propose.target.voters = Ids({4, 5, 6});
  harness.Step(1, propose);
  const LogIndex before = harness.core(1).commit();
  harness.Settle();
  EXPECT_EQ(harness.core(1).commit(), before);
  harness.Advance(2 * Options().election_timeout);
  EXPECT_NE(harness.core(1).role(), Role::kLeader) << "CheckQuorum is joint";
}

// Thesis 4.2.2: a leader that is removed steps down when that is committed. The
// successor that it bids to campaign hears of the commit first, and obeys.
TEST(PaperTest, ALeaderThatRemovesItselfHandsOver) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  ProposeConfiguration change;
  change.expected = LogIndex(1);
  change.target.voters = Ids({2, 3});
  harness.Step(1, change);
  harness.Settle();
  EXPECT_EQ(harness.core(1).role(), Role::kFollower);
  EXPECT_EQ(harness.core(2).role(), Role::kLeader) << "without a timeout";
  EXPECT_EQ(harness.core(3).Describe().leader, M(2));
}

// 8: "it needs to commit an entry from its term. Raft handles this by having
// each leader commit a blank no-op entry".
TEST(PaperTest, ALeaderOpensItsTermWithANoop) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(2);
  const Entry& entry = harness.core(2).log().At(LogIndex(2));
  EXPECT_EQ(entry.kind, EntryKind::kNoop);
  EXPECT_EQ(entry.term, Term(2));
  EXPECT_EQ(harness.core(2).commit(), LogIndex(2));
}

// 8: "a leader must check whether it has been deposed before processing a
// read-only request".
TEST(PaperTest, ReadsWaitForAQuorum) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  EXPECT_TRUE(harness.Step(1, ReadRequest{RequestId(5)}).reads.empty());
  harness.Take(1);
  harness.Settle();
  const Output output = harness.Take(1);
  ASSERT_EQ(output.reads.size(), 1u);
  EXPECT_EQ(output.reads[0].id, RequestId(5));
  EXPECT_EQ(output.reads[0].index, harness.core(1).commit());
}

// Thesis 3.10: the target gets all of the leader's log before it is bidden to
// campaign, or it could not win.
TEST(PaperTest, TheTransfereeGetsTheWholeLogFirst) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Isolate(3);
  harness.Propose(1, "x");
  harness.Settle();
  harness.Heal();
  const Output asked = harness.Step(1, Transfer{RequestId(9), M(3)});
  EXPECT_TRUE(Sent<TimeoutNow>(asked).empty());
  harness.Advance(4 * Options().heartbeat_interval);
  EXPECT_EQ(harness.core(3).role(), Role::kLeader);
}

// Figure 2, persistent state: updated "before responding to RPCs", so no
// message names a term that a crash would make its sender forget.
TEST(PaperTest, MessagesNameOnlyDurableTerms) {
  CoreHarness harness = OneOf({1, 2, 3});
  harness.set_manual_disk(true);
  const Output first = harness.Receive(1, 2, 5, Heartbeat{});
  ASSERT_TRUE(first.persist.has_value());
  EXPECT_EQ(first.sends.at(0).after, first.persist->token);
  const Output second = harness.Receive(1, 2, 5, Heartbeat{});
  EXPECT_EQ(second.sends.at(0).after, first.persist->token);
  harness.Sync(1);
  EXPECT_EQ(harness.Receive(1, 2, 5, Heartbeat{}).sends.at(0).after,
            StorageToken(0));
}

TEST(PaperTest, ACoreIsAValue) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  RaftCore copy = harness.core(1);
  EXPECT_TRUE(copy == harness.core(1));
  const Propose propose{{Proposal{RequestId(1), Payload("x")}}};
  copy.Step(Time(5'000'000), propose);
  EXPECT_FALSE(copy == harness.core(1));
  harness.core(1).Step(Time(5'000'000), propose);
  EXPECT_TRUE(copy == harness.core(1));
}

}  // namespace
}  // namespace microovn::raft
