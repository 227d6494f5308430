// SPDX-License-Identifier: Apache-2.0
#include "base/file/free_space.h"

#include <sys/statvfs.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace microovn {

absl::StatusOr<FreeSpace> FreeSpaceAt(const std::string& path) {
  struct statvfs system = {};
  if (statvfs(path.c_str(), &system) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("statvfs of ", path));
  }
  return FreeSpace{uint64_t{system.f_blocks} * system.f_frsize,
                   uint64_t{system.f_bavail} * system.f_frsize};
}

}  // namespace microovn
