// SPDX-License-Identifier: Apache-2.0
// Messages of peers: whatever the bytes, an error or a message that holds
// together, which goes over the wire and back unchanged.
#include "base/testing/fuzz_target.h"
#include "microovn/internal/raft/v1/raft.pb.h"
#include "raft/core/values/message.h"
#include "raft/transport/message_codec.h"

namespace microovn {
namespace {

raft::SnapshotMetadata SomeMetadata() {
  raft::SnapshotMetadata metadata;
  metadata.index = raft::LogIndex(9);
  metadata.term = raft::Term(2);
  metadata.configuration.voters = {raft::MemberId(1, 2)};
  metadata.configuration.learners = {raft::MemberId(3, 4)};
  metadata.configuration.incarnations = {
      {raft::MemberId(1, 2), raft::Incarnation(5)}};
  return metadata;
}

raft::Append SomeAppend() {
  raft::Append append;
  append.previous = {raft::LogIndex(7), raft::Term(2)};
  for (const raft::EntryKind kind :
       {raft::EntryKind::kNoop, raft::EntryKind::kCommand}) {
    raft::Entry entry;
    entry.index = raft::LogIndex(8 + append.entries.size());
    entry.term = raft::Term(2);
    entry.kind = kind;
    entry.payload = raft::Payload("command");
    append.entries.push_back(entry);
  }
  return append;
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  std::vector<std::string> seeds;
  for (const raft::MessageBody& body : std::vector<raft::MessageBody>{
           raft::VoteRequest{}, raft::VoteReply{}, SomeAppend(),
           raft::AppendReply{}, raft::Heartbeat{}, raft::HeartbeatReply{},
           raft::SnapshotChunk{SomeMetadata(), 10, raft::Payload("x"), true},
           raft::SnapshotReply{}, raft::TimeoutNow{}, raft::ReadIndexRequest{1},
           raft::ReadIndexReply{1, true, raft::LogIndex(2)}}) {
    raft::Message message;
    message.header = {raft::ClusterId(1, 2), raft::MemberId(3, 4),
                      raft::MemberId(5, 6), raft::Incarnation(7),
                      raft::Term(8)};
    message.body = body;
    seeds.push_back(raft::EncodeMessage(message).SerializeAsString());
  }
  return seeds;
}

void FuzzOne(absl::string_view input) {
  raft::proto::Message wire;
  if (!wire.ParseFromArray(input.data(), static_cast<int>(input.size()))) {
    return;
  }
  const absl::StatusOr<raft::Message> message = raft::DecodeMessage(wire);
  // Refused is fine; it is neither a crash nor half a message.
  if (!message.ok()) return;
  raft::proto::Message again;
  FuzzCheck(
      again.ParseFromString(raft::EncodeMessage(*message).SerializeAsString()),
      "what is encoded can be parsed");
  const absl::StatusOr<raft::Message> decoded = raft::DecodeMessage(again);
  FuzzCheck(decoded.ok() && *decoded == *message,
            "a message survives the wire");
}

}  // namespace microovn
