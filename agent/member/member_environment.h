// What a membership needs of the node that holds it.
#ifndef MICROOVN_AGENT_MEMBER_MEMBER_ENVIRONMENT_H_
#define MICROOVN_AGENT_MEMBER_MEMBER_ENVIRONMENT_H_

#include <functional>

#include "agent/cluster/local_node.h"
#include "agent/identity/identity_store.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "base/clock.h"
#include "base/command_runner.h"
#include "base/random.h"
#include "raft/transport/raft_service.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

// Pointers are borrowed and outlive the membership.
struct MemberEnvironment {
  const supervisor::Paths* paths = nullptr;
  const IdentityStore* store = nullptr;
  const Clock* clock = nullptr;
  RandomSource* random = nullptr;
  CommandRunner* runner = nullptr;
  TlsIdentity* tls = nullptr;
  PeerChannels* channels = nullptr;
  raft::RaftService* raft_service = nullptr;
  supervisor::ServiceDriver* driver = nullptr;
  Versions versions;
  // The cluster has removed this member. Called once, from a thread of the
  // membership; must not block.
  std::function<void()> removed;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_MEMBER_ENVIRONMENT_H_
