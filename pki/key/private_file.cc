// SPDX-License-Identifier: Apache-2.0
#include "pki/key/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "base/file/file.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"

namespace microovn::pki {
namespace {

constexpr size_t kMaxBytes = 64 << 10;
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
constexpr mode_t kOthersMayWrite = S_IWGRP | S_IWOTH;

absl::Status CheckFile(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode)) {
    return PrivateFileRefused(path, "it is not a regular file");
  }
  if (info.st_uid != geteuid()) {
    return PrivateFileRefused(path, "it belongs to another user");
  }
  if ((info.st_mode & kOthers) != 0) {
    return PrivateFileRefused(path, "others than its owner may use it");
  }
  // Another name may lie where others can reach the file later on.
  if (info.st_nlink != 1) {
    return PrivateFileRefused(path, "it has a second name (hard link)");
  }
  return absl::OkStatus();
}

absl::Status CheckDirectory(const struct stat& info, const std::string& path) {
  if (info.st_uid != geteuid()) {
    return PrivateFileRefused(path, "it belongs to another user");
  }
  if ((info.st_mode & kOthersMayWrite) != 0) {
    return PrivateFileRefused(path, "others than its owner may write to it");
  }
  return absl::OkStatus();
}

absl::StatusOr<SecretString> ReadAll(int fd, const std::string& path) {
  // One allocation, so that no copy of a growing buffer is left behind.
  std::string content(kMaxBytes + 1, '\0');
  size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = read(fd, &content[size], content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, "read", path);
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  if (size > kMaxBytes) return PrivateFileRefused(path, "it is too large");
  const SecretString wiped_on_return(std::move(content));
  return SecretString(std::string(wiped_on_return.Reveal().substr(0, size)));
}

}  // namespace

absl::StatusOr<SecretString> ReadPrivateFile(const std::string& path) {
  // Non-blocking: opening a FIFO must not wait for a writer.
  const UniqueFd fd(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid() && errno == ELOOP) {
    return PrivateFileRefused(path, "it is a symbolic link");
  }
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  struct stat info = {};
  // Of the open file: what is checked is what is read, whoever renames in
  // between.
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  RETURN_IF_ERROR(CheckFile(info, path));
  return ReadAll(fd.get(), path);
}

absl::Status EnsurePrivateDirectory(const std::string& path) {
  // What is made here is there after a power cut, too.
  RETURN_IF_ERROR(MakeDirectories(path, kDirectoryMode));
  // All that follows goes by the descriptor: what is checked is what is
  // changed. O_NOFOLLOW looks at the last component only (open(2)); the
  // directories above it are the caller's.
  const UniqueFd fd(
      open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid() && (errno == ELOOP || errno == ENOTDIR)) {
    return PrivateFileRefused(path, "it is not a directory of its own");
  }
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  struct stat info = {};
  if (fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "stat", path);
  RETURN_IF_ERROR(CheckDirectory(info, path));
  if ((info.st_mode & 07777) != kDirectoryMode &&
      fchmod(fd.get(), kDirectoryMode) != 0) {
    return ErrnoStatus(errno, "chmod", path);
  }
  return absl::OkStatus();
}

}  // namespace microovn::pki
