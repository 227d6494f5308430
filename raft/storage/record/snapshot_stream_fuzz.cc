// SPDX-License-Identifier: Apache-2.0
// A snapshot as it comes in. The first byte is the size of the pieces: they
// must not matter, and a stream that is accepted is the one that its records
// give again. Inventing a right digest is hopeless, so a stream also counts as
// offered with the digest that it should have.
#include <memory>
#include <utility>

#include "base/crypto/digest.h"
#include "base/testing/fuzz_target.h"
#include "raft/storage/record/snapshot_stream.h"

namespace microovn {
namespace {

class ListCursor final : public raft::RecordCursor {
 public:
  explicit ListCursor(std::vector<raft::Record> records)
      : records_(std::move(records)) {}

  void SeekToFirst() override { at_ = 0; }
  absl::StatusOr<std::optional<raft::Record>> Next() override {
    if (at_ == records_.size()) return std::nullopt;
    return records_[at_++];
  }

 private:
  const std::vector<raft::Record> records_;
  size_t at_ = 0;
};

struct Decoded {
  bool whole = false;
  std::vector<raft::Record> records;
  std::string hash;
};

Decoded Decode(absl::string_view stream, size_t piece) {
  raft::SnapshotDecoder decoder;
  Decoded decoded;
  const auto keep = [&decoded](raft::Record record) {
    decoded.records.push_back(std::move(record));
    return absl::OkStatus();
  };
  for (size_t at = 0; at < stream.size(); at += piece) {
    if (!decoder.Feed(stream.substr(at, piece), keep).ok()) return decoded;
  }
  const absl::StatusOr<std::string> hash = decoder.Finish();
  decoded.whole = hash.ok();
  if (hash.ok()) decoded.hash = *hash;
  return decoded;
}

std::string StreamOf(std::vector<raft::Record> records, std::string hash) {
  raft::SnapshotReader reader({raft::LogIndex(1), std::move(hash)},
                              std::make_unique<ListCursor>(std::move(records)));
  return reader.Read(0, size_t{64} << 20)->bytes;
}

void Check(absl::string_view stream, size_t piece) {
  const Decoded whole = Decode(stream, stream.size() + 1);
  const Decoded pieces = Decode(stream, piece);
  FuzzCheck(whole.whole == pieces.whole && whole.hash == pieces.hash &&
                whole.records == pieces.records,
            "the size of the pieces does not matter");
  if (!whole.whole) return;
  FuzzCheck(StreamOf(whole.records, whole.hash) == stream,
            "the records give the stream again");
}

}  // namespace

std::vector<std::string> FuzzSeeds() {
  const std::string hash(kDigestSize, 'h');
  std::vector<std::string> seeds;
  for (const auto& records :
       {std::vector<raft::Record>(),
        std::vector<raft::Record>{{"", "no key"}, {"a", ""}, {"b", "value"}}}) {
    seeds.push_back("\x05" + StreamOf(records, hash));
  }
  return seeds;
}

void FuzzOne(absl::string_view input) {
  if (input.empty()) return;
  const size_t piece = 1 + static_cast<unsigned char>(input[0]);
  absl::string_view stream = input.substr(1);
  Check(stream, piece);
  if (stream.size() < kDigestSize) return;
  stream.remove_suffix(kDigestSize);
  DigestBuilder digest;
  digest.Add(stream);
  Check(std::string(stream) + digest.Finish(), piece);
}

}  // namespace microovn
