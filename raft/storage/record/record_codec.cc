// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record/record_codec.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/crypto/digest.h"
#include "base/status/status_macros.h"
#include "raft/core/values/configuration.h"

namespace microovn::raft {
namespace {

// Of the seal. The contents go by the storage's own format.
constexpr char kFormat = 1;
constexpr size_t kChecksumSize = kSealOverhead - 1;

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("damaged ", what, " record"));
}

std::string Checksum(absl::string_view key, absl::string_view content) {
  DigestBuilder digest;
  digest.Add(key);
  digest.Add(content);
  return digest.Finish().substr(0, kChecksumSize);
}

// Takes fixed-size numbers off the front of a record.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  uint64_t Number() {
    if (rest_.size() < sizeof(uint64_t)) {
      short_ = true;
      return 0;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof(uint64_t); ++i) {
      number = number << 8 | static_cast<unsigned char>(rest_[i]);
    }
    rest_.remove_prefix(sizeof(uint64_t));
    return number;
  }

  template <typename Id>
  Id ReadId() {
    const uint64_t high = Number();
    return Id(high, Number());
  }

  absl::string_view rest() const { return rest_; }
  bool ok() const { return !short_; }
  bool at_end() const { return ok() && rest_.empty(); }

 private:
  absl::string_view rest_;
  bool short_ = false;
};

template <typename Id>
std::string EncodeId(Id id) {
  return absl::StrCat(EncodeNumber(id.high()), EncodeNumber(id.low()));
}

std::optional<EntryKind> KindOf(uint64_t number) {
  // Or the cast would cut a wrong number down to a right one.
  if (number > std::numeric_limits<uint8_t>::max()) return std::nullopt;
  switch (static_cast<EntryKind>(number)) {
    case EntryKind::kNoop:
    case EntryKind::kCommand:
    case EntryKind::kConfiguration:
      return static_cast<EntryKind>(number);
  }
  return std::nullopt;
}

}  // namespace

std::string EncodeNumber(uint64_t number) {
  std::string bytes(sizeof(number), '\0');
  for (size_t i = bytes.size(); i-- > 0; number >>= 8) {
    bytes[i] = static_cast<char>(number & 0xff);
  }
  return bytes;
}

absl::StatusOr<uint64_t> DecodeNumber(absl::string_view bytes) {
  Reader reader(bytes);
  const uint64_t number = reader.Number();
  if (!reader.at_end()) return Damaged("number");
  return number;
}

std::string Seal(absl::string_view key, absl::string_view content) {
  return absl::StrCat(std::string(1, kFormat), Checksum(key, content), content);
}

absl::StatusOr<std::string> Unseal(absl::string_view key,
                                   absl::string_view sealed) {
  if (sealed.size() < 1 + kChecksumSize) {
    return absl::DataLossError("a stored record is cut short");
  }
  // Before the checksum, because the format says how that is made: what another
  // version has written must not look damaged. A byte that the disk has turned
  // looks like another format; nothing is read in either case.
  if (sealed[0] != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("a stored record has format ", int{sealed[0]},
                     "; this version reads ", int{kFormat}));
  }
  const absl::string_view content = sealed.substr(1 + kChecksumSize);
  if (sealed.substr(1, kChecksumSize) != Checksum(key, content)) {
    return absl::DataLossError("a stored record fails its checksum");
  }
  return std::string(content);
}

std::string EncodeEntry(const Entry& entry) {
  return absl::StrCat(EncodeNumber(entry.term.value()),
                      EncodeNumber(static_cast<uint64_t>(entry.kind)),
                      EncodeNumber(entry.chain.value()), entry.payload.bytes());
}

absl::StatusOr<Entry> DecodeEntry(LogIndex index, absl::string_view bytes) {
  Reader reader(bytes);
  Entry entry;
  entry.index = index;
  entry.term = Term(reader.Number());
  const std::optional<EntryKind> kind = KindOf(reader.Number());
  entry.chain = ChainHash(reader.Number());
  if (!reader.ok() || !kind.has_value() || !IsInRange(entry.term) ||
      !IsInRange(index)) {
    return Damaged("log entry");
  }
  entry.kind = *kind;
  entry.payload = Payload(std::string(reader.rest()));
  return entry;
}

std::string EncodeHardState(const HardState& hard_state) {
  return absl::StrCat(EncodeNumber(hard_state.term.value()),
                      EncodeId(hard_state.vote));
}

absl::StatusOr<HardState> DecodeHardState(absl::string_view bytes) {
  Reader reader(bytes);
  HardState hard_state;
  hard_state.term = Term(reader.Number());
  hard_state.vote = reader.ReadId<MemberId>();
  if (!reader.at_end() || !IsInRange(hard_state.term)) {
    return Damaged("hard state");
  }
  return hard_state;
}

std::string EncodeIdentity(const Identity& identity) {
  return absl::StrCat(EncodeId(identity.cluster), EncodeId(identity.member),
                      EncodeNumber(identity.incarnation.value()));
}

absl::StatusOr<Identity> DecodeIdentity(absl::string_view bytes) {
  Reader reader(bytes);
  Identity identity;
  identity.cluster = reader.ReadId<ClusterId>();
  identity.member = reader.ReadId<MemberId>();
  identity.incarnation = Incarnation(reader.Number());
  if (!reader.at_end()) return Damaged("identity");
  return identity;
}

std::string EncodeMetadata(const SnapshotMetadata& metadata) {
  std::string bytes = absl::StrCat(
      EncodeNumber(metadata.index.value()), EncodeNumber(metadata.term.value()),
      EncodeNumber(metadata.chain.value()),
      EncodeNumber(metadata.configuration_index.value()));
  // The empty history has no configuration, which has no encoding either.
  if (metadata.configuration != Configuration()) {
    absl::StrAppend(&bytes, EncodeConfiguration(metadata.configuration));
  }
  return bytes;
}

absl::StatusOr<SnapshotMetadata> DecodeMetadata(absl::string_view bytes) {
  Reader reader(bytes);
  SnapshotMetadata metadata;
  metadata.index = LogIndex(reader.Number());
  metadata.term = Term(reader.Number());
  metadata.chain = ChainHash(reader.Number());
  metadata.configuration_index = LogIndex(reader.Number());
  if (!reader.ok() || !IsInRange(metadata.index) || !IsInRange(metadata.term) ||
      !IsInRange(metadata.configuration_index)) {
    return Damaged("snapshot metadata");
  }
  if (reader.rest().empty()) return metadata;
  std::optional<Configuration> configuration =
      DecodeConfiguration(reader.rest());
  if (!configuration.has_value()) return Damaged("snapshot metadata");
  metadata.configuration = *std::move(configuration);
  return metadata;
}

std::string EncodeAppliedState(const AppliedState& applied) {
  return absl::StrCat(EncodeNumber(applied.index.value()), applied.hash);
}

absl::StatusOr<AppliedState> DecodeAppliedState(absl::string_view bytes) {
  Reader reader(bytes);
  AppliedState applied;
  applied.index = LogIndex(reader.Number());
  applied.hash = std::string(reader.rest());
  if (!reader.ok() || applied.hash.size() != kDigestSize ||
      !IsInRange(applied.index)) {
    return Damaged("applied state");
  }
  return applied;
}

}  // namespace microovn::raft
