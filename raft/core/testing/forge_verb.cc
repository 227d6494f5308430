// SPDX-License-Identifier: Apache-2.0
// Messages that no core sent, for what a broken or strange peer could send.
#include <utility>

#include "absl/strings/str_cat.h"
#include "raft/core/testing/core_harness.h"
#include "raft/core/testing/interaction_env.h"

namespace microovn::raft {

void InteractionEnv::Forge(ScriptArguments& arguments) {
  const Filter link = LinkOf(arguments.Next().value_or(""), arguments);
  const std::string kind = arguments.Next().value_or("");
  if (!link.from.has_value() || !link.to.has_value()) return;
  Message message = MessageTo(*link.to, *link.from, arguments.Number("term", 0),
                              MessageBody());
  Header& header = message.header;
  header.cluster =
      ClusterId(0, arguments.Number("cluster", header.cluster.low()));
  header.incarnation =
      Incarnation(arguments.Number("incarnation", header.incarnation.value()));
  auto body = BodyOf(kind, header, arguments);
  if (!body.has_value()) {
    arguments.Complain(absl::StrCat("no kind of message ", kind));
    return;
  }
  message.body = *std::move(body);
  check_invariants_ = false;
  DeliverTo(arguments.Number("at", *link.to), message,
            LogIndex(arguments.Number("voter-at", 0)));
}

std::optional<MessageBody> InteractionEnv::BodyOf(const std::string& kind,
                                                  const Header& header,
                                                  ScriptArguments& arguments) {
  auto body = VoteBodyOf(kind, header, arguments);
  if (!body.has_value()) body = LogBodyOf(kind, arguments);
  if (body.has_value()) return body;
  if (kind == "timeout-now") return TimeoutNow{};
  const uint64_t sequence = arguments.Number("sequence", 0);
  if (kind == "read-index") {
    return ReadIndexRequest{names_.sequences.ValueOf(header.from, sequence)};
  }
  if (kind == "read-index-reply") {
    return ReadIndexReply{names_.sequences.ValueOf(header.to, sequence),
                          arguments.Flag("confirmed"),
                          LogIndex(arguments.Number("index", 0))};
  }
  return std::nullopt;
}

std::optional<MessageBody> InteractionEnv::VoteBodyOf(
    const std::string& kind, const Header& header, ScriptArguments& arguments) {
  const bool vote = kind == "vote" || kind == "vote-reply";
  const VotePhase phase = vote ? VotePhase::kVote : VotePhase::kPreVote;
  const auto round = [&](MemberId candidate) {
    return names_.rounds.ValueOf(candidate, arguments.Number("round", 0));
  };
  if (kind == "pre-vote" || kind == "vote") {
    return VoteRequest{phase, round(header.from),
                       Term(arguments.Number("for", 0)),
                       arguments.Position("last"), arguments.Flag("transfer")};
  }
  if (kind == "pre-vote-reply" || kind == "vote-reply") {
    return VoteReply{phase, round(header.to), Term(arguments.Number("for", 0)),
                     arguments.Flag("granted")};
  }
  return std::nullopt;
}

std::optional<MessageBody> InteractionEnv::LogBodyOf(
    const std::string& kind, ScriptArguments& arguments) {
  const auto index = [&arguments](absl::string_view key) {
    return LogIndex(arguments.Number(key, 0));
  };
  const auto read = [&arguments] {
    return ReadNumber(arguments.Number("read", 0));
  };
  if (kind == "append") return AppendOf(arguments);
  if (kind == "append-reply") {
    const bool accepted = arguments.Has("accepted");
    return AppendReply{accepted, index(accepted ? "accepted" : "refused"),
                       arguments.Position("hint"), read()};
  }
  if (kind == "heartbeat") return Heartbeat{index("commit"), read()};
  if (kind == "heartbeat-reply") return HeartbeatReply{read()};
  if (kind == "snapshot-chunk") {
    return SnapshotChunk{SnapshotOf(arguments), arguments.Number("offset", 0),
                         Payload(arguments.Text("bytes")),
                         arguments.Flag("last")};
  }
  if (kind == "snapshot-reply") {
    return SnapshotReply{index("snapshot"), arguments.Number("next", 0),
                         arguments.Flag("installed")};
  }
  return std::nullopt;
}

// Entries prev+1..prev+count of a log that begins with the members' founding
// configuration and goes on with commands of the terms `log`.
Append InteractionEnv::AppendOf(ScriptArguments& arguments) {
  const std::vector<Entry> entries =
      EntriesOf(founding_, arguments.Numbers("log"));
  const auto prev = static_cast<size_t>(arguments.Number("prev", 0));
  const auto count = static_cast<size_t>(arguments.Number("count", 0));
  const std::string damage = arguments.Text("damage");
  Append append;
  append.commit = LogIndex(arguments.Number("commit", 0));
  append.read_number = ReadNumber(arguments.Number("read", 0));
  if (prev + count > entries.size()) {
    arguments.Complain("the log has no such entries");
    return append;
  }
  if (prev > 0) {
    append.previous = {entries[prev - 1].index, entries[prev - 1].term};
    append.previous_chain = entries[prev - 1].chain;
  }
  for (size_t i = prev; i < prev + count; ++i) {
    append.entries.push_back(entries[i]);
  }
  if (damage == "payload") append.entries.back().payload = Payload("damaged");
  if (damage == "index") {
    append.entries.back().index = append.entries.back().index.Next();
  }
  if (damage == "chain") append.previous_chain = ChainHash(1);
  return append;
}

// At the last entry of such a log.
SnapshotMetadata InteractionEnv::SnapshotOf(ScriptArguments& arguments) {
  const std::vector<Entry> entries =
      EntriesOf(founding_, arguments.Numbers("log"));
  SnapshotMetadata snapshot;
  snapshot.index = entries.back().index;
  snapshot.term = entries.back().term;
  snapshot.chain = entries.back().chain;
  snapshot.configuration_index = LogIndex(1);
  snapshot.configuration = founding_;
  if (arguments.Text("damage") == "configuration") {
    snapshot.configuration = Configuration();
  }
  if (arguments.Text("damage") == "chain") snapshot.chain = ChainHash(1);
  return snapshot;
}

}  // namespace microovn::raft
