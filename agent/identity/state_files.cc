// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/state_files.h"

#include <sys/stat.h>

#include <cerrno>
#include <vector>

#include "base/file/file.h"
#include "base/status/status_macros.h"
#include "pki/errors.h"
#include "pki/key/private_file.h"

namespace microovn::agent {
namespace {

constexpr mode_t kClosed = S_IRWXG | S_IRWXO;
// RocksDB gives its files the mode that the umask leaves; the directory around
// them is closed.
constexpr mode_t kWrites = S_IWGRP | S_IWOTH;
// Deeper than anything that is kept there.
constexpr int kMaxDepth = 4;

using Kind = StateFile::Kind;

constexpr StateFile kFiles[] = {
    {"bootstrap.pb", Kind::kFile, kClosed},
    {"cluster-ca.crt", Kind::kFile, kClosed},
    // MicroOVN has its socket here.
    {"control.socket", Kind::kOurLink, 0},
    {"database-clients", Kind::kFile, kWrites},
    {"identity.json", Kind::kFile, kClosed},
    {"leaving-to", Kind::kFile, kClosed},
    {"lock", Kind::kFile, kClosed},
    {"member.crt", Kind::kFile, kClosed},
    {"member.key", Kind::kFile, kClosed},
    {"member.new", Kind::kFile, kClosed},
    {"raft", Kind::kDirectory, kWrites},
    {"recovery.json", Kind::kFile, kClosed},
    {"removed-as", Kind::kFile, kClosed},
    {"sealing", Kind::kDirectory, kClosed},
    {"underlay.json", Kind::kFile, kClosed},
};

absl::Status CheckKind(const struct stat& info, Kind kind,
                       const std::string& path) {
  if (S_ISLNK(info.st_mode) != (kind == Kind::kOurLink)) {
    return pki::PrivateFileRefused(path, kind == Kind::kOurLink
                                             ? "it is no symbolic link"
                                             : "it is a symbolic link");
  }
  if (kind == Kind::kFile && !S_ISREG(info.st_mode)) {
    return pki::PrivateFileRefused(path, "it is not a regular file");
  }
  if (kind == Kind::kDirectory && !S_ISDIR(info.st_mode)) {
    return pki::PrivateFileRefused(path, "it is not a directory of its own");
  }
  return absl::OkStatus();
}

absl::Status CheckMode(const struct stat& info, mode_t forbidden,
                       const std::string& path) {
  if ((info.st_mode & forbidden) == 0) return absl::OkStatus();
  return pki::PrivateFileRefused(
      path, forbidden == kClosed ? "others than its owner may use it"
                                 : "others than its owner may write to it");
}

// One walk through the state directory.
class Walk {
 public:
  explicit Walk(uid_t owner) : owner_(owner) {}

  absl::Status Check(const std::string& path, const StateFile& expected,
                     int depth) const {
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0) {
      // One that was removed meanwhile does no harm.
      return errno == ENOENT ? absl::OkStatus()
                             : ErrnoStatus(errno, "stat", path);
    }
    if (info.st_uid != owner_) {
      return pki::PrivateFileRefused(path, "it belongs to another user");
    }
    RETURN_IF_ERROR(CheckKind(info, expected.kind, path));
    if (!S_ISDIR(info.st_mode)) {
      return CheckMode(info, expected.forbidden, path);
    }
    RETURN_IF_ERROR(pki::EnsurePrivateDirectory(path));
    return CheckBelow(path, expected.forbidden, depth + 1);
  }

 private:
  // All that is in a directory of the table, or in one that nobody knows.
  absl::Status CheckBelow(const std::string& directory, mode_t forbidden,
                          int depth) const {
    if (depth > kMaxDepth) {
      return pki::PrivateFileRefused(directory, "it is too deep");
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> names,
                     ListDirectory(directory));
    for (const std::string& name : names) {
      RETURN_IF_ERROR(Check(JoinPath(directory, name),
                            {"", Kind::kAnyButLink, forbidden}, depth));
    }
    return absl::OkStatus();
  }

  const uid_t owner_;
};

}  // namespace

StateFile ExpectedOf(absl::string_view name) {
  for (const StateFile& file : kFiles) {
    if (file.name == name) return file;
  }
  return {"", Kind::kAnyButLink, kWrites};
}

absl::Status CheckStateFiles(const std::string& directory, uid_t owner) {
  if (!FileExists(directory)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names,
                   ListDirectory(directory));
  const Walk walk(owner);
  for (const std::string& name : names) {
    RETURN_IF_ERROR(
        walk.Check(JoinPath(directory, name), ExpectedOf(name), /*depth=*/0));
  }
  return absl::OkStatus();
}

}  // namespace microovn::agent
