// SPDX-License-Identifier: Apache-2.0
// The bytes of each record in the database: a format version, a checksum over
// the record's key and content, and the content. What does not check is
// DATA_LOSS. Pure functions.
#ifndef MICROOVN_RAFT_STORAGE_RECORD_RECORD_CODEC_H_
#define MICROOVN_RAFT_STORAGE_RECORD_RECORD_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "raft/core/values/entry.h"
#include "raft/core/values/recovered.h"
#include "raft/core/values/snapshot_metadata.h"
#include "raft/core/values/types.h"

namespace microovn::raft {

// The applied state at `index` and the digest of how it came about
// (FoldApplied).
struct AppliedState {
  LogIndex index;
  std::string hash;

  friend bool operator==(const AppliedState& a, const AppliedState& b) {
    return a.index == b.index && a.hash == b.hash;
  }
};

// Big-endian, so that keys sort as numbers do.
std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> DecodeNumber(absl::string_view bytes);

// What Seal adds to the content.
inline constexpr size_t kSealOverhead = 9;

// `key` guards against a value that was stored under another key.
// The checksum is the beginning of a digest: against damage, not against
// somebody who can write to the disk.
std::string Seal(absl::string_view key, absl::string_view content);
// FAILED_PRECONDITION for a record of another format, of which nothing more can
// be said.
absl::StatusOr<std::string> Unseal(absl::string_view key,
                                   absl::string_view sealed);

// Contents of records. An entry's index is its key.
// Numbers are checked against their range, enumerations against their values:
// what is decoded is a value that the core could have made.
std::string EncodeEntry(const Entry& entry);
absl::StatusOr<Entry> DecodeEntry(LogIndex index, absl::string_view bytes);
std::string EncodeHardState(const HardState& hard_state);
absl::StatusOr<HardState> DecodeHardState(absl::string_view bytes);
std::string EncodeIdentity(const Identity& identity);
absl::StatusOr<Identity> DecodeIdentity(absl::string_view bytes);
std::string EncodeMetadata(const SnapshotMetadata& metadata);
absl::StatusOr<SnapshotMetadata> DecodeMetadata(absl::string_view bytes);
std::string EncodeAppliedState(const AppliedState& applied);
absl::StatusOr<AppliedState> DecodeAppliedState(absl::string_view bytes);

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_RECORD_RECORD_CODEC_H_
