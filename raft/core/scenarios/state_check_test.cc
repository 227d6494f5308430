// SPDX-License-Identifier: Apache-2.0
// The comparison of states: who is right, who stops, who says so
// (state_check.cc, raft.md 5a.9).
#include <optional>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "gtest/gtest.h"
#include "raft/core/integrity/state_verdict.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

constexpr Options kDefaults{};

struct Case {
  const char* name;
  std::vector<uint64_t> voters;
  std::vector<uint64_t> outgoing;
  // "2:a 3:b": member 2 says a, member 3 says b. Member 1 leads.
  std::vector<std::pair<uint64_t, const char*>> votes;
  std::optional<std::string> right;
};

TEST(RightHashTest, IsWhatHalfOfTheVotersHave) {
  const std::vector<Case> cases = {
      {"nobody spoke", {1, 2, 3}, {}, {}, std::nullopt},
      {"one of three", {1, 2, 3}, {}, {{1, "a"}}, std::nullopt},
      {"two that agree", {1, 2, 3}, {}, {{1, "a"}, {2, "a"}}, "a"},
      {"two of three that differ: the third decides",
       {1, 2, 3},
       {},
       {{1, "a"}, {2, "b"}},
       std::nullopt},
      {"the leader is alone",
       {1, 2, 3},
       {},
       {{1, "a"}, {2, "b"}, {3, "b"}},
       "b"},
      {"a member's second vote is not another member's",
       {1, 2, 3},
       {},
       {{1, "a"}, {2, "b"}, {2, "b"}},
       std::nullopt},
      {"two wrong of five are no majority of the known three",
       {1, 2, 3, 4, 5},
       {},
       {{1, "a"}, {2, "b"}, {3, "b"}},
       std::nullopt},
      {"learners have no say",
       {1, 2, 3},
       {},
       {{1, "a"}, {7, "b"}, {8, "b"}, {9, "b"}},
       std::nullopt},
      {"two voters that differ: the leader's",
       {1, 2},
       {},
       {{1, "a"}, {2, "b"}},
       "a"},
      {"two voters, one silent: in doubt the leader's",
       {1, 2},
       {},
       {{1, "a"}},
       "a"},
      {"who has no hash has no say",
       {1, 2, 3},
       {},
       {{1, "a"}, {2, ""}, {3, ""}},
       std::nullopt},
      {"four voters: two that agree cannot both be wrong",
       {1, 2, 3, 4},
       {},
       {{1, "a"}, {2, "b"}, {3, "b"}},
       "b"},
      {"four voters: one is not enough",
       {1, 2, 3, 4},
       {},
       {{1, "a"}, {2, "b"}},
       std::nullopt},
      {"all three differ: the leader's",
       {1, 2, 3},
       {},
       {{1, "a"}, {2, "b"}, {3, "c"}},
       "a"},
      {"halves: the leader's",
       {1, 2, 3, 4},
       {},
       {{1, "a"}, {2, "b"}, {3, "b"}, {4, "a"}},
       "a"},
      {"halves, and the leader does not know its own",
       {2, 3},
       {},
       {{2, "a"}, {3, "b"}},
       std::nullopt},
      {"nobody has a half and one is silent",
       {1, 2, 3, 4, 5},
       {},
       {{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}},
       std::nullopt},
      {"only one voter", {1}, {}, {{1, "a"}}, "a"},
      {"joint: both majorities",
       {1, 4, 5},
       {1, 2, 3},
       {{1, "a"}, {4, "a"}, {2, "b"}},
       std::nullopt},
      {"joint: both majorities agree",
       {1, 4, 5},
       {1, 2, 3},
       {{1, "a"}, {4, "a"}, {2, "a"}},
       "a"},
  };
  for (const Case& each : cases) {
    Configuration configuration = ConfigurationOf(each.voters);
    configuration.outgoing = Ids(each.outgoing);
    std::vector<StateVote> votes;
    for (const auto& [member, hash] : each.votes) {
      votes.push_back({M(member), hash});
    }
    EXPECT_EQ(RightHash(configuration, M(1), votes), each.right) << each.name;
  }
}

class StateCheckTest : public testing::Test {
 protected:
  // Member 1 leads, and everybody has applied entry 3.
  void Start(uint64_t voters) {
    harness_ = CoreHarness::Cluster(voters);
    harness_.Elect(1);
    harness_.Propose(1, "x");
    harness_.Advance(2 * kDefaults.heartbeat_interval);
    for (uint64_t n = 1; n <= voters; ++n) {
      ASSERT_EQ(harness_.core(n).applied(), LogIndex(3));
      harness_.Take(n);
    }
  }

  // The applier of `n` comes to speak of entry 3.
  void Mark(uint64_t n, const std::string& hash) {
    harness_.Step(n, Applied{LogIndex(3), {{LogIndex(3), hash}}});
  }

  // How many of its peers the leader `n` still asks.
  size_t AskedBy(uint64_t n) {
    const Leader& leader = *harness_.core(n).leader_state();
    return static_cast<size_t>(
        absl::c_count_if(leader.peers, [&leader](const Peer& peer) {
          return leader.comparison.Question(peer.id).has_value();
        }));
  }
  std::optional<Fault> FaultOf(uint64_t n) { return harness_.Take(n).fault; }

  void Pass() { harness_.Advance(3 * kDefaults.heartbeat_interval); }

  CoreHarness harness_;
};

TEST_F(StateCheckTest, EqualStatesPassAndTheQuestionEnds) {
  Start(3);
  for (uint64_t n = 1; n <= 3; ++n) Mark(n, "same");
  Pass();
  for (uint64_t n = 1; n <= 3; ++n) EXPECT_FALSE(FaultOf(n).has_value());
  EXPECT_EQ(AskedBy(1), 0u);
  harness_.set_drop([](const Message& message) {
    const auto* heartbeat = std::get_if<Heartbeat>(&message.body);
    if (heartbeat != nullptr) {
      EXPECT_EQ(heartbeat->mark, StateMark());
    }
    return false;
  });
  Pass();
}

TEST_F(StateCheckTest, AMemberThatDiffersStopsWithTheEvidence) {
  Start(3);
  Mark(1, "right");
  Mark(2, "wrong");
  Mark(3, "right");
  Pass();
  const auto fault = FaultOf(2);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, FaultKind::kStateDivergence);
  // "wrong" and "right" in hex.
  EXPECT_NE(fault->detail.find("77726f6e67"), std::string::npos);
  EXPECT_NE(fault->detail.find("7269676874"), std::string::npos);
  EXPECT_FALSE(FaultOf(1).has_value());
  EXPECT_FALSE(FaultOf(3).has_value());
}

TEST_F(StateCheckTest, ALeaderThatDiffersStopsAndAnotherLeads) {
  Start(3);
  Mark(1, "wrong");
  Mark(2, "right");
  Mark(3, "right");
  Pass();
  const auto fault = FaultOf(1);
  ASSERT_TRUE(fault.has_value());
  EXPECT_EQ(fault->kind, FaultKind::kStateDivergence);
  harness_.Advance(4 * kDefaults.election_timeout);
  EXPECT_TRUE(harness_.core(2).role() == Role::kLeader ||
              harness_.core(3).role() == Role::kLeader);
}

TEST_F(StateCheckTest, OfTwoVotersTheOneThatDoesNotLeadStops) {
  Start(2);
  Mark(1, "one");
  Mark(2, "other");
  Pass();
  EXPECT_FALSE(FaultOf(1).has_value());
  EXPECT_TRUE(FaultOf(2).has_value());
}

TEST_F(StateCheckTest, WhoIsAwayIsComparedWhenItIsBack) {
  Start(3);
  harness_.Isolate(3);
  Mark(1, "right");
  Mark(2, "right");
  Mark(3, "wrong");
  Pass();
  EXPECT_FALSE(FaultOf(3).has_value());
  harness_.Heal();
  Pass();
  EXPECT_TRUE(FaultOf(3).has_value());
}

TEST_F(StateCheckTest, ANewLeaderAsksAnew) {
  Start(3);
  harness_.Isolate(1);
  Mark(2, "right");
  Mark(3, "wrong");
  harness_.Elect(2);
  ASSERT_EQ(harness_.core(2).role(), Role::kLeader);
  harness_.Heal();
  Mark(1, "right");
  Pass();
  EXPECT_TRUE(FaultOf(3).has_value());
  EXPECT_FALSE(FaultOf(1).has_value());
}

// After a restart or a snapshot a member has no mark for what it applied
// before; it is not waited for.
TEST_F(StateCheckTest, WhoHasNoMarkTakesPartInTheNextComparison) {
  Start(3);
  Mark(1, "right");
  Mark(2, "right");
  Pass();
  ASSERT_EQ(AskedBy(1), 0u);
  EXPECT_FALSE(FaultOf(3).has_value());
  harness_.Propose(1, "y");
  harness_.Settle();
  for (const uint64_t n : {uint64_t{1}, uint64_t{2}}) {
    harness_.Step(n, Applied{LogIndex(4), {{LogIndex(4), "later"}}});
  }
  EXPECT_EQ(harness_.core(1).leader_state()->comparison.index(), LogIndex(4));
  harness_.Step(3, Applied{LogIndex(4), {{LogIndex(4), "wrong"}}});
  Pass();
  EXPECT_TRUE(FaultOf(3).has_value());
}

// It has lost the mark that differs, so it would be asked about it for ever.
TEST_F(StateCheckTest, WhoStartedAgainSinceItAnsweredTakesPartInTheNext) {
  Start(3);
  harness_.set_drop([](const Message& message) {  // nobody is told the verdict
    const auto* heartbeat = std::get_if<Heartbeat>(&message.body);
    return heartbeat != nullptr && !heartbeat->mark.hash.empty();
  });
  Mark(1, "right");
  Mark(2, "wrong");
  Mark(3, "right");
  harness_.Advance(2 * kDefaults.heartbeat_interval);
  harness_.Crash(2);
  harness_.Heal();
  Pass();
  ASSERT_FALSE(FaultOf(2).has_value());
  harness_.set_drop([](const Message& message) {
    const auto* heartbeat = std::get_if<Heartbeat>(&message.body);
    EXPECT_TRUE(heartbeat == nullptr || heartbeat->mark == StateMark());
    return false;
  });
  Pass();
}

// A comparison that one member held up may have been the last that a mark
// started.
TEST_F(StateCheckTest, TheNextComparisonNeedsNoNewEntry) {
  Start(5);
  harness_.Isolate(5);
  for (const uint64_t n : {1u, 2u, 3u, 4u}) Mark(n, "right");
  harness_.Propose(1, "y");
  harness_.Settle();
  for (const uint64_t n : {1u, 2u, 3u, 4u}) {
    const std::string hash = n == 2 ? "wrong" : "later";
    harness_.Step(n, Applied{LogIndex(4), {{LogIndex(4), hash}}});
  }
  ASSERT_EQ(harness_.core(1).leader_state()->comparison.index(), LogIndex(3))
      << "member 5 is asked first";
  harness_.Heal();
  Mark(5, "right");
  Pass();
  EXPECT_TRUE(FaultOf(2).has_value());
}

// Marks of a state that a snapshot replaced say nothing about the new one.
TEST_F(StateCheckTest, ASnapshotForgetsTheMarks) {
  Start(3);
  Mark(2, "wrong");
  SnapshotMetadata metadata;
  metadata.index = LogIndex(50);
  metadata.term = Term(2);
  metadata.configuration = ConfigurationOf({1, 2, 3});
  harness_.Receive(2, 1, 2, SnapshotChunk{metadata, 0, Payload("all"), true});
  harness_.Step(2, SnapshotProgress{metadata, 3});
  harness_.Step(2, SnapshotInstalled{metadata, true});
  Heartbeat heartbeat;
  heartbeat.mark = {LogIndex(3), "right"};
  EXPECT_FALSE(harness_.Receive(2, 1, 2, heartbeat).fault.has_value());
}

}  // namespace
}  // namespace microovn::raft
