// SPDX-License-Identifier: Apache-2.0
// Calls an agent over gRPC: its unix socket, or TCP with mutual TLS. Each call
// has a deadline; reads and calls with a request id are retried by gRPC's
// service config when the agent says UNAVAILABLE. A call that is given up ends
// as CANCELLED with reason INTERRUPTED.
//
// The only header of ctl whose implementation includes gRPC.
#ifndef MICROOVN_CTL_CLIENT_CONNECTION_H_
#define MICROOVN_CTL_CLIENT_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ctl/client/api.h"
#include "ctl/client/endpoint.h"

namespace microovn::ctl {

// Both may be empty.
struct ConnectionHooks {
  // Gets one line for each call that ended.
  std::function<void(const std::string& line)> trace;
  // Asked while a call is under way: whether to give it up.
  std::function<bool()> interrupted;
  // Told when the agent marks an answer as one that may be old, because no
  // quorum was reached.
  std::function<void()> stale = nullptr;
};

// UNAVAILABLE with reason DAEMON_UNREACHABLE when nothing listens on the
// socket, PERMISSION_DENIED when the caller may not use it. A remote agent is
// reached only by the first call.
absl::StatusOr<std::unique_ptr<Api>> Connect(const Endpoint& endpoint,
                                             ConnectionHooks hooks);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_CLIENT_CONNECTION_H_
