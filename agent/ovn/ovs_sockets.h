// SPDX-License-Identifier: Apache-2.0
// How the daemons of this node are asked: over their sockets, without a
// program in between. Tests put functions of their own in.
#ifndef MICROOVN_AGENT_OVN_OVS_SOCKETS_H_
#define MICROOVN_AGENT_OVN_OVS_SOCKETS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "supervisor/json_rpc/json_rpc.h"

namespace microovn::agent {

// Both are thread-safe and copyable.
struct OvsSockets {
  // supervisor::Unixctl
  std::function<absl::StatusOr<std::string>(
      const std::string& socket, const std::string& command,
      const std::vector<std::string>& arguments, absl::Duration timeout)>
      unixctl = supervisor::Unixctl;
  // supervisor::OvsdbTransact
  std::function<absl::StatusOr<std::string>(const std::string& socket,
                                            const std::string& params,
                                            absl::Duration timeout)>
      transact = supervisor::OvsdbTransact;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_OVS_SOCKETS_H_
