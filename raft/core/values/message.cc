// SPDX-License-Identifier: Apache-2.0
#include "raft/core/values/message.h"

#include "absl/algorithm/container.h"

namespace microovn::raft {
namespace {

bool IsInRange(const LogPosition& position) {
  return raft::IsInRange(position.index) && raft::IsInRange(position.term);
}

// One overload per body, so that a new body without one does not compile.
struct BodyRange {
  bool operator()(const VoteRequest& body) const {
    return raft::IsInRange(body.campaign_term) && IsInRange(body.last);
  }
  bool operator()(const VoteReply& body) const {
    return raft::IsInRange(body.campaign_term);
  }
  bool operator()(const Append& body) const {
    return IsInRange(body.previous) && raft::IsInRange(body.commit) &&
           absl::c_all_of(body.entries, [](const Entry& entry) {
             return raft::IsInRange(entry.index) && raft::IsInRange(entry.term);
           });
  }
  bool operator()(const AppendReply& body) const {
    return raft::IsInRange(body.index) && IsInRange(body.hint);
  }
  bool operator()(const Heartbeat& body) const {
    return raft::IsInRange(body.commit) && raft::IsInRange(body.mark.index);
  }
  bool operator()(const HeartbeatReply& body) const {
    return raft::IsInRange(body.mark.index);
  }
  bool operator()(const SnapshotChunk& body) const {
    return raft::IsInRange(body.snapshot.index) &&
           raft::IsInRange(body.snapshot.term) &&
           raft::IsInRange(body.snapshot.configuration_index);
  }
  bool operator()(const SnapshotReply& body) const {
    return raft::IsInRange(body.snapshot_index);
  }
  bool operator()(const TimeoutNow&) const { return true; }
  bool operator()(const ReadIndexRequest&) const { return true; }
  bool operator()(const ReadIndexReply& body) const {
    return raft::IsInRange(body.index);
  }
};

// As above.
struct BodySpeaker {
  Speaker operator()(const VoteRequest&) const { return Speaker::kVoter; }
  Speaker operator()(const VoteReply&) const { return Speaker::kVoter; }
  Speaker operator()(const Append&) const { return Speaker::kLeader; }
  Speaker operator()(const AppendReply&) const { return Speaker::kMember; }
  Speaker operator()(const Heartbeat&) const { return Speaker::kLeader; }
  Speaker operator()(const HeartbeatReply&) const { return Speaker::kMember; }
  Speaker operator()(const SnapshotChunk&) const { return Speaker::kLeader; }
  Speaker operator()(const SnapshotReply&) const { return Speaker::kMember; }
  Speaker operator()(const TimeoutNow&) const { return Speaker::kLeader; }
  Speaker operator()(const ReadIndexRequest&) const { return Speaker::kMember; }
  Speaker operator()(const ReadIndexReply&) const { return Speaker::kMember; }
};

}  // namespace

Speaker SpeakerOf(const MessageBody& body) {
  return std::visit(BodySpeaker(), body);
}

bool IsInRange(const Message& message) {
  return raft::IsInRange(message.header.term) &&
         std::visit(BodyRange(), message.body);
}

}  // namespace microovn::raft
