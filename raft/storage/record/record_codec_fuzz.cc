// SPDX-License-Identifier: Apache-2.0
// Records of the database. The first byte picks the kind; what is accepted
// encodes to the very bytes that were read.
#include "base/testing/fuzz_target.h"
#include "raft/storage/record/record_codec.h"

namespace microovn {
namespace {

constexpr char kKey[] = "key";

std::string Tagged(char kind, const std::string& content) {
  return std::string(1, kind) + content;
}

template <typename T, typename Encode>
void SameAgain(const absl::StatusOr<T>& decoded, const Encode& encode,
               absl::string_view bytes) {
  if (!decoded.ok()) return;
  FuzzCheck(encode(*decoded) == bytes, "a record encodes to what was read");
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  raft::Entry entry;
  entry.term = raft::Term(3);
  entry.kind = raft::EntryKind::kCommand;
  entry.payload = raft::Payload("command");
  raft::SnapshotMetadata metadata;
  metadata.index = raft::LogIndex(5);
  metadata.configuration.voters = {raft::MemberId(1, 2)};
  return {
      Tagged('n', raft::EncodeNumber(7)),
      Tagged('s', raft::Seal(kKey, "content")),
      Tagged('e', raft::EncodeEntry(entry)),
      Tagged('h', raft::EncodeHardState({raft::Term(4), raft::MemberId(1, 2)})),
      Tagged('i',
             raft::EncodeIdentity({raft::ClusterId(1, 2), raft::MemberId(3, 4),
                                   raft::Incarnation(5)})),
      Tagged('m', raft::EncodeMetadata(raft::SnapshotMetadata())),
      Tagged('m', raft::EncodeMetadata(metadata)),
      Tagged('a', raft::EncodeAppliedState(
                      {raft::LogIndex(6), std::string(32, 'h')}))};
}

void FuzzOne(absl::string_view input) {
  if (input.empty()) return;
  const absl::string_view bytes = input.substr(1);
  switch (input[0]) {
    case 'n':
      return SameAgain(raft::DecodeNumber(bytes), raft::EncodeNumber, bytes);
    case 's':
      return SameAgain(
          raft::Unseal(kKey, bytes),
          [](const std::string& content) { return raft::Seal(kKey, content); },
          bytes);
    case 'e':
      return SameAgain(raft::DecodeEntry(raft::LogIndex(1), bytes),
                       raft::EncodeEntry, bytes);
    case 'h':
      return SameAgain(raft::DecodeHardState(bytes), raft::EncodeHardState,
                       bytes);
    case 'i':
      return SameAgain(raft::DecodeIdentity(bytes), raft::EncodeIdentity,
                       bytes);
    case 'm':
      return SameAgain(raft::DecodeMetadata(bytes), raft::EncodeMetadata,
                       bytes);
    case 'a':
      return SameAgain(raft::DecodeAppliedState(bytes),
                       raft::EncodeAppliedState, bytes);
    default:
      return;
  }
}

}  // namespace microovn
