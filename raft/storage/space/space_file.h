// SPDX-License-Identifier: Apache-2.0
// The space of the file system that holds a directory, and the reserve in it.
#ifndef MICROOVN_RAFT_STORAGE_SPACE_SPACE_FILE_H_
#define MICROOVN_RAFT_STORAGE_SPACE_SPACE_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "raft/storage/space/disk_space.h"

namespace microovn::raft {

// One thread at a time; calls may block for as long as the disk does.
class SpaceProbe {
 public:
  virtual ~SpaceProbe() = default;

  virtual absl::StatusOr<DiskSpace> Measure() = 0;
  // Allocates so many bytes, or what is missing of them.
  // All or nothing: a part would only take away what is needed elsewhere.
  virtual absl::Status TakeReserve(uint64_t bytes) = 0;
  // OK if there is none. Works on a full disk.
  virtual absl::Status ReleaseReserve() = 0;
};

// Thread-compatible.
class SpaceFile final : public SpaceProbe {
 public:
  // `directory` exists by the first call.
  explicit SpaceFile(std::string directory)
      : directory_(std::move(directory)) {}

  absl::StatusOr<DiskSpace> Measure() override;
  absl::Status TakeReserve(uint64_t bytes) override;
  absl::Status ReleaseReserve() override;

 private:
  std::string path() const;

  const std::string directory_;
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_STORAGE_SPACE_SPACE_FILE_H_
