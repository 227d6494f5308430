// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/backup.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

constexpr char kPrefix[] = "backup_";
constexpr char kUnfinished[] = ".unfinished";
// Deeper than anything this system makes.
constexpr int kMaxDepth = 16;

bool IsDirectory(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Whether anything but directories and links is there.
bool HoldsFiles(const std::string& path, int depth = 0) {
  struct stat info;
  if (depth > kMaxDepth || lstat(path.c_str(), &info) != 0) return false;
  if (!S_ISDIR(info.st_mode)) return S_ISREG(info.st_mode);
  const auto names = ListDirectory(path);
  if (!names.ok()) return false;
  for (const std::string& name : *names) {
    if (HoldsFiles(JoinPath(path, name), depth + 1)) return true;
  }
  return false;
}

absl::Status EraseKeysBelow(const std::string& path, int depth) {
  if (depth > kMaxDepth || !IsDirectory(path)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(path));
  for (const std::string& name : names) {
    const std::string child = JoinPath(path, name);
    if (absl::EndsWith(name, "-privkey.pem")) {
      RETURN_IF_ERROR(Remove(child));
    } else {
      RETURN_IF_ERROR(EraseKeysBelow(child, depth + 1));
    }
  }
  return SyncDirectory(path);
}

absl::Status Move(const std::string& from, const std::string& to) {
  return IsDirectory(from) ? Rename(from, to) : absl::OkStatus();
}

// The path of a backup that was interrupted; empty when there is none.
absl::StatusOr<std::string> InterruptedBackup(const std::string& root) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(root));
  for (const std::string& name : names) {
    if (absl::StartsWith(name, kPrefix) && absl::EndsWith(name, kUnfinished)) {
      return JoinPath(root, name);
    }
  }
  return "";
}

absl::StatusOr<std::string> NewBackup(const std::string& root, absl::Time now) {
  int64_t seconds = absl::ToUnixSeconds(now);
  std::string path;
  do {
    path = JoinPath(root, absl::StrCat(kPrefix, seconds++));
  } while (FileExists(path));
  path += kUnfinished;
  RETURN_IF_ERROR(MakeDirectories(path, 0700));
  return path;
}

// backup_N by N, those that are complete.
absl::StatusOr<std::map<int64_t, std::string>> Backups(
    const std::string& root) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(root));
  std::map<int64_t, std::string> backups;
  for (const std::string& name : names) {
    absl::string_view rest = name;
    int64_t seconds = 0;
    if (absl::ConsumePrefix(&rest, kPrefix) &&
        absl::SimpleAtoi(rest, &seconds) && IsDirectory(JoinPath(root, name))) {
      backups.emplace(seconds, name);
    }
  }
  return backups;
}

// When this node became the member that it is.
int64_t MemberSince(const std::string& root) {
  struct stat info;
  const std::string identity = JoinPath(root, "state/identity.json");
  return lstat(identity.c_str(), &info) == 0 ? info.st_mtim.tv_sec : 0;
}

// Gives the complete backup at `unfinished` its name.
absl::StatusOr<std::string> Finish(const std::string& root,
                                   const std::string& unfinished) {
  RETURN_IF_ERROR(SyncDirectory(unfinished));
  std::string finished =
      unfinished.substr(0, unfinished.size() - sizeof(kUnfinished) + 1);
  RETURN_IF_ERROR(Move(unfinished, finished));
  RETURN_IF_ERROR(SyncDirectory(root));
  return finished;
}

}  // namespace

absl::StatusOr<std::string> BackupForState(const std::string& root,
                                           absl::Time now) {
  ASSIGN_OR_RETURN(const auto backups, Backups(root));
  size_t kept = 0;
  for (auto at = backups.rbegin(); at != backups.rend(); ++at) {
    const std::string state = JoinPath(JoinPath(root, at->second), "state");
    if (FileExists(state) && ++kept >= kStatesKept) {
      RETURN_IF_ERROR(RemoveTree(state));
    }
  }
  if (!backups.empty()) {
    const auto& [seconds, name] = *backups.rbegin();
    const std::string newest = JoinPath(root, name);
    // An empty one was made by a try that was cut off.
    if (seconds >= MemberSince(root) &&
        !HoldsFiles(JoinPath(newest, "state"))) {
      return name;
    }
  }
  int64_t seconds = absl::ToUnixSeconds(now);
  while (FileExists(JoinPath(root, absl::StrCat(kPrefix, seconds)))) ++seconds;
  const std::string name = absl::StrCat(kPrefix, seconds);
  RETURN_IF_ERROR(MakeDirectories(JoinPath(root, name), 0700));
  RETURN_IF_ERROR(SyncDirectory(root));
  return name;
}

absl::Status ErasePrivateKeys(const std::string& directory) {
  return EraseKeysBelow(directory, 0);
}

absl::StatusOr<std::string> BackUpNode(const std::string& root,
                                       absl::Time now) {
  const std::string data = JoinPath(root, "data");
  const std::string logs = JoinPath(root, "logs");
  RETURN_IF_ERROR(ErasePrivateKeys(data));
  ASSIGN_OR_RETURN(std::string backup, InterruptedBackup(root));
  if (backup.empty()) {
    if (!HoldsFiles(data) && !HoldsFiles(logs)) return "";
    ASSIGN_OR_RETURN(backup, NewBackup(root, now));
  }
  RETURN_IF_ERROR(Move(data, JoinPath(backup, "data")));
  RETURN_IF_ERROR(Move(logs, JoinPath(backup, "logs")));
  return Finish(root, backup);
}

}  // namespace microovn::agent
