// SPDX-License-Identifier: Apache-2.0
#include "supervisor/json_rpc/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/file/file.h"

namespace microovn::supervisor {

// A longer path than a socket address holds is reached through its directory's
// descriptor.
// unix(7): 108 bytes, and OVS's own programs get round it in the same way.
// Tests and snaps have such paths.
absl::StatusOr<UniqueFd> ConnectUnix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  UniqueFd directory;
  std::string name = path;
  if (name.size() >= sizeof(address.sun_path)) {
    const size_t slash = path.rfind('/');
    directory = UniqueFd(
        open(path.substr(0, slash).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid()) return ErrnoStatus(errno, "open", path);
    name = absl::StrCat("/proc/self/fd/", directory.get(), path.substr(slash));
  }
  if (name.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is too long"));
  }
  memcpy(address.sun_path, name.c_str(), name.size() + 1);
  // Non-blocking: a full backlog means that the daemon does not answer.
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return ErrnoStatus(errno, "socket", path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    return absl::UnavailableError(
        absl::StrCat("connect ", path, ": ", strerror(errno)));
  }
  return fd;
}

}  // namespace microovn::supervisor
