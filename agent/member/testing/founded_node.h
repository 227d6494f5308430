// SPDX-License-Identifier: Apache-2.0
// A node that has founded a cluster of one and can be started again and again:
// a real disk, a real log, real keys and reconcilers; daemons and programs are
// fakes. Nobody else reaches it. Failures of the set-up CHECK.
#ifndef MICROOVN_AGENT_MEMBER_TESTING_FOUNDED_NODE_H_
#define MICROOVN_AGENT_MEMBER_TESTING_FOUNDED_NODE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "agent/identity/identity_store.h"
#include "agent/member/node_parts.h"
#include "agent/member/running_membership.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "raft/transport/raft_service.h"
#include "supervisor/service/paths.h"
#include "supervisor/testing/fake_service_driver.h"

namespace microovn::agent {

class FoundedNode {
 public:
  // node1, with everything on its disk that a bootstrap writes, not started.
  // Its agent's port is that of 127.0.0.1; nothing listens there.
  explicit FoundedNode(uint16_t port = 1);

  // What the agent does at its start.
  absl::StatusOr<std::shared_ptr<RunningMembership>> Start();
  // Until `member` leads; CHECKs that it comes to it.
  static void AwaitLead(RunningMembership& member);

  const supervisor::Paths& paths() const { return paths_; }
  const IdentityStore& store() const { return store_; }
  internal::node::v1::NodeIdentity Identity() const;
  supervisor::FakeServiceDriver& driver() { return driver_; }
  TlsIdentity& tls() { return tls_; }
  // By NodeParts::removed.
  absl::Notification& removed() { return removed_; }
  // What NodeParts::quorum_changed has told, in order.
  std::vector<bool> quorum() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  NodeParts Environment();

  TempDir root_;
  const Clock& clock_ = Clock::Real();
  RandomSource& random_ = RandomSource::Real();
  const supervisor::Paths paths_{root_.path()};
  const IdentityStore store_{paths_.state()};
  supervisor::FakeNode daemons_;
  supervisor::FakeServiceDriver driver_{&daemons_, &clock_};
  FakeCommandRunner programs_;
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, &clock_};
  raft::RaftService raft_service_;
  absl::Notification removed_;
  mutable Mutex mu_;
  std::vector<bool> quorum_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_TESTING_FOUNDED_NODE_H_
