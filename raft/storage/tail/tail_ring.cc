// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/tail/tail_ring.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"
#include "raft/storage/record/record_codec.h"

namespace microovn::raft {
namespace {

constexpr size_t kFields = 5;
constexpr size_t kNumberSize = sizeof(uint64_t);
constexpr mode_t kMode = 0600;

std::string EncodeTail(const Tail& tail) {
  return absl::StrCat(
      EncodeNumber(tail.sequence), EncodeNumber(tail.term.value()),
      EncodeNumber(tail.last.index.value()),
      EncodeNumber(tail.last.term.value()), EncodeNumber(tail.chain.value()));
}

absl::StatusOr<Tail> DecodeTail(absl::string_view bytes) {
  if (bytes.size() != kFields * kNumberSize) {
    return absl::DataLossError("damaged slot");
  }
  uint64_t fields[kFields] = {};
  for (size_t i = 0; i < kFields; ++i) {
    ASSIGN_OR_RETURN(fields[i],
                     DecodeNumber(bytes.substr(i * kNumberSize, kNumberSize)));
  }
  return Tail{fields[0],
              Term(fields[1]),
              {LogIndex(fields[2]), Term(fields[3])},
              ChainHash(fields[4])};
}

class PosixTailRingFile final : public TailRingFile {
 public:
  explicit PosixTailRingFile(const std::string& path) : path_(path) {}

  absl::StatusOr<std::string> Read() override {
    absl::StatusOr<std::string> bytes = ReadFile(path_);
    if (absl::IsNotFound(bytes.status())) return std::string();
    return bytes;
  }

  absl::Status Write(uint64_t offset, absl::string_view bytes) override {
    if (!fd_.valid()) RETURN_IF_ERROR(Open());
    // One call within one sector. It reaches the kernel, which is enough
    // against the end of the process.
    const ssize_t written = TEMP_FAILURE_RETRY(pwrite(
        fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)));
    if (written < 0) return ErrnoStatus(errno, "pwrite", path_);
    // Not tried again: a full disk is final here as well.
    if (static_cast<size_t>(written) != bytes.size()) {
      return absl::InternalError(absl::StrCat("short write to ", path_));
    }
    return absl::OkStatus();
  }

  absl::Status Clear() override {
    fd_.Reset();
    return WriteFile(path_, "", kMode);
  }

 private:
  absl::Status Open() {
    fd_ = UniqueFd(open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kMode));
    if (!fd_.valid()) return ErrnoStatus(errno, "open", path_);
    return absl::OkStatus();
  }

  const std::string path_;
  UniqueFd fd_;
};

}  // namespace

std::unique_ptr<TailRingFile> TailRingFile::At(const std::string& path) {
  return std::make_unique<PosixTailRingFile>(path);
}

TailRing::TailRing(std::unique_ptr<TailRingFile> file, Incarnation incarnation)
    : file_(std::move(file)), incarnation_(incarnation) {}

absl::StatusOr<std::optional<Tail>> TailRing::Newest() {
  ASSIGN_OR_RETURN(const std::string bytes, file_->Read());
  std::optional<Tail> newest;
  constexpr size_t kSealedSize = kSealOverhead + kFields * kNumberSize;
  for (size_t slot = 0; slot < kSlots; ++slot) {
    if (bytes.size() < slot * kSlotSize + kSealedSize) break;
    const absl::StatusOr<std::string> content =
        Unseal(SealKey(slot),
               absl::string_view(bytes).substr(slot * kSlotSize, kSealedSize));
    // Never written, torn, or damaged: it says nothing.
    if (!content.ok()) continue;
    ASSIGN_OR_RETURN(const Tail tail, DecodeTail(*content));
    // What no write was ever numbered with is no word of this member's.
    if (tail.sequence > kGreatestNumber || !IsInRange(tail.term) ||
        !IsInRange(tail.last.index) || !IsInRange(tail.last.term)) {
      continue;
    }
    if (!newest.has_value() || newest->sequence < tail.sequence) newest = tail;
  }
  return newest;
}

absl::Status TailRing::Write(const Tail& tail) {
  const size_t slot = static_cast<size_t>(tail.sequence % kSlots);
  return file_->Write(slot * kSlotSize, Seal(SealKey(slot), EncodeTail(tail)));
}

std::string TailRing::SealKey(size_t slot) const {
  // Of this directory and this place: a slot that was copied from elsewhere
  // does not open.
  return absl::StrCat("tail/", incarnation_.value(), "/", slot);
}

}  // namespace microovn::raft
