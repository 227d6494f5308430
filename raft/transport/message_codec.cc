// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/message_codec.h"

#include <cstdint>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/crypto/digest.h"
#include "base/status/status_macros.h"
#include "microovn/internal/raft/v1/raft.pb.h"
#include "raft/core/values/configuration.h"
#include "raft/core/values/entry.h"

namespace microovn::raft {
namespace {

constexpr size_t kIdSize = 16;
// More than any core sends (options.h), so that limits can be raised one
// release before they are used.
constexpr int kMaxEntries = 16 * 1024;
// Room for a longer digest; the one in use has 32 bytes.
constexpr size_t kMaxHash = 64;

absl::Status Malformed(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("malformed Raft message: ", what));
}

void PutWord(uint64_t word, std::string* bytes) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(word >> shift & 0xff));
  }
}

uint64_t WordOf(absl::string_view bytes) {
  uint64_t word = 0;
  for (const char c : bytes) word = word << 8 | static_cast<unsigned char>(c);
  return word;
}

std::string ChecksumOf(uint64_t offset, absl::string_view bytes) {
  DigestBuilder digest;
  // With the offset: bytes of the right snapshot at the wrong place would pass
  // as well.
  digest.Add(offset);
  digest.Add(bytes);
  return digest.Finish();
}

void EncodePosition(const LogPosition& position, proto::LogPosition* out) {
  out->set_index(position.index.value());
  out->set_term(position.term.value());
}

LogPosition DecodePosition(const proto::LogPosition& position) {
  return {LogIndex(position.index()), Term(position.term())};
}

void EncodeMark(const StateMark& mark, proto::StateMark* out) {
  out->set_index(mark.index.value());
  out->set_hash(mark.hash);
}

absl::StatusOr<StateMark> DecodeMark(const proto::StateMark& mark) {
  if (mark.hash().size() > kMaxHash) return Malformed("hash of a state");
  return StateMark{LogIndex(mark.index()), mark.hash()};
}

absl::StatusOr<VotePhase> DecodePhase(proto::VotePhase phase) {
  switch (phase) {
    case proto::VOTE_PHASE_PRE_VOTE:
      return VotePhase::kPreVote;
    case proto::VOTE_PHASE_VOTE:
      return VotePhase::kVote;
    default:
      return Malformed("vote phase");
  }
}

absl::StatusOr<EntryKind> DecodeKind(proto::EntryKind kind) {
  switch (kind) {
    case proto::ENTRY_KIND_NOOP:
      return EntryKind::kNoop;
    case proto::ENTRY_KIND_COMMAND:
      return EntryKind::kCommand;
    case proto::ENTRY_KIND_CONFIGURATION:
      return EntryKind::kConfiguration;
    default:
      return Malformed("entry kind");
  }
}

// One overload per body; the variant's visitor picks it, so that a new body
// without one does not compile.
class BodyEncoder {
 public:
  // Enumerations are cast: the core's values are those of raft.proto.
  explicit BodyEncoder(proto::Message* out) : out_(*out) {}

  void operator()(const VoteRequest& body) const {
    proto::VoteRequest& out = *out_.mutable_vote_request();
    out.set_phase(static_cast<proto::VotePhase>(body.phase));
    out.set_round(body.round);
    out.set_campaign_term(body.campaign_term.value());
    EncodePosition(body.last, out.mutable_last());
    out.set_transfer(body.transfer);
  }

  void operator()(const VoteReply& body) const {
    proto::VoteReply& out = *out_.mutable_vote_reply();
    out.set_phase(static_cast<proto::VotePhase>(body.phase));
    out.set_round(body.round);
    out.set_campaign_term(body.campaign_term.value());
    out.set_granted(body.granted);
  }

  void operator()(const Append& body) const {
    proto::Append& out = *out_.mutable_append();
    EncodePosition(body.previous, out.mutable_previous());
    out.set_previous_chain(body.previous_chain.value());
    out.set_commit(body.commit.value());
    out.set_read_number(body.read_number.value());
    for (const Entry& entry : body.entries) {
      // Without its index: it follows from `previous`, and could only disagree.
      proto::Entry& to = *out.add_entries();
      to.set_term(entry.term.value());
      to.set_kind(static_cast<proto::EntryKind>(entry.kind));
      to.set_chain(entry.chain.value());
      to.set_payload(entry.payload.bytes().data(), entry.payload.size());
    }
  }

  void operator()(const AppendReply& body) const {
    proto::AppendReply& out = *out_.mutable_append_reply();
    out.set_accepted(body.accepted);
    out.set_index(body.index.value());
    EncodePosition(body.hint, out.mutable_hint());
    out.set_read_number(body.read_number.value());
    out.set_quarantined(body.quarantined);
  }

  void operator()(const Heartbeat& body) const {
    proto::Heartbeat& out = *out_.mutable_heartbeat();
    out.set_commit(body.commit.value());
    out.set_read_number(body.read_number.value());
    // Most heartbeats ask nothing; an absent mark is no bytes.
    if (body.mark != StateMark()) EncodeMark(body.mark, out.mutable_mark());
  }

  void operator()(const HeartbeatReply& body) const {
    proto::HeartbeatReply& out = *out_.mutable_heartbeat_reply();
    out.set_read_number(body.read_number.value());
    out.set_quarantined(body.quarantined);
    if (body.mark != StateMark()) EncodeMark(body.mark, out.mutable_mark());
    out.set_read_only(body.read_only);
  }

  void operator()(const SnapshotChunk& body) const {
    proto::SnapshotChunk& out = *out_.mutable_snapshot_chunk();
    proto::SnapshotMetadata& to = *out.mutable_snapshot();
    to.set_index(body.snapshot.index.value());
    to.set_term(body.snapshot.term.value());
    to.set_chain(body.snapshot.chain.value());
    to.set_configuration_index(body.snapshot.configuration_index.value());
    to.set_configuration(EncodeConfiguration(body.snapshot.configuration));
    out.set_offset(body.offset);
    out.set_bytes(body.bytes.bytes().data(), body.bytes.size());
    out.set_last(body.last);
    out.set_checksum(ChecksumOf(body.offset, body.bytes.bytes()));
  }

  void operator()(const SnapshotReply& body) const {
    proto::SnapshotReply& out = *out_.mutable_snapshot_reply();
    out.set_snapshot_index(body.snapshot_index.value());
    out.set_next_offset(body.next_offset);
    out.set_installed(body.installed);
    out.set_quarantined(body.quarantined);
  }

  void operator()(const TimeoutNow&) const { out_.mutable_timeout_now(); }

  void operator()(const ReadIndexRequest& body) const {
    out_.mutable_read_index_request()->set_sequence(body.sequence);
  }

  void operator()(const ReadIndexReply& body) const {
    proto::ReadIndexReply& out = *out_.mutable_read_index_reply();
    out.set_sequence(body.sequence);
    out.set_confirmed(body.confirmed);
    out.set_index(body.index.value());
  }

 private:
  proto::Message& out_;
};

absl::StatusOr<MessageBody> DecodeVoteRequest(const proto::VoteRequest& body) {
  VoteRequest out;
  ASSIGN_OR_RETURN(out.phase, DecodePhase(body.phase()));
  out.round = body.round();
  out.campaign_term = Term(body.campaign_term());
  out.last = DecodePosition(body.last());
  out.transfer = body.transfer();
  return out;
}

absl::StatusOr<MessageBody> DecodeVoteReply(const proto::VoteReply& body) {
  VoteReply out;
  ASSIGN_OR_RETURN(out.phase, DecodePhase(body.phase()));
  out.round = body.round();
  out.campaign_term = Term(body.campaign_term());
  out.granted = body.granted();
  return out;
}

absl::StatusOr<MessageBody> DecodeAppend(const proto::Append& body) {
  // Before anything is allocated for them.
  if (body.entries_size() > kMaxEntries) return Malformed("too many entries");
  Append out;
  out.previous = DecodePosition(body.previous());
  out.previous_chain = ChainHash(body.previous_chain());
  out.commit = LogIndex(body.commit());
  out.read_number = ReadNumber(body.read_number());
  out.entries.reserve(static_cast<size_t>(body.entries_size()));
  LogIndex index = out.previous.index;
  for (const proto::Entry& from : body.entries()) {
    Entry entry;
    // May wrap; IsInRange refuses the message for its `previous` then.
    index = index.Next();
    entry.index = index;
    entry.term = Term(from.term());
    ASSIGN_OR_RETURN(entry.kind, DecodeKind(from.kind()));
    entry.chain = ChainHash(from.chain());
    entry.payload = Payload(from.payload());
    out.entries.push_back(std::move(entry));
  }
  return out;
}

absl::StatusOr<MessageBody> DecodeAppendReply(const proto::AppendReply& body) {
  AppendReply out;
  out.accepted = body.accepted();
  out.index = LogIndex(body.index());
  out.hint = DecodePosition(body.hint());
  out.read_number = ReadNumber(body.read_number());
  out.quarantined = body.quarantined();
  return out;
}

absl::StatusOr<MessageBody> DecodeHeartbeat(const proto::Heartbeat& body) {
  Heartbeat out;
  out.commit = LogIndex(body.commit());
  out.read_number = ReadNumber(body.read_number());
  ASSIGN_OR_RETURN(out.mark, DecodeMark(body.mark()));
  return out;
}

absl::StatusOr<MessageBody> DecodeHeartbeatReply(
    const proto::HeartbeatReply& body) {
  HeartbeatReply out;
  out.read_number = ReadNumber(body.read_number());
  out.quarantined = body.quarantined();
  ASSIGN_OR_RETURN(out.mark, DecodeMark(body.mark()));
  out.read_only = body.read_only();
  return out;
}

absl::StatusOr<MessageBody> DecodeSnapshotChunk(
    const proto::SnapshotChunk& body) {
  std::optional<Configuration> configuration =
      DecodeConfiguration(body.snapshot().configuration());
  if (!configuration.has_value()) return Malformed("configuration");
  // TLS covers the way between two processes. This covers the memory of both,
  // and the disk that the bytes come from.
  if (body.checksum() != ChecksumOf(body.offset(), body.bytes())) {
    return Malformed("checksum of a snapshot chunk");
  }
  SnapshotChunk out;
  out.snapshot.index = LogIndex(body.snapshot().index());
  out.snapshot.term = Term(body.snapshot().term());
  out.snapshot.chain = ChainHash(body.snapshot().chain());
  out.snapshot.configuration_index =
      LogIndex(body.snapshot().configuration_index());
  out.snapshot.configuration = *std::move(configuration);
  out.offset = body.offset();
  out.bytes = Payload(body.bytes());
  out.last = body.last();
  return out;
}

absl::StatusOr<MessageBody> DecodeBody(const proto::Message& message) {
  switch (message.body_case()) {
    case proto::Message::kVoteRequest:
      return DecodeVoteRequest(message.vote_request());
    case proto::Message::kVoteReply:
      return DecodeVoteReply(message.vote_reply());
    case proto::Message::kAppend:
      return DecodeAppend(message.append());
    case proto::Message::kAppendReply:
      return DecodeAppendReply(message.append_reply());
    case proto::Message::kHeartbeat:
      return DecodeHeartbeat(message.heartbeat());
    case proto::Message::kHeartbeatReply:
      return DecodeHeartbeatReply(message.heartbeat_reply());
    case proto::Message::kSnapshotChunk:
      return DecodeSnapshotChunk(message.snapshot_chunk());
    case proto::Message::kSnapshotReply:
      return SnapshotReply{LogIndex(message.snapshot_reply().snapshot_index()),
                           message.snapshot_reply().next_offset(),
                           message.snapshot_reply().installed(),
                           message.snapshot_reply().quarantined()};
    case proto::Message::kTimeoutNow:
      return TimeoutNow();
    case proto::Message::kReadIndexRequest:
      return ReadIndexRequest{message.read_index_request().sequence()};
    case proto::Message::kReadIndexReply:
      return ReadIndexReply{message.read_index_reply().sequence(),
                            message.read_index_reply().confirmed(),
                            LogIndex(message.read_index_reply().index())};
    case proto::Message::BODY_NOT_SET:
      break;
  }
  // A message that a later version sends.
  return Malformed("unknown body");
}

}  // namespace

template <typename Id>
std::string EncodeId(Id id) {
  std::string bytes;
  bytes.reserve(kIdSize);
  PutWord(id.high(), &bytes);
  PutWord(id.low(), &bytes);
  return bytes;
}

template <typename Id>
std::optional<Id> DecodeId(absl::string_view bytes) {
  if (bytes.size() != kIdSize) return std::nullopt;
  const Id id(WordOf(bytes.substr(0, kIdSize / 2)),
              WordOf(bytes.substr(kIdSize / 2)));
  if (id.is_none()) return std::nullopt;
  return id;
}

template std::string EncodeId(MemberId);
template std::string EncodeId(ClusterId);
template std::optional<MemberId> DecodeId<MemberId>(absl::string_view);
template std::optional<ClusterId> DecodeId<ClusterId>(absl::string_view);

proto::Message EncodeMessage(const Message& message) {
  proto::Message out;
  out.set_cluster_id(EncodeId(message.header.cluster));
  out.set_from(EncodeId(message.header.from));
  out.set_to(EncodeId(message.header.to));
  out.set_incarnation(message.header.incarnation.value());
  out.set_term(message.header.term.value());
  std::visit(BodyEncoder(&out), message.body);
  return out;
}

absl::StatusOr<Message> DecodeMessage(const proto::Message& message) {
  // Whether they are the right ones is for the service, which knows the caller,
  // and for the core, which knows the configuration.
  const auto cluster = DecodeId<ClusterId>(message.cluster_id());
  const auto from = DecodeId<MemberId>(message.from());
  const auto to = DecodeId<MemberId>(message.to());
  if (!cluster.has_value() || !from.has_value() || !to.has_value()) {
    return Malformed("id");
  }
  Message out;
  out.header = {*cluster, *from, *to, Incarnation(message.incarnation()),
                Term(message.term())};
  ASSIGN_OR_RETURN(out.body, DecodeBody(message));
  // Last, and for all bodies in one place: nothing that is added to a number
  // inside may wrap (types.h).
  if (!IsInRange(out)) return Malformed("term or index out of range");
  return out;
}

}  // namespace microovn::raft
