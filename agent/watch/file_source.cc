// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/file_source.h"

#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/status_macros.h"

namespace microovn::agent {
namespace {

constexpr uint32_t kEvents =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE |
    IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr uint32_t kEnds =
    IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_Q_OVERFLOW;

}  // namespace

absl::Status FileSource::Open() {
  fd_ = UniqueFd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!fd_.valid()) return ErrnoStatus(errno, "inotify_init1", "");
  return Add();
}

absl::Status FileSource::Add() {
  for (const std::string& directory : directories_()) {
    if (inotify_add_watch(fd_.get(), directory.c_str(), kEvents) < 0) {
      return ErrnoStatus(errno, "inotify_add_watch", directory);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> FileSource::Read() {
  alignas(inotify_event) char buffer[16 << 10];
  bool changed = false;
  for (;;) {
    const ssize_t got = read(fd_.get(), buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) return ErrnoStatus(errno, "read", "inotify");
    for (ssize_t at = 0; at < got;) {
      inotify_event event = {};
      memcpy(&event, buffer + at, sizeof(event));
      at += static_cast<ssize_t>(sizeof(event) + event.len);
      if ((event.mask & kEnds) != 0) {
        return absl::UnavailableError(
            "a directory is gone or events were lost");
      }
      changed = true;
    }
  }
  if (changed) RETURN_IF_ERROR(Add());
  return changed;
}

}  // namespace microovn::agent
