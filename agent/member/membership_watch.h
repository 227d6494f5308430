// SPDX-License-Identifier: Apache-2.0
// Watches over this node's own membership: confirms a join that was cut off,
// and finds out when the cluster has removed this member, also while this node
// was away. One thread of its own.
#ifndef MICROOVN_AGENT_MEMBER_MEMBERSHIP_WATCH_H_
#define MICROOVN_AGENT_MEMBER_MEMBERSHIP_WATCH_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "agent/cluster/peer_client.h"
#include "agent/member/replicated_log.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "base/mutex.h"
#include "raft/core/values/types.h"

namespace microovn::agent {

class MembershipWatch {
 public:
  struct Parts {
    // Borrowed; all outlive the watch.
    ReplicatedLog* log = nullptr;
    StateStore* store = nullptr;
    PeerClient* peers = nullptr;
    std::string self_id;
    // Called once, on the watch's thread.
    std::function<void()> removed;
    // As NodeParts has it.
    std::function<void(const ClusterState& state)> end_gone = {};
    // For tests; by default the log's.
    std::function<std::vector<raft::MemberId>()> voters = {};
  };

  // `confirming`: whether this node has promised, on its own disk, to be a
  // member. Only then may the cluster hear so.
  MembershipWatch(Parts parts, bool confirming);
  ~MembershipWatch();
  MembershipWatch(const MembershipWatch&) = delete;
  MembershipWatch& operator=(const MembershipWatch&) = delete;

  // Whether it confirms a join that has not been.
  void SetConfirming(bool confirming) { confirming_ = confirming; }

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Whether this member was removed, by its own state or by the word of most
  // of the voters that it knows.
  bool IsRemoved();
  void EndGone();
  std::vector<raft::MemberId> KnownVoters() const;
  void ConfirmIfJoining();

  const Parts parts_;
  std::atomic<bool> confirming_;
  Mutex mu_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_MEMBERSHIP_WATCH_H_
