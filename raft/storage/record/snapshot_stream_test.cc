// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record/snapshot_stream.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/storage/record/running_hash.h"

namespace microovn::raft {
namespace {

using testing::IsEmpty;

class ListCursor final : public RecordCursor {
 public:
  explicit ListCursor(std::vector<Record> records)
      : records_(std::move(records)) {}
  void SeekToFirst() override { at_ = 0; }
  absl::StatusOr<std::optional<Record>> Next() override {
    if (at_ == records_.size()) return std::nullopt;
    return records_[at_++];
  }

 private:
  const std::vector<Record> records_;
  size_t at_ = 0;
};

SnapshotReader ReaderOf(std::vector<Record> records) {
  return SnapshotReader({LogIndex(7), std::string(kDigestSize, 'h')},
                        std::make_unique<ListCursor>(std::move(records)));
}

std::string StreamOf(std::vector<Record> records) {
  return ReaderOf(std::move(records)).Read(0, 1 << 20)->bytes;
}

struct Decoded {
  absl::Status status;
  std::vector<Record> records;
  std::string hash;
};

Decoded Decode(absl::string_view stream, size_t piece) {
  SnapshotDecoder decoder;
  Decoded decoded;
  while (!stream.empty() && decoded.status.ok()) {
    decoded.status =
        decoder.Feed(stream.substr(0, piece), [&decoded](Record record) {
          decoded.records.push_back(std::move(record));
          return absl::OkStatus();
        });
    stream.remove_prefix(std::min(piece, stream.size()));
  }
  if (!decoded.status.ok()) return decoded;
  const absl::StatusOr<std::string> hash = decoder.Finish();
  decoded.status = hash.status();
  if (hash.ok()) decoded.hash = *hash;
  return decoded;
}

const std::vector<Record>& SomeRecords() {
  static const auto& records = *new std::vector<Record>(
      {{"", "no key"}, {"a", ""}, {"b", std::string(3000, 'x')}, {"c", "y"}});
  return records;
}

TEST(SnapshotStreamTest, RoundTripsInPiecesOfAnySize) {
  const std::string stream = StreamOf(SomeRecords());
  for (const size_t piece : {1u, 7u, 100u, 1u << 20}) {
    const Decoded decoded = Decode(stream, piece);
    ASSERT_OK(decoded.status) << piece;
    EXPECT_EQ(decoded.records, SomeRecords());
    EXPECT_EQ(decoded.hash, std::string(kDigestSize, 'h'));
  }
}

TEST(SnapshotStreamTest, NoRecordsAreAStreamToo) {
  const Decoded decoded = Decode(StreamOf({}), 10);
  EXPECT_OK(decoded.status);
  EXPECT_THAT(decoded.records, IsEmpty());
}

TEST(SnapshotStreamTest, PiecesJoinToTheStream) {
  const std::string stream = StreamOf(SomeRecords());
  for (const size_t size : {1u, 64u, 1000u}) {
    SnapshotReader reader = ReaderOf(SomeRecords());
    std::string joined;
    for (bool last = false; !last;) {
      const auto piece = reader.Read(joined.size(), size);
      ASSERT_OK(piece);
      joined += piece->bytes;
      last = piece->last;
    }
    EXPECT_EQ(joined, stream);
  }
}

TEST(SnapshotStreamTest, AnyOffsetCanBeReadAtAnyTime) {
  const std::string stream = StreamOf(SomeRecords());
  SnapshotReader reader = ReaderOf(SomeRecords());
  for (const size_t offset : {size_t{0}, size_t{900}, size_t{40}, size_t{2000},
                              stream.size() - 1, size_t{1}}) {
    const auto piece = reader.Read(offset, 50);
    ASSERT_OK(piece);
    EXPECT_EQ(piece->bytes, stream.substr(offset, 50)) << offset;
    EXPECT_EQ(piece->last, offset + 50 >= stream.size()) << offset;
  }
  EXPECT_THAT(reader.Read(stream.size() + 1, 50),
              StatusIs(absl::StatusCode::kOutOfRange));
}

TEST(SnapshotStreamTest, EveryFlippedBitIsNoticed) {
  const std::string stream = StreamOf({{"key", "value"}, {"other", "x"}});
  for (size_t bit = 0; bit < stream.size() * 8; ++bit) {
    std::string damaged = stream;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_THAT(Decode(damaged, 16).status,
                StatusIs(absl::StatusCode::kDataLoss))
        << bit;
  }
}

TEST(SnapshotStreamTest, EveryMissingTailIsNoticed) {
  const std::string stream = StreamOf({{"key", "value"}});
  for (size_t size = 0; size < stream.size(); ++size) {
    EXPECT_THAT(Decode(stream.substr(0, size), 16).status,
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
  EXPECT_THAT(Decode(stream + "x", 16).status,
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SnapshotStreamTest, RecordsOutOfOrderAreRefused) {
  EXPECT_THAT(Decode(StreamOf({{"b", ""}, {"a", ""}}), 16).status,
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Decode(StreamOf({{"b", ""}, {"b", ""}}), 16).status,
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(RunningHashTest, DependsOnEveryPart) {
  const std::string start = EmptyStateHash();
  const std::string hash = FoldApplied(start, LogIndex(1), {{"k", "v"}}, "r");
  EXPECT_EQ(hash, FoldApplied(start, LogIndex(1), {{"k", "v"}}, "r"));
  EXPECT_NE(hash, FoldApplied(hash, LogIndex(1), {{"k", "v"}}, "r"));
  EXPECT_NE(hash, FoldApplied(start, LogIndex(2), {{"k", "v"}}, "r"));
  EXPECT_NE(hash, FoldApplied(start, LogIndex(1), {{"k", "w"}}, "r"));
  EXPECT_NE(hash, FoldApplied(start, LogIndex(1), {{"k", std::nullopt}}, "r"));
  EXPECT_NE(hash, FoldApplied(start, LogIndex(1), {{"k", "v"}}, "s"));
  EXPECT_NE(hash, FoldApplied(start, LogIndex(1), {}, "r"));
}

}  // namespace
}  // namespace microovn::raft
