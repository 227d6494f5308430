// SPDX-License-Identifier: Apache-2.0
#include "raft/core/core_archive.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto/random.h"
#include "gtest/gtest.h"
#include "raft/core/raft_core.h"
#include "raft/core/testing/core_harness.h"

namespace microovn::raft {
namespace {

// Something happens to a cluster of three.
void Disturb(CoreHarness& harness, SeededRandom& random, int round) {
  const uint64_t n = 1 + random.Uniform(3);
  switch (random.Uniform(12)) {
    case 0:
      harness.Isolate(n);
      break;
    case 1:
      harness.Heal();
      break;
    case 2:
      harness.Step(n, ReadRequest{RequestId(static_cast<uint64_t>(round))});
      break;
    case 3:
      harness.Step(n, Transfer{RequestId(static_cast<uint64_t>(round)), {}});
      break;
    case 4:
      harness.Step(n, SpaceChanged{random.Uniform(2) == 0});
      break;
    case 5:
      harness.Step(n, Checkpointed{harness.core(n).applied()});
      break;
    case 6: {
      ProposeConfiguration change;
      change.expected = harness.core(n).configurations().InForce().index;
      change.target.voters = Ids({1, 2, 3});
      change.target.learners = Ids({4 + random.Uniform(3)});
      change.target.incarnations = {{M(4), Incarnation(9)}};
      harness.Step(n, change);
      break;
    }
    case 7:
      harness.set_manual_disk(random.Uniform(2) == 0);
      break;
    default:
      harness.Step(n,
                   Propose{{{RequestId(static_cast<uint64_t>(round)),
                             Payload(std::string(random.Uniform(40), 'x'))}}});
  }
}

TEST(CoreArchiveTest, WhateverACoreIsInItComesBackAsItIs) {
  Options options;
  options.retained_entries = 4;
  options.snapshot_chunk_bytes = 100;
  std::set<Role> roles;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CoreHarness harness = CoreHarness::Cluster(3, options);
    SeededRandom random(seed);
    for (int round = 1; round < 200; ++round) {
      Disturb(harness, random, round);
      harness.Advance(10'000 * random.Uniform(20));
      for (uint64_t n = 1; n <= 3; ++n) {
        const RaftCore& core = harness.core(n);
        roles.insert(core.role());
        const auto copy = DecodeCore(EncodeCore(core));
        ASSERT_TRUE(copy.has_value());
        ASSERT_TRUE(*copy == core) << "seed " << seed << " round " << round;
      }
    }
  }
  EXPECT_EQ(roles.size(), 4u);
}

TEST(CoreArchiveTest, HalfACoreIsNone) {
  CoreHarness harness = CoreHarness::Cluster(3);
  harness.Elect(1);
  harness.Propose(1, "x");
  const std::string bytes = EncodeCore(harness.core(1));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeCore(bytes.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(DecodeCore(bytes + "x").has_value());
}

TEST(CoreArchiveTest, InputsComeBack) {
  const LogPosition position{LogIndex(10), Term(3)};
  SnapshotMetadata metadata;
  metadata.index = LogIndex(70);
  metadata.term = Term(3);
  metadata.chain = ChainHash(~uint64_t{0});
  metadata.configuration_index = LogIndex(60);
  metadata.configuration = ConfigurationOf({1, 2}, {3});
  const std::vector<MessageBody> bodies = {
      VoteRequest{VotePhase::kVote, 7, Term(5), position, true},
      VoteReply{VotePhase::kVote, 8, Term(6), true},
      Append{position, ChainHash(9), LogIndex(8), ReadNumber(2),
             EntriesOf(ConfigurationOf({1, 2, 3}), {2, 3})},
      AppendReply{true, LogIndex(12), position, ReadNumber(3), true},
      Heartbeat{LogIndex(4), ReadNumber(5), {LogIndex(9), "hash"}},
      HeartbeatReply{ReadNumber(6), true, {LogIndex(9), "hash"}, true},
      SnapshotChunk{metadata, 4096, Payload("chunk"), true},
      SnapshotReply{LogIndex(70), 8192, true, true},
      TimeoutNow{},
      ReadIndexRequest{77},
      ReadIndexReply{78, true, LogIndex(79)}};
  ASSERT_EQ(bodies.size(), std::variant_size_v<MessageBody>);
  for (const MessageBody& body : bodies) {
    const Message message = MessageTo(1, 2, 3, body);
    const auto input = DecodeInput(EncodeInput(Received{message}));
    ASSERT_TRUE(input.has_value());
    EXPECT_EQ(std::get<Received>(*input).message, message) << body.index();
  }
  const auto space = DecodeInput(EncodeInput(SpaceChanged{true}));
  ASSERT_TRUE(space.has_value());
  EXPECT_TRUE(std::get<SpaceChanged>(*space).read_only);
  EXPECT_FALSE(DecodeInput("").has_value());
  EXPECT_FALSE(DecodeInput(std::string(1, 100)).has_value());
}

}  // namespace
}  // namespace microovn::raft
