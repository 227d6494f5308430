// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record/snapshot_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"

namespace microovn::raft {
namespace {

// Name and format of the stream, then the running hash.
constexpr absl::string_view kMagic = "microovn-state-1";
constexpr char kRecordTag = 'r';
constexpr char kEndTag = 'e';
constexpr size_t kNumberSize = sizeof(uint64_t);
constexpr size_t kRecordHeader = 1 + 2 * kNumberSize;
constexpr size_t kEndSize = 1 + kNumberSize + kDigestSize;

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("damaged snapshot: ", what));
}

}  // namespace

SnapshotReader::SnapshotReader(AppliedState state,
                               std::unique_ptr<RecordCursor> cursor)
    : state_(std::move(state)), cursor_(std::move(cursor)) {
  Restart();
}

absl::StatusOr<SnapshotReader::Piece> SnapshotReader::Read(uint64_t offset,
                                                           size_t max_bytes) {
  // The bytes are gone from here, but come out the same a second time.
  if (offset < pending_offset_) Restart();
  while (pending_offset_ + pending_.size() < offset + max_bytes && !complete_) {
    // What is before `offset` is not needed again.
    const uint64_t skip =
        std::min<uint64_t>(offset - pending_offset_, pending_.size());
    pending_.erase(0, skip);
    pending_offset_ += skip;
    RETURN_IF_ERROR(Produce());
  }
  const uint64_t end = pending_offset_ + pending_.size();
  if (offset > end) return absl::OutOfRangeError("beyond the snapshot's end");
  pending_.erase(0, offset - pending_offset_);
  pending_offset_ = offset;
  Piece piece;
  piece.bytes = pending_.substr(0, max_bytes);
  piece.last = complete_ && piece.bytes.size() == pending_.size();
  return piece;
}

void SnapshotReader::Restart() {
  // Which leaves it empty.
  (void)digest_.Finish();
  pending_.clear();
  pending_offset_ = 0;
  count_ = 0;
  complete_ = false;
  cursor_->SeekToFirst();
  Emit(kMagic);
  Emit(state_.hash);
}

absl::Status SnapshotReader::Produce() {
  ASSIGN_OR_RETURN(const std::optional<Record> record, cursor_->Next());
  if (record.has_value()) {
    ++count_;
    Emit(absl::StrCat(
        std::string(1, kRecordTag), EncodeNumber(record->key.size()),
        EncodeNumber(record->value.size()), record->key, record->value));
    return absl::OkStatus();
  }
  Emit(absl::StrCat(std::string(1, kEndTag), EncodeNumber(count_)));
  // Not by Emit: the digest is not over itself.
  pending_ += digest_.Finish();
  complete_ = true;
  return absl::OkStatus();
}

void SnapshotReader::Emit(absl::string_view bytes) {
  digest_.Add(bytes);
  absl::StrAppend(&pending_, bytes);
}

absl::Status SnapshotDecoder::Feed(absl::string_view bytes, const Sink& sink) {
  absl::StrAppend(&pending_, bytes);
  offset_ += bytes.size();
  at_ = 0;
  RETURN_IF_ERROR(FeedHeader());
  for (bool progress = !hash_.empty(); progress && !rest().empty();) {
    // The digest does not cover them.
    if (complete_) return Damaged("bytes after its end");
    progress = false;
    if (rest()[0] == kRecordTag) {
      RETURN_IF_ERROR(FeedRecord(sink, &progress));
    } else if (rest()[0] == kEndTag) {
      RETURN_IF_ERROR(FeedEnd(&progress));
    } else {
      return Damaged("neither a record nor its end");
    }
  }
  pending_.erase(0, at_);
  return absl::OkStatus();
}

absl::Status SnapshotDecoder::FeedHeader() {
  if (!hash_.empty() || rest().size() < kMagic.size() + kDigestSize) {
    return absl::OkStatus();
  }
  if (rest().substr(0, kMagic.size()) != kMagic) {
    return Damaged("unknown format");
  }
  hash_ = std::string(rest().substr(kMagic.size(), kDigestSize));
  Consume(kMagic.size());
  Consume(kDigestSize);
  return absl::OkStatus();
}

absl::Status SnapshotDecoder::FeedRecord(const Sink& sink, bool* progress) {
  const absl::string_view bytes = rest();
  if (bytes.size() < kRecordHeader) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint64_t key_size,
                   DecodeNumber(bytes.substr(1, kNumberSize)));
  ASSIGN_OR_RETURN(const uint64_t value_size,
                   DecodeNumber(bytes.substr(1 + kNumberSize, kNumberSize)));
  // Before the sizes are added: the sum of two sizes of a stranger could wrap.
  if (key_size > kMaxRecordKey || value_size > kMaxRecordValue) {
    return Damaged("a record is too long");
  }
  const size_t size = kRecordHeader + key_size + value_size;
  if (bytes.size() < size) return absl::OkStatus();
  Record record{
      std::string(bytes.substr(kRecordHeader, key_size)),
      std::string(bytes.substr(kRecordHeader + key_size, value_size))};
  if (count_ > 0 && record.key <= last_key_) {
    return Damaged("records out of order");
  }
  last_key_ = record.key;
  ++count_;
  Consume(size);
  *progress = true;
  return sink(std::move(record));
}

absl::Status SnapshotDecoder::FeedEnd(bool* progress) {
  const absl::string_view bytes = rest();
  if (bytes.size() < kEndSize) return absl::OkStatus();
  ASSIGN_OR_RETURN(const uint64_t count,
                   DecodeNumber(bytes.substr(1, kNumberSize)));
  if (count != count_) return Damaged("records are missing");
  // Into the digest as well, which the sender has made over the count too.
  Consume(1 + kNumberSize);
  if (rest().substr(0, kDigestSize) != digest_.Finish()) {
    return Damaged("its digest differs");
  }
  at_ += kDigestSize;
  complete_ = true;
  *progress = true;
  return absl::OkStatus();
}

absl::StatusOr<std::string> SnapshotDecoder::Finish() const {
  if (!complete_) return Damaged("it ends early");
  return hash_;
}

void SnapshotDecoder::Consume(size_t size) {
  digest_.Add(rest().substr(0, size));
  at_ += size;
}

}  // namespace microovn::raft
