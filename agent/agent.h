// The agent: builds and owns all parts, and makes and ends this node's
// membership.
//
// Start order: directories, lock, the driver (which brings back the daemons of
// this node at once, whatever the cluster does), the server, the membership.
// Stop order is the reverse; no daemon is stopped. Thread-safe.
#ifndef MICROOVN_AGENT_AGENT_H_
#define MICROOVN_AGENT_AGENT_H_

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/cluster/local_node.h"
#include "agent/entry/node_settings.h"
#include "agent/flags.h"
#include "agent/identity/identity_store.h"
#include "agent/member/life_signs.h"
#include "agent/member/member_environment.h"
#include "agent/member/running_membership.h"
#include "agent/server/peer_channels.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "agent/service/api_services.h"
#include "base/clock.h"
#include "base/command_runner.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/unique_fd.h"
#include "pki/join_token.h"
#include "raft/transport/raft_service.h"
#include "supervisor/paths.h"
#include "supervisor/service_driver.h"

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
  absl::StatusOr<v1::BootstrapClusterResponse> Bootstrap(
      const v1::BootstrapClusterRequest& request) override;
  absl::StatusOr<v1::JoinClusterResponse> Join(
      const v1::JoinClusterRequest& request) override;

 private:
  // Holds the right to change the membership; one at a time.
  class Change;

  Agent(const AgentOptions& options, const Clock* clock, RandomSource* random,
        CommandRunner* runner);

  // Returns when neither a removal of this node nor the end of an interrupted
  // join is under way, or they take too long.
  void AwaitRemoval() const ABSL_LOCKS_EXCLUDED(mu_);
  absl::Status Prepare();
  absl::Status OpenServer();
  absl::Status Resume();
  absl::StatusOr<std::shared_ptr<RunningMembership>> StartMember(
      const internal::node::v1::NodeIdentity& identity);
  void Forget(const std::shared_ptr<RunningMembership>& member);
  absl::Status Found(const v1::BootstrapClusterRequest& request,
                     const NodeSettings& settings);
  absl::Status Enter(const pki::JoinToken& token, const NodeSettings& settings);
  // Takes an admission back, on both sides; OK when it was confirmed already,
  // so that the join stands.
  absl::Status GiveUpJoin(const internal::node::v1::NodeIdentity& identity,
                          const ClusterCredentials& credentials,
                          const absl::Status& why);
  void EndInterruptedJoin() ABSL_LOCKS_EXCLUDED(mu_);
  std::shared_ptr<RunningMembership> ThisMember() const
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<NodeSettings> Resolve(const v1::NodeSettings& wanted) const;
  v1::Member DescribeSelf(Membership& member) const;
  void AddConvergenceWarning(Membership& member,
                             std::vector<std::string>& warnings) const;
  // On its own thread: ends a join that an earlier agent began, then waits for
  // a removal and carries it out.
  void WatchRemoval();

  const AgentOptions options_;
  const Clock* const clock_;
  RandomSource* const random_;
  CommandRunner* const runner_;
  const supervisor::Paths paths_;
  const IdentityStore store_;
  Versions versions_;
  UniqueFd lock_;

  TlsIdentity tls_;
  PeerChannels channels_{&tls_};
  raft::RaftService raft_service_;
  std::unique_ptr<supervisor::ServiceDriver> driver_;
  ApiServices services_;
  std::unique_ptr<Server> server_;

  mutable Mutex mu_;
  mutable CondVar changed_;
  bool busy_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool removed_ ABSL_GUARDED_BY(mu_) = false;
  // What an earlier agent was joining as.
  std::optional<internal::node::v1::NodeIdentity> interrupted_
      ABSL_GUARDED_BY(mu_);
  std::shared_ptr<RunningMembership> member_ ABSL_GUARDED_BY(mu_);
  std::thread removal_thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_AGENT_H_
