// SPDX-License-Identifier: Apache-2.0
// This node's membership from its beginning to its end: founded, joined,
// resumed at a start, given up, or ended because the cluster has removed this
// node.
//
// A node erases what it has of a membership on an answer only: the join was
// taken back, or the member removed. Without an answer it stays what it is and
// goes on asking. Thread-safe.
#ifndef MICROOVN_AGENT_LIFECYCLE_H_
#define MICROOVN_AGENT_LIFECYCLE_H_

#include <memory>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/entry/node_settings.h"
#include "agent/identity/identity_store.h"
#include "agent/member/node_parts.h"
#include "agent/member/running_membership.h"
#include "agent/server/server.h"
#include "base/mutex.h"
#include "microovn/v1/cluster.pb.h"
#include "pki/join/join_token.h"
#include "pki/sealing/key_custody.h"
#include "pki/sealing/sealing_key.h"

namespace microovn::agent {

class MembershipLifecycle {
 public:
  // Holds the right to change the membership; one at a time.
  class Change {
   public:
    explicit Change(MembershipLifecycle* lifecycle);
    ~Change();
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;

    // ABORTED, reason BUSY, while another is under way.
    absl::Status status() const;

   private:
    MembershipLifecycle* const lifecycle_;
    bool held_ = false;
  };

  // `node` may lack what Provide brings. Until Resume all is BUSY.
  explicit MembershipLifecycle(NodeParts node);
  ~MembershipLifecycle();

  // Before Resume; both outlive this object's Stop.
  void Provide(supervisor::ServiceDriver* driver, Server* server,
               const Versions& versions, const pki::SealingMeans& sealing) {
    node_.driver = driver;
    node_.versions = versions;
    node_.sealing = sealing;
    server_ = server;
  }
  // Starts what this node is according to its disk. Call once.
  absl::Status Resume();
  void Stop();

  // Null when this node is no member.
  std::shared_ptr<RunningMembership> member() const ABSL_LOCKS_EXCLUDED(mu_);
  // A founding, a join or an end is under way.
  bool changing() const ABSL_LOCKS_EXCLUDED(mu_);
  // This node was removed and puts away what it was a member with.
  bool ending() const ABSL_LOCKS_EXCLUDED(mu_) {
    MutexLock lock(&mu_);
    return ending_;
  }
  // IdentityStore::RemovedAs
  std::string removed_as() const { return node_.store->RemovedAs(); }

  // Returns when neither a removal of this node nor a join of unknown outcome
  // is under way, or they take too long.
  void AwaitRemoval() const ABSL_LOCKS_EXCLUDED(mu_);

  // With a Change. On failure nothing is left but the backup of what lay there
  // before; or, of a join whose outcome nobody told, JOIN_OUTCOME_UNKNOWN.
  absl::Status Found(const v1::BootstrapClusterRequest& request,
                     const NodeSettings& settings,
                     const statepb::Asker& asker = {});
  absl::Status Enter(const pki::JoinToken& token, const NodeSettings& settings);

 private:
  using NodeIdentity = internal::node::v1::NodeIdentity;

  // A join of which this node does not know whether it stands.
  struct OpenJoin {
    NodeIdentity identity;
    absl::Status why;
    int rounds = 0;
    // On Clock::Monotonic().
    absl::Duration next = absl::ZeroDuration();
  };

  // Nothing of an earlier life is in the way after it: what lay there is in a
  // backup, and what ran has stopped. Returns this node's own sealing key,
  // which the new membership begins with.
  absl::StatusOr<pki::SealingKey> MakeWay();
  absl::Status MakeCluster(const v1::BootstrapClusterRequest& request,
                           const NodeSettings& settings,
                           const statepb::Asker& asker);
  absl::Status JoinCluster(const pki::JoinToken& token,
                           const NodeSettings& settings);
  absl::StatusOr<std::shared_ptr<RunningMembership>> StartMember(
      const NodeIdentity& identity) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::shared_ptr<RunningMembership>> ListenAndStart(
      const NodeIdentity& identity) ABSL_LOCKS_EXCLUDED(mu_);
  void StopServices();
  // `keeps`: what is no key is kept beside the backup of its data.
  void Forget(const std::shared_ptr<RunningMembership>& member,
              bool keeps = false) ABSL_LOCKS_EXCLUDED(mu_);

  // Whether the join is settled, in `outcome` whether it stands.
  bool SettleJoin(const OpenJoin& join, const ClusterCredentials& credentials,
                  absl::Duration patience, absl::Status* outcome);
  absl::Status AcceptJoin(const NodeIdentity& identity);
  absl::Status GiveUpJoin(const NodeIdentity& identity,
                          const ClusterCredentials& credentials,
                          const absl::Status& why);

  // On its own thread: what ends without anybody asking.
  void Run();
  // Whether there is some; false when this stops.
  bool WaitForWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void EndRemoved(const std::shared_ptr<RunningMembership>& member);
  void TryOpenJoin(OpenJoin join);

  NodeParts node_;
  Server* server_ = nullptr;

  mutable Mutex mu_;
  mutable CondVar changed_;
  bool busy_ ABSL_GUARDED_BY(mu_) = true;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool removed_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<OpenJoin> open_join_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<RunningMembership> member_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_LIFECYCLE_H_
