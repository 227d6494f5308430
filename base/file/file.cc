// SPDX-License-Identifier: Apache-2.0
#include "base/file/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/crypto/random.h"
#include "base/file/file_steps.h"
#include "base/file/unique_fd.h"
#include "base/status/status_macros.h"

namespace microovn {
namespace {

FileStepListener& Listener() {
  static auto* const kListener = new FileStepListener();
  return *kListener;
}

void Note(const FileStep& step) {
  if (Listener() != nullptr) Listener()(step);
}

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// Beside the target, so that the rename stays on one file system.
std::string TemporaryName(const std::string& path) {
  return absl::StrCat(path, ".", RandomSource::Real().Id().substr(0, 12),
                      ".tmp");
}

absl::Status WriteAll(int fd, absl::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "write", path);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

absl::Status Sync(const UniqueFd& fd, FileStep::Kind kind,
                  const std::string& path) {
  if (fsync(fd.get()) != 0) return ErrnoStatus(errno, "fsync", path);
  Note({kind, path});
  return absl::OkStatus();
}

absl::Status WriteAndSync(const std::string& path, absl::string_view content,
                          mode_t mode) {
  UniqueFd fd(open(path.c_str(),
                   O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  // open() masks the mode; the caller's mode is meant exactly.
  if (fchmod(fd.get(), mode) != 0) return ErrnoStatus(errno, "chmod", path);
  RETURN_IF_ERROR(WriteAll(fd.get(), content, path));
  Note({FileStep::Kind::kWrite, path, "", std::string(content), mode});
  return Sync(fd, FileStep::Kind::kSyncFile, path);
}

absl::Status RenameAndSync(const std::string& from, const std::string& to) {
  RETURN_IF_ERROR(Rename(from, to));
  return SyncDirectory(DirectoryOf(to));
}

}  // namespace

void ListenToFileSteps(FileStepListener listener) {
  Listener() = std::move(listener);
}

absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view path) {
  return absl::ErrnoToStatus(error, absl::StrCat(call, " ", path));
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  std::string content;
  char buffer[16 << 10];
  for (;;) {
    const ssize_t got = read(fd.get(), buffer, sizeof(buffer));
    if (got < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, "read", path);
    }
    if (got == 0) return content;
    if (content.size() + static_cast<size_t>(got) > limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat(path, " is larger than ", limit, " bytes"));
    }
    content.append(buffer, static_cast<size_t>(got));
  }
}

absl::Status WriteFile(const std::string& path, absl::string_view content,
                       mode_t mode) {
  const std::string temporary = TemporaryName(path);
  absl::Status status = WriteAndSync(temporary, content, mode);
  if (status.ok()) status = RenameAndSync(temporary, path);
  if (!status.ok()) Remove(temporary).IgnoreError();
  return status;
}

absl::Status ReplaceSymlink(const std::string& target,
                            const std::string& link) {
  const std::string temporary = TemporaryName(link);
  if (symlink(target.c_str(), temporary.c_str()) != 0) {
    return ErrnoStatus(errno, "symlink", link);
  }
  Note({FileStep::Kind::kLink, temporary, target});
  absl::Status status = RenameAndSync(temporary, link);
  if (!status.ok()) Remove(temporary).IgnoreError();
  return status;
}

absl::Status MakeDirectories(const std::string& path, mode_t mode) {
  if (FileExists(path)) return absl::OkStatus();
  const std::string parent = DirectoryOf(path);
  if (parent != path) RETURN_IF_ERROR(MakeDirectories(parent, mode));
  if (mkdir(path.c_str(), mode) == 0) {
    Note({FileStep::Kind::kMakeDirectory, path, "", "", mode});
  } else if (errno != EEXIST) {
    return ErrnoStatus(errno, "mkdir", path);
  }
  return SyncDirectory(parent);
}

absl::Status Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return ErrnoStatus(errno, "rename", to);
  }
  Note({FileStep::Kind::kRename, from, to});
  return absl::OkStatus();
}

absl::Status Remove(const std::string& path) {
  if (unlink(path.c_str()) == 0) {
    Note({FileStep::Kind::kRemove, path});
  } else if (errno != ENOENT) {
    return ErrnoStatus(errno, "unlink", path);
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, "open", path);
  return Sync(fd, FileStep::Kind::kSyncDirectory, path);
}

absl::Status RemoveTree(const std::string& path) {
  std::error_code error;
  const bool removed = std::filesystem::remove_all(path, error) > 0;
  if (error) return ErrnoStatus(error.value(), "remove", path);
  if (removed) Note({FileStep::Kind::kRemove, path});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ListDirectory(
    const std::string& path) {
  std::unique_ptr<DIR, int (*)(DIR*)> directory(opendir(path.c_str()),
                                                closedir);
  if (directory == nullptr) return ErrnoStatus(errno, "opendir", path);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(directory.get())) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return ErrnoStatus(errno, "readdir", path);
  std::sort(names.begin(), names.end());
  return names;
}

bool FileExists(const std::string& path) {
  struct stat unused = {};
  return lstat(path.c_str(), &unused) == 0;
}

std::string JoinPath(absl::string_view directory, absl::string_view name) {
  return absl::StrCat(absl::StripSuffix(directory, "/"), "/",
                      absl::StripPrefix(name, "/"));
}

}  // namespace microovn
