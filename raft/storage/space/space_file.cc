// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/space/space_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

#include "base/file/file.h"
#include "base/file/unique_fd.h"

namespace microovn::raft {
namespace {

// RocksDB leaves alone what it has not named.
constexpr char kName[] = "reserve";
constexpr uint64_t kStatBlock = 512;

}  // namespace

std::string SpaceFile::path() const { return JoinPath(directory_, kName); }

absl::StatusOr<DiskSpace> SpaceFile::Measure() {
  struct statvfs system = {};
  if (statvfs(directory_.c_str(), &system) != 0) {
    return ErrnoStatus(errno, "statvfs", directory_);
  }
  DiskSpace space;
  space.total = uint64_t{system.f_blocks} * system.f_frsize;
  // Without what the file system keeps for root: RocksDB may not run as root,
  // and the less is the safer figure.
  space.free = uint64_t{system.f_bavail} * system.f_frsize;
  struct stat file = {};
  if (stat(path().c_str(), &file) == 0) {
    // Blocks and not the size: a sparse file keeps nothing free.
    space.reserve = static_cast<uint64_t>(file.st_blocks) * kStatBlock;
  } else if (errno != ENOENT) {
    return ErrnoStatus(errno, "stat", path());
  }
  return space;
}

absl::Status SpaceFile::TakeReserve(uint64_t bytes) {
  const UniqueFd file(
      open(path().c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file.valid()) return ErrnoStatus(errno, "open", path());
  // It returns the error and leaves errno alone.
  const int error = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error != 0) {
    // What was allocated of it would be missing elsewhere.
    const absl::Status released = ReleaseReserve();
    return released.ok() ? ErrnoStatus(error, "posix_fallocate", path())
                         : released;
  }
  return absl::OkStatus();
}

absl::Status SpaceFile::ReleaseReserve() {
  // The blocks are free at once: nobody has the file open.
  if (unlink(path().c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, "unlink", path());
  }
  return absl::OkStatus();
}

}  // namespace microovn::raft
