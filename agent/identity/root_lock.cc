// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/root_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "absl/strings/str_cat.h"
#include "base/file/file.h"
#include "base/status/error.h"

namespace microovn::agent {

absl::StatusOr<UniqueFd> LockRoot(const std::string& state_directory) {
  const std::string path = JoinPath(state_directory, "lock");
  // O_CLOEXEC: a daemon that inherited it would hold the lock for as long as it
  // runs. The file is never removed, or two could lock two files of one name.
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid()) return ErrnoStatus(errno, "open", path);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return MakeError(absl::StatusCode::kFailedPrecondition,
                     absl::StrCat("another agent holds ", path),
                     {"ROOT_IN_USE", "stop it, or choose another --root"});
  }
  return lock;
}

}  // namespace microovn::agent
