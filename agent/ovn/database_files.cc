// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/database_files.h"

#include <stdio.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"

namespace microovn::agent {

std::string DirectoryOf(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string LockOf(const std::string& path) {
  return absl::StrCat(DirectoryOf(path), "/.", path.substr(path.rfind('/') + 1),
                      ".~lock~");
}

absl::Status RenameFile(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return ErrnoStatus(errno, "rename", from);
  }
  return SyncDirectory(DirectoryOf(to));
}

absl::Status UnlinkFile(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) {
    return ErrnoStatus(errno, "unlink", path);
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
