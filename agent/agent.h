// SPDX-License-Identifier: Apache-2.0
// The agent: builds and owns all parts, and answers for this node. What its
// membership goes through is the lifecycle's.
//
// Start order: directories, lock, the driver (which brings back the daemons of
// this node at once, whatever the cluster does), the server, the membership.
// Stop order is the reverse; no daemon is stopped. Thread-safe.
#ifndef MICROOVN_AGENT_AGENT_H_
#define MICROOVN_AGENT_AGENT_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/cluster/local_node.h"
#include "agent/entry/node_settings.h"
#include "agent/flags.h"
#include "agent/identity/identity_store.h"
#include "agent/lifecycle.h"
#include "agent/member/life_signs.h"
#include "agent/member/node_parts.h"
#include "agent/security/security_log.h"
#include "agent/server/live_calls.h"
#include "agent/server/peer_channels.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "agent/service/api_services.h"
#include "base/crypto/random.h"
#include "base/file/unique_fd.h"
#include "base/mutex.h"
#include "base/process/command_runner.h"
#include "base/time/clock.h"
#include "pki/sealing/systemd_custody.h"
#include "raft/transport/raft_service.h"
#include "supervisor/service/paths.h"
#include "supervisor/service/service_driver.h"

namespace microovn::agent {

class Agent final : public LocalNode {
 public:
  // `clock`, `random` and `runner` are borrowed and outlive the agent.
  static absl::StatusOr<std::unique_ptr<Agent>> Start(
      const AgentOptions& options, const Clock* clock, RandomSource* random,
      CommandRunner* runner);
  ~Agent() override;

  // Hands over what it leads and ends; daemons stay.
  void Stop();

  // For a watchdog: empty when this node is no member; never waits.
  std::optional<LifeSigns> Life() const;
  // What this node is, in one line.
  std::string Describe() const;

  std::shared_ptr<Membership> member() const override;
  v1::GetClusterResponse::State phase() const override;
  Versions versions() const override;
  std::string removed_as() const override;
  absl::StatusOr<v1::BootstrapClusterResponse> Bootstrap(
      const v1::BootstrapClusterRequest& request,
      const statepb::Asker& asker) override;
  absl::StatusOr<v1::JoinClusterResponse> Join(
      const v1::JoinClusterRequest& request) override;

 private:
  Agent(const AgentOptions& options, const Clock* clock, RandomSource* random,
        CommandRunner* runner);

  absl::Status Prepare();
  absl::Status OpenServer();
  absl::StatusOr<NodeSettings> Resolve(const v1::NodeSettings& wanted) const;
  v1::Member DescribeSelf(Membership& member) const;
  // SERVICES_NOT_RUNNING when this node does not run in time what it should.
  absl::Status AwaitServices(Membership& member) const;
  NodeParts Parts();

  const AgentOptions options_;
  const Clock* const clock_;
  RandomSource* const random_;
  CommandRunner* const runner_;
  const supervisor::Paths paths_;
  const IdentityStore store_;
  Versions versions_;
  UniqueFd lock_;

  pki::SystemdCustody tpm_;
  pki::SystemdCustody host_secret_;
  // Of the three, as they are wanted.
  pki::SealingMeans sealing_;
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, clock_};
  raft::RaftService raft_service_;
  std::unique_ptr<supervisor::ServiceDriver> driver_;
  MembershipLifecycle lifecycle_;
  // Null when it is switched off.
  const std::unique_ptr<SecurityLog> security_;
  LiveCalls calls_;
  ApiServices services_;
  std::unique_ptr<Server> server_;

  Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_AGENT_H_
