// SPDX-License-Identifier: Apache-2.0
// Who may use the agent's socket: pure.
#ifndef MICROOVN_AGENT_SERVER_ADMINISTRATORS_H_
#define MICROOVN_AGENT_SERVER_ADMINISTRATORS_H_

#include <sys/types.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace microovn::agent {

// The process at the other end, as it was when it connected.
struct SocketPeer {
  uid_t uid = 0;
  gid_t gid = 0;
  // The supplementary ones.
  std::vector<gid_t> groups;
};

// root, and who is in the group of administrators, if there is one.
inline bool IsAdministrator(const SocketPeer& peer,
                            std::optional<gid_t> administrators) {
  if (peer.uid == 0) return true;
  if (!administrators.has_value()) return false;
  return peer.gid == *administrators ||
         std::find(peer.groups.begin(), peer.groups.end(), *administrators) !=
             peer.groups.end();
}

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVER_ADMINISTRATORS_H_
