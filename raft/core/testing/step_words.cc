// SPDX-License-Identifier: Apache-2.0
#include "raft/core/testing/step_words.h"

#include <variant>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "raft/core/testing/value_words.h"

namespace microovn::raft {
namespace {

class InputWords {
 public:
  explicit InputWords(TraceNames& names) : names_(names) {}

  std::string operator()(const Tick&) const { return "tick"; }
  std::string operator()(const Received& input) const {
    return absl::StrCat("received ", Words(input.message, names_));
  }
  std::string operator()(const Propose& input) const {
    return absl::StrCat(
        "propose ", absl::StrJoin(input.proposals, ", ",
                                  [](std::string* out, const Proposal& one) {
                                    absl::StrAppend(out, "r", one.id.value(),
                                                    " ", Words(one.payload));
                                  }));
  }
  std::string operator()(const ProposeConfiguration& input) const {
    Configuration target;
    target.voters = input.target.voters;
    target.learners = input.target.learners;
    target.incarnations = input.target.incarnations;
    return absl::StrCat("propose-conf r", input.id.value(),
                        " expected=", input.expected.value(), " {",
                        Words(target), "}");
  }
  std::string operator()(const ReadRequest& input) const {
    return absl::StrCat("read r", input.id.value());
  }
  std::string operator()(const Stored& input) const {
    return absl::StrCat("stored #", input.token.value());
  }
  std::string operator()(const Applied& input) const {
    return absl::StrCat(
        "applied ", input.index.value(),
        absl::StrJoin(input.marks, "",
                      [](std::string* out, const StateMark& mark) {
                        absl::StrAppend(out, " mark=", mark.index.value(), ":",
                                        absl::BytesToHexString(mark.hash));
                      }));
  }
  std::string operator()(const Checkpointed& input) const {
    return absl::StrCat("checkpointed ", input.index.value());
  }
  std::string operator()(const SnapshotReady& input) const {
    return absl::StrCat("snapshot-ready to=", Words(input.to), " ",
                        Words(input.snapshot), " offset=", input.offset, " ",
                        Words(input.bytes), input.last ? " last" : "");
  }
  std::string operator()(const SnapshotProgress& input) const {
    return absl::StrCat("snapshot-progress ", Words(input.snapshot),
                        " next=", input.next_offset);
  }
  std::string operator()(const SnapshotInstalled& input) const {
    return absl::StrCat("snapshot-installed ", Words(input.snapshot),
                        input.installed ? "" : " failed");
  }
  std::string operator()(const Transfer& input) const {
    return absl::StrCat("transfer r", input.id.value(),
                        " to=", Words(input.to));
  }
  std::string operator()(const PeerConnection& input) const {
    return absl::StrCat("connection ", Words(input.peer),
                        input.up ? " up" : " down");
  }
  std::string operator()(const SpaceChanged& input) const {
    return input.read_only ? "space low" : "space enough";
  }

 private:
  TraceNames& names_;
};

std::string WordsOf(const RoleChanged& change) {
  std::string words =
      absl::StrCat("role ", Words(change.role), " term=", change.term.value());
  if (!change.leader.is_none()) {
    absl::StrAppend(&words, " leader=", Words(change.leader));
  }
  return absl::StrCat(words, " (", Words(change.reason), ")");
}

std::string WordsOf(const Persist& persist) {
  std::string words = absl::StrCat("persist #", persist.token.value());
  if (persist.hard_state.has_value()) {
    absl::StrAppend(&words, " ", Words(*persist.hard_state));
  }
  if (persist.truncate_from.has_value()) {
    absl::StrAppend(&words, " truncate=", persist.truncate_from->value());
  }
  if (!persist.entries.empty()) {
    absl::StrAppend(&words, " [", Words(persist.entries), "]");
  }
  if (persist.ends_quarantine) absl::StrAppend(&words, " ends-quarantine");
  return words;
}

std::string WordsOf(const Refused& refused) {
  std::string words =
      absl::StrCat("refused r", refused.id.value(), " ", Words(refused.reason));
  if (refused.configuration_error.has_value()) {
    absl::StrAppend(&words, " (", Words(*refused.configuration_error), ")");
  }
  return words;
}

std::string WordsOf(const SnapshotWanted& wanted) {
  std::string words = absl::StrCat("snapshot-wanted to=", Words(wanted.to),
                                   " at-least=", wanted.at_least.value());
  if (wanted.resume.has_value()) {
    absl::StrAppend(&words, " resume=", wanted.resume->index.value());
  }
  if (wanted.offset != 0) absl::StrAppend(&words, " offset=", wanted.offset);
  return words;
}

std::string WordsOf(const StoreSnapshotChunk& chunk) {
  return absl::StrCat("store-chunk ", Words(chunk.snapshot),
                      " offset=", chunk.offset, " ", Words(chunk.bytes),
                      chunk.last ? " last" : "");
}

std::string WordsOf(const PeerStatus& peer) {
  return absl::StrCat(
      "  peer ", Words(peer.member), peer.voter ? "" : " learner",
      " match=", peer.match.value(), " next=", peer.next.value(),
      peer.receiving_snapshot ? " receiving-snapshot" : "",
      peer.quarantined ? " quarantined" : "");
}

}  // namespace

std::string Words(const Input& input, TraceNames& names) {
  return std::visit(InputWords(names), input);
}

std::vector<std::string> LinesBeforeSends(const Output& output) {
  std::vector<std::string> lines;
  if (output.fault.has_value()) {
    lines.push_back(absl::StrCat("FAULT ", Words(output.fault->kind), ": ",
                                 ShortIds(output.fault->detail)));
  }
  for (const RoleChanged& change : output.role_changes) {
    lines.push_back(WordsOf(change));
  }
  if (output.configuration.has_value()) {
    lines.push_back(
        absl::StrCat("configuration {", Words(*output.configuration), "}"));
  }
  if (output.persist.has_value()) lines.push_back(WordsOf(*output.persist));
  return lines;
}

std::vector<std::string> LinesAfterSends(const Output& output) {
  std::vector<std::string> lines;
  if (output.store_snapshot_chunk.has_value()) {
    lines.push_back(WordsOf(*output.store_snapshot_chunk));
  }
  if (output.install_snapshot.has_value()) {
    lines.push_back(
        absl::StrCat("install ", Words(output.install_snapshot->snapshot)));
  }
  if (output.apply.has_value()) {
    lines.push_back(absl::StrCat("apply [", Words(output.apply->entries), "]"));
  }
  for (const Accepted& accepted : output.accepted) {
    lines.push_back(
        absl::StrCat("accepted r", accepted.id.value(), " at ",
                     Words(LogPosition{accepted.index, accepted.term})));
  }
  for (const Refused& refused : output.refused) {
    lines.push_back(WordsOf(refused));
  }
  for (const ReadReady& read : output.reads) {
    lines.push_back(absl::StrCat("read r", read.id.value(), " ready at ",
                                 read.index.value()));
  }
  for (const SnapshotWanted& wanted : output.snapshots_wanted) {
    lines.push_back(WordsOf(wanted));
  }
  if (output.compact.has_value()) {
    lines.push_back(absl::StrCat("compact ", Words(output.compact->base)));
  }
  for (const RejectedSender& rejected : output.rejected) {
    lines.push_back(absl::StrCat("rejected ", Words(rejected.sender), " ",
                                 Words(rejected.reason)));
  }
  return lines;
}

std::vector<std::string> Lines(const Status& status) {
  std::string self =
      absl::StrCat(Words(status.role), " term=", status.term.value());
  if (!status.leader.is_none()) {
    absl::StrAppend(&self, " leader=", Words(status.leader));
  }
  absl::StrAppend(&self, " commit=", status.commit.value(),
                  " last=", status.last_index.value());
  if (status.durable != status.last_index) {
    absl::StrAppend(&self, " durable=", status.durable.value());
  }
  if (status.base != LogIndex(0)) {
    absl::StrAppend(&self, " base=", status.base.value());
  }
  absl::StrAppend(&self, " {", Words(status.configuration), "}@",
                  status.configuration_index.value(),
                  status.configuration_committed ? "" : " uncommitted",
                  status.quarantine.has_value() ? " quarantined" : "");
  std::vector<std::string> lines = {self};
  for (const PeerStatus& peer : status.peers) lines.push_back(WordsOf(peer));
  return lines;
}

}  // namespace microovn::raft
