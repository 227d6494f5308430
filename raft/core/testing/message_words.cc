// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/message_words.h"

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "raft/core/testing/core_harness.h"
#include "raft/core/testing/value_words.h"

namespace microovn::raft {
namespace {

// Each says what follows the header; nothing about defaults.
class BodyWords {
 public:
  BodyWords(const Header& header, TraceNames& names)
      : header_(header), names_(names) {}

  void operator()(const VoteRequest& body) {
    Number("round", names_.rounds.Of(header_.from, body.round));
    Number("for", body.campaign_term.value());
    absl::StrAppend(&out_, " last=", Words(body.last));
    Flag("transfer", body.transfer);
  }
  void operator()(const VoteReply& body) {
    Number("round", names_.rounds.Of(header_.to, body.round));
    Number("for", body.campaign_term.value());
    absl::StrAppend(&out_, body.granted ? " granted" : " denied");
  }
  void operator()(const Append& body) {
    absl::StrAppend(&out_, " prev=", Words(body.previous));
    Number("commit", body.commit.value());
    Number("read", body.read_number.value());
    if (body.entries.empty()) return;
    absl::StrAppend(&out_, " [", Words(body.entries), "]");
  }
  void operator()(const AppendReply& body) {
    absl::StrAppend(
        &out_, body.accepted ? " accepted=" : " refused=", body.index.value());
    if (!body.accepted) absl::StrAppend(&out_, " hint=", Words(body.hint));
    Number("read", body.read_number.value());
    Flag("quarantined", body.quarantined);
  }
  void operator()(const Heartbeat& body) {
    Number("commit", body.commit.value());
    Number("read", body.read_number.value());
    Mark(body.mark);
  }
  void operator()(const HeartbeatReply& body) {
    Number("read", body.read_number.value());
    Flag("quarantined", body.quarantined);
    Mark(body.mark);
    Flag("read-only", body.read_only);
  }
  void operator()(const SnapshotChunk& body) {
    absl::StrAppend(&out_, " snapshot=", Words(body.snapshot),
                    " offset=", body.offset, " ", Words(body.bytes));
    Flag("last", body.last);
  }
  void operator()(const SnapshotReply& body) {
    absl::StrAppend(&out_, " snapshot=", body.snapshot_index.value());
    if (!body.installed) absl::StrAppend(&out_, " next=", body.next_offset);
    Flag("installed", body.installed);
    Flag("quarantined", body.quarantined);
  }
  void operator()(const TimeoutNow&) {}
  void operator()(const ReadIndexRequest& body) {
    Number("sequence", names_.sequences.Of(header_.from, body.sequence));
  }
  void operator()(const ReadIndexReply& body) {
    Number("sequence", names_.sequences.Of(header_.to, body.sequence));
    absl::StrAppend(&out_, body.confirmed ? " confirmed" : " unconfirmed");
    Number("index", body.index.value());
  }

  std::string Take() { return std::move(out_); }

 private:
  void Number(absl::string_view name, uint64_t value) {
    if (value != 0) absl::StrAppend(&out_, " ", name, "=", value);
  }
  void Flag(absl::string_view name, bool set) {
    if (set) absl::StrAppend(&out_, " ", name);
  }

  void Mark(const StateMark& mark) {
    Number("mark", mark.index.value());
    if (mark.hash.empty()) return;
    absl::StrAppend(&out_, ":", absl::BytesToHexString(mark.hash));
  }

  const Header& header_;
  TraceNames& names_;
  std::string out_;
};

struct KindWords {
  absl::string_view operator()(const VoteRequest& body) const {
    return body.phase == VotePhase::kPreVote ? "pre-vote" : "vote";
  }
  absl::string_view operator()(const VoteReply& body) const {
    return body.phase == VotePhase::kPreVote ? "pre-vote-reply" : "vote-reply";
  }
  absl::string_view operator()(const Append&) const { return "append"; }
  absl::string_view operator()(const AppendReply&) const {
    return "append-reply";
  }
  absl::string_view operator()(const Heartbeat&) const { return "heartbeat"; }
  absl::string_view operator()(const HeartbeatReply&) const {
    return "heartbeat-reply";
  }
  absl::string_view operator()(const SnapshotChunk&) const {
    return "snapshot-chunk";
  }
  absl::string_view operator()(const SnapshotReply&) const {
    return "snapshot-reply";
  }
  absl::string_view operator()(const TimeoutNow&) const {
    return "timeout-now";
  }
  absl::string_view operator()(const ReadIndexRequest&) const {
    return "read-index";
  }
  absl::string_view operator()(const ReadIndexReply&) const {
    return "read-index-reply";
  }
};

}  // namespace

uint64_t Ordinals::Of(MemberId owner, uint64_t value) {
  Numbering& numbering = members_[owner];
  const auto known = numbering.ordinal_of.find(value);
  if (known != numbering.ordinal_of.end()) return known->second;
  uint64_t ordinal = 1;
  while (numbering.value_of.count(ordinal) > 0) ++ordinal;
  numbering.ordinal_of[value] = ordinal;
  numbering.value_of[ordinal] = value;
  return ordinal;
}

uint64_t Ordinals::ValueOf(MemberId owner, uint64_t ordinal) {
  Numbering& numbering = members_[owner];
  const auto known = numbering.value_of.find(ordinal);
  if (known != numbering.value_of.end()) return known->second;
  numbering.ordinal_of[ordinal] = ordinal;
  numbering.value_of[ordinal] = ordinal;
  return ordinal;
}

absl::string_view KindOf(const MessageBody& body) {
  return std::visit(KindWords(), body);
}

std::string Words(const Message& message, TraceNames& names) {
  const Header& header = message.header;
  std::string words =
      absl::StrCat(Words(header.from), "->", Words(header.to), " ",
                   KindOf(message.body), " term=", header.term.value());
  const Identity usual = IdentityOf(header.from.low());
  if (header.cluster != usual.cluster) {
    absl::StrAppend(&words, " cluster=", header.cluster.low());
  }
  if (header.incarnation != usual.incarnation) {
    absl::StrAppend(&words, " incarnation=", header.incarnation.value());
  }
  BodyWords body(header, names);
  std::visit(body, message.body);
  return absl::StrCat(words, body.Take());
}

}  // namespace microovn::raft
