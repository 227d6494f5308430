// SPDX-License-Identifier: Apache-2.0
// Files that are either wholly there or not: written beside their place,
// synced, renamed, and the directory synced.
//
// Free functions, thread-safe as far as the file system is.
#ifndef MICROOVN_BASE_FILE_FILE_H_
#define MICROOVN_BASE_FILE_FILE_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace microovn {

// The whole file. RESOURCE_EXHAUSTED when it is larger than `limit` bytes,
// NOT_FOUND when it is not there.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     size_t limit = 16 << 20);

// Replaces `path` atomically; `mode` is set before the first byte is written.
// After OK the content survives a power cut.
absl::Status WriteFile(const std::string& path, absl::string_view content,
                       mode_t mode);

// Makes `link` a symbolic link to `target`, replacing what was there in one
// rename.
absl::Status ReplaceSymlink(const std::string& target, const std::string& link);

// Creates the directory and its missing parents with `mode`.
absl::Status MakeDirectories(const std::string& path, mode_t mode);

// rename(2) alone; what is at `to` goes. Durable once a directory that it
// touches is synced.
absl::Status Rename(const std::string& from, const std::string& to);

// unlink(2) alone; a missing file is OK.
absl::Status Remove(const std::string& path);

// fsync of a directory: names created in it survive a power cut.
absl::Status SyncDirectory(const std::string& path);

// Removes a tree. Symbolic links are removed, not followed; a missing tree is
// OK.
absl::Status RemoveTree(const std::string& path);

// Names in a directory, sorted, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::string& path);

bool FileExists(const std::string& path);

// Joins with exactly one slash.
std::string JoinPath(absl::string_view directory, absl::string_view name);

// "CALL PATH: strerror(ERROR)" with the canonical code for `error` (an errno).
absl::Status ErrnoStatus(int error, absl::string_view call,
                         absl::string_view path);

}  // namespace microovn

#endif  // MICROOVN_BASE_FILE_FILE_H_
