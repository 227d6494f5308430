// SPDX-License-Identifier: Apache-2.0
// This node's membership of a cluster: everything that exists from bootstrap,
// join or start until the membership ends or the agent stops.
//
// Made and owned by the LocalNode; handlers hold it by shared_ptr for the
// length of a call. Thread-safe.
#ifndef MICROOVN_AGENT_CLUSTER_MEMBERSHIP_H_
#define MICROOVN_AGENT_CLUSTER_MEMBERSHIP_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/cluster/issuance.h"
#include "agent/cluster/peer_client.h"
#include "agent/health/facts.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/name/ovn_service.h"

namespace microovn::agent {

// How long a change may take before its outcome is said to be unknown.
inline constexpr absl::Duration kProposeTimeout = absl::Seconds(10);

class Membership {
 public:
  virtual ~Membership() = default;

  virtual const internal::node::v1::NodeIdentity& identity() const = 0;
  const std::string& id() const { return identity().member_id(); }
  const std::string& name() const { return identity().name(); }

  // What this node has applied; never null.
  virtual std::shared_ptr<const ClusterState> state() const = 0;
  virtual StateStore& store() = 0;

  // Adds the clock and the format, waits until it is applied here, and makes a
  // refusal a status.
  virtual absl::StatusOr<statepb::Result> Propose(statepb::Command command,
                                                  absl::Duration timeout) = 0;

  // Afterwards state() holds every change acknowledged before the call.
  virtual absl::Status Barrier(absl::Duration timeout) = 0;

  // Null when no leader is known. `leads()` is this member's own view.
  virtual std::optional<Peer> leader() const = 0;
  virtual bool leads() const = 0;

  virtual PeerClient& peers() = 0;

  // Everything known, asking every member when `probe`; within `timeout`.
  virtual ClusterFacts Gather(bool linearizable, bool probe,
                              absl::Duration timeout) = 0;
  virtual internal::peer::v1::GetLocalStatusResponse LocalStatus() = 0;

  // Hands the lead to a voter, the most complete one if `member_id` is empty;
  // OK when that one leads. UNAVAILABLE when it does not within some seconds.
  virtual absl::Status TransferLead(const std::string& member_id) = 0;

  // What this member does for others while it leads; outlives the call.
  virtual Issuance& issuance() = 0;

  // New OVN certificates on this node, published when it returns; `asker` is
  // empty when they are due.
  virtual absl::Status Reissue(const std::set<pki::OvnService>& services,
                               absl::Duration timeout,
                               const statepb::Asker& asker = {}) = 0;

  // Waits until this node runs what `revision` of the desired state wants.
  // DEADLINE_EXCEEDED says what is missing.
  virtual absl::Status WaitConverged(uint64_t revision,
                                     absl::Duration timeout) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_CLUSTER_MEMBERSHIP_H_
