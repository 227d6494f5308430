// SPDX-License-Identifier: Apache-2.0
// What a membership needs of the node that holds it.
#ifndef MICROOVN_AGENT_MEMBER_NODE_PARTS_H_
#define MICROOVN_AGENT_MEMBER_NODE_PARTS_H_

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "agent/cluster/local_node.h"
#include "agent/identity/identity_store.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/process/command_runner.h"
#include "base/time/clock.h"
#include "pki/sealing/key_custody.h"
#include "raft/transport/raft_service.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

// The leader has refused what a member has passed to it: that member's name,
// the kind of command (command_rules.h) and the reason. From any thread; must
// not block.
using CommandRefused =
    std::function<void(const std::string& member, absl::string_view kind,
                       const std::string& reason)>;

// Pointers are borrowed and outlive the membership.
struct NodeParts {
  const supervisor::Paths* paths = nullptr;
  const IdentityStore* store = nullptr;
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
  CommandRunner* runner = nullptr;
  TlsIdentity* tls = nullptr;
  PeerChannels* channels = nullptr;
  raft::RaftService* raft_service = nullptr;
  supervisor::ServiceDriver* driver = nullptr;
  // How the sealing key is to be kept.
  pki::SealingMeans sealing;
  Versions versions;
  // The cluster has removed this member. Called once, from a thread of the
  // membership; must not block.
  std::function<void()> removed;
  // Called every second, from a thread of the membership: what those have open
  // is to end who are gone by this state, or whose time is over. Null: nobody
  // cares.
  std::function<void(const ClusterState& state)> end_gone;
  // Whether a leader is heard, which has a quorum as long as it leads. Called
  // first with how it is at the start, then at each change, in order, from a
  // thread of the membership; not after its Stop. Must not block.
  std::function<void(bool quorum)> quorum_changed;
  CommandRefused command_refused;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_NODE_PARTS_H_
