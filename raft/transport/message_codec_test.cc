// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/message_codec.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "microovn/internal/raft/v1/raft.pb.h"
#include "raft/core/values/entry.h"

namespace microovn::raft {
namespace {

SnapshotMetadata SomeMetadata() {
  SnapshotMetadata metadata;
  metadata.index = LogIndex(70);
  metadata.term = Term(3);
  metadata.chain = ChainHash(0xfedcba9876543210);
  metadata.configuration_index = LogIndex(60);
  metadata.configuration.voters = {MemberId(1, 2), MemberId(3, 4)};
  metadata.configuration.learners = {MemberId(5, 6)};
  return metadata;
}

std::vector<Entry> SomeEntries() {
  std::vector<Entry> entries(3);
  for (size_t i = 0; i < entries.size(); ++i) {
    entries[i].index = LogIndex(11 + i);
    entries[i].term = Term(4);
    entries[i].kind = static_cast<EntryKind>(i + 1);
    entries[i].chain = ChainHash(1000 + i);
    entries[i].payload = Payload(std::string(i * 10, '\0'));
  }
  return entries;
}

// One of each body, with every field set.
std::vector<Message> SomeMessages() {
  const LogPosition position{LogIndex(10), Term(3)};
  const std::vector<MessageBody> bodies = {
      VoteRequest{VotePhase::kPreVote, 7, Term(5), position, true},
      VoteReply{VotePhase::kVote, 8, Term(6), true},
      Append{position, ChainHash(9), LogIndex(8), ReadNumber(2), SomeEntries()},
      Append{},
      AppendReply{true, LogIndex(12), position, ReadNumber(3), true},
      Heartbeat{LogIndex(4), ReadNumber(5), {LogIndex(9), "hash"}},
      Heartbeat{},
      HeartbeatReply{ReadNumber(6), true, {LogIndex(9), "hash"}, true},
      SnapshotChunk{SomeMetadata(), 4096, Payload("chunk"), true},
      SnapshotReply{LogIndex(70), 8192, true, true},
      TimeoutNow{},
      ReadIndexRequest{77},
      ReadIndexReply{78, true, LogIndex(79)}};
  std::vector<Message> messages;
  for (const MessageBody& body : bodies) {
    messages.push_back({{ClusterId(1, 2), MemberId(3, 4), MemberId(5, 6),
                         Incarnation(7), Term(8)},
                        body});
  }
  return messages;
}

TEST(MessageCodecTest, EveryBodyIsCovered) {
  std::vector<bool> seen(std::variant_size_v<MessageBody>);
  for (const Message& message : SomeMessages()) {
    seen[message.body.index()] = true;
  }
  for (size_t i = 0; i < seen.size(); ++i) EXPECT_TRUE(seen[i]) << i;
}

TEST(MessageCodecTest, EveryBodyRoundTripsOverTheWire) {
  for (const Message& message : SomeMessages()) {
    proto::Message wire;
    ASSERT_TRUE(
        wire.ParseFromString(EncodeMessage(message).SerializeAsString()));
    EXPECT_THAT(DecodeMessage(wire), IsOkAndHolds(message))
        << message.body.index();
  }
}

TEST(MessageCodecTest, MalformedMessagesAreRefused) {
  const proto::Message good = EncodeMessage(SomeMessages()[2]);
  const proto::Message vote = EncodeMessage(SomeMessages()[0]);
  const proto::Message chunk = EncodeMessage(SomeMessages()[8]);
  std::vector<proto::Message> bad(10, good);
  bad[0].set_cluster_id("short");
  bad[1].set_from("");
  bad[2].set_to(std::string(16, '\0'));
  bad[3].clear_append();
  bad[4].mutable_append()->mutable_entries(0)->set_kind(
      proto::ENTRY_KIND_UNSPECIFIED);
  bad[5].mutable_append()->mutable_previous()->set_index(~uint64_t{0} - 1);
  bad[6] = vote;
  bad[6].mutable_vote_request()->set_phase(static_cast<proto::VotePhase>(17));
  bad[7] = chunk;
  bad[7].mutable_snapshot_chunk()->set_bytes("other");
  bad[8] = chunk;
  bad[8].mutable_snapshot_chunk()->mutable_snapshot()->set_configuration("x");
  bad[9] = EncodeMessage(SomeMessages()[5]);
  bad[9].mutable_heartbeat()->mutable_mark()->set_hash(std::string(65, 'x'));
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_THAT(DecodeMessage(bad[i]),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << i;
  }
}

// Near the end of its range no term and no index is let in.
TEST(MessageCodecTest, NumbersOutOfRangeAreRefused) {
  for (const uint64_t number :
       {kGreatestNumber + 1, ~uint64_t{0} - 1, ~uint64_t{0}}) {
    std::vector<proto::Message> bad;
    for (const Message& message : SomeMessages()) {
      bad.push_back(EncodeMessage(message));
      bad.back().set_term(number);
    }
    bad.push_back(EncodeMessage(SomeMessages()[0]));
    bad.back().mutable_vote_request()->mutable_last()->set_index(number);
    bad.push_back(EncodeMessage(SomeMessages()[0]));
    bad.back().mutable_vote_request()->set_campaign_term(number);
    bad.push_back(EncodeMessage(SomeMessages()[2]));
    bad.back().mutable_append()->mutable_previous()->set_index(number);
    bad.push_back(EncodeMessage(SomeMessages()[2]));
    bad.back().mutable_append()->set_commit(number);
    bad.push_back(EncodeMessage(SomeMessages()[2]));
    bad.back().mutable_append()->mutable_entries(0)->set_term(number);
    bad.push_back(EncodeMessage(SomeMessages()[8]));
    bad.back().mutable_snapshot_chunk()->mutable_snapshot()->set_index(number);
    for (const proto::Message& message : bad) {
      EXPECT_THAT(DecodeMessage(message),
                  StatusIs(absl::StatusCode::kInvalidArgument))
          << message.ShortDebugString();
    }
  }
}

// testdata/messages-1.txt is what the first version sent for SomeMessages(), in
// hexadecimal digits. It is never made anew; every later version reads it.
TEST(MessageCodecTest, TheFirstFormatIsRead) {
  const auto fixture = ReadFile("raft/transport/testdata/messages-1.txt");
  ASSERT_OK(fixture);
  const std::vector<std::string> lines =
      absl::StrSplit(*fixture, '\n', absl::SkipEmpty());
  std::string sent;
  for (const Message& message : SomeMessages()) {
    sent += absl::BytesToHexString(EncodeMessage(message).SerializeAsString());
    sent += "\n";
  }
  ASSERT_EQ(lines.size(), SomeMessages().size()) << sent;
  for (size_t i = 0; i < lines.size(); ++i) {
    proto::Message wire;
    ASSERT_TRUE(wire.ParseFromString(absl::HexStringToBytes(lines[i])));
    EXPECT_THAT(DecodeMessage(wire), IsOkAndHolds(SomeMessages()[i])) << i;
  }
}

// Whatever a peer sends: an error or a message that encodes to the same again.
TEST(MessageCodecTest, ArbitraryDamageNeverGivesHalfAMessage) {
  SeededRandom random(1);
  for (const Message& message : SomeMessages()) {
    const std::string bytes = EncodeMessage(message).SerializeAsString();
    for (int round = 0; round < 500; ++round) {
      std::string damaged = bytes;
      damaged[random.Uniform(damaged.size())] =
          static_cast<char>(random.Uniform(256));
      damaged.resize(damaged.size() - random.Uniform(3));
      proto::Message wire;
      if (!wire.ParseFromString(damaged)) continue;
      const absl::StatusOr<Message> decoded = DecodeMessage(wire);
      if (!decoded.ok()) continue;
      EXPECT_THAT(DecodeMessage(EncodeMessage(*decoded)),
                  IsOkAndHolds(*decoded));
    }
  }
}

}  // namespace
}  // namespace microovn::raft
