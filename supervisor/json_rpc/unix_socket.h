// SPDX-License-Identifier: Apache-2.0
// Connections to the sockets of this node's daemons.
#ifndef MICROOVN_SUPERVISOR_JSON_RPC_UNIX_SOCKET_H_
#define MICROOVN_SUPERVISOR_JSON_RPC_UNIX_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/file/unique_fd.h"

namespace microovn::supervisor {

// A non-blocking stream socket that is connected to `path`, which may be of
// any length. UNAVAILABLE when nobody listens there. Never waits; thread-safe.
absl::StatusOr<UniqueFd> ConnectUnix(const std::string& path);

}  // namespace microovn::supervisor

#endif  // MICROOVN_SUPERVISOR_JSON_RPC_UNIX_SOCKET_H_
