// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/testing/sim_tail_ring.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"

namespace microovn::raft {

absl::StatusOr<std::string> SimTailRingFile::Read() {
  const std::optional<NodeId> node = volume_->Find(path_);
  if (!node.has_value()) return std::string();
  const std::optional<DiskFile> file = volume_->File(*node);
  if (!file.has_value()) return absl::InternalError(path_);
  return file->bytes->substr(0, file->size);
}

absl::Status SimTailRingFile::Write(uint64_t offset, absl::string_view bytes) {
  const std::optional<NodeId> found = volume_->Find(path_);
  NodeId node = found.value_or(0);
  if (!found.has_value()) {
    RETURN_IF_ERROR(ToStatus(volume_->Create(path_, &node)));
  }
  return ToStatus(volume_->Overwrite(node, offset, bytes));
}

absl::Status SimTailRingFile::Clear() {
  NodeId node = 0;
  RETURN_IF_ERROR(ToStatus(volume_->Create(path_, &node)));
  return ToStatus(volume_->Sync(node));
}

absl::Status SimTailRingFile::ToStatus(DiskResult result) const {
  switch (result) {
    case DiskResult::kOk:
      return absl::OkStatus();
    case DiskResult::kNoSpace:
      return absl::ResourceExhaustedError(absl::StrCat(path_, ": no space"));
    case DiskResult::kNotFound:
    case DiskResult::kIoError:
      break;
  }
  return absl::InternalError(absl::StrCat(path_, ": the disk failed"));
}

}  // namespace microovn::raft
