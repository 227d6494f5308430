// SPDX-License-Identifier: Apache-2.0
// The applied state as one stream of bytes, cut into chunks by who sends it.
// The bytes depend on the records and the running hash only, so members with
// the same applied index produce the same stream and a transfer can go on from
// another member. It ends with the number of records and a digest over all
// before it.
#ifndef MICROOVN_RAFT_STORAGE_RECORD_SNAPSHOT_STREAM_H_
#define MICROOVN_RAFT_STORAGE_RECORD_SNAPSHOT_STREAM_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/crypto/digest.h"
#include "raft/core/values/types.h"
#include "raft/storage/record/record.h"
#include "raft/storage/record/record_codec.h"

namespace microovn::raft {

// The records of one moment in the order of their keys. Thread-compatible.
// Of one moment: what is written later must not show, or the count and the
// digest would not fit.
class RecordCursor {
 public:
  virtual ~RecordCursor() = default;
  virtual void SeekToFirst() = 0;
  // No value after the last.
  virtual absl::StatusOr<std::optional<Record>> Next() = 0;
};

// Gives out the stream piece by piece. Thread-compatible; holds the records of
// its moment, so drop it when the transfer is over.
class SnapshotReader {
 public:
  SnapshotReader(AppliedState state, std::unique_ptr<RecordCursor> cursor);

  struct Piece {
    std::string bytes;
    bool last = false;
  };
  // Cheap when `offset` is where the piece before ended; otherwise the stream
  // is produced again from its beginning. OUT_OF_RANGE beyond its end.
  // Memory is that of a piece and one record: the stream is never there as a
  // whole.
  absl::StatusOr<Piece> Read(uint64_t offset, size_t max_bytes);

  LogIndex index() const { return state_.index; }

 private:
  void Restart();
  absl::Status Produce();  // at least one byte more, unless complete_
  void Emit(absl::string_view bytes);

  const AppliedState state_;
  const std::unique_ptr<RecordCursor> cursor_;
  DigestBuilder digest_;
  uint64_t count_ = 0;
  // The stream's bytes from pending_offset_ on.
  uint64_t pending_offset_ = 0;
  std::string pending_;
  bool complete_ = false;
};

// Takes the stream apart again. Thread-compatible.
class SnapshotDecoder {
 public:
  using Sink = std::function<absl::Status(Record)>;

  // Records go to `sink` as they become whole, in order. DATA_LOSS for a
  // stream that is not one, whatever the sink says otherwise; then the decoder
  // is of no more use.
  // Pieces may be cut anywhere. Records that were given to the sink are not
  // known to be right before Finish: keep them apart until then.
  absl::Status Feed(absl::string_view bytes, const Sink& sink);

  // The running hash, once the stream is whole and its digest is right;
  // DATA_LOSS otherwise.
  absl::StatusOr<std::string> Finish() const;

  uint64_t offset() const { return offset_; }

 private:
  absl::Status FeedHeader();
  absl::Status FeedRecord(const Sink& sink, bool* progress);
  absl::Status FeedEnd(bool* progress);
  void Consume(size_t size);
  absl::string_view rest() const {
    return absl::string_view(pending_).substr(at_);
  }

  DigestBuilder digest_;
  std::string pending_;  // not yet whole, from at_ on
  size_t at_ = 0;
  uint64_t offset_ = 0;
  uint64_t count_ = 0;
  // Keys rise strictly: a stream that repeats one would let two members build
  // different states from the same bytes.
  std::string last_key_;
  std::string hash_;
  bool complete_ = false;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_RECORD_SNAPSHOT_STREAM_H_
