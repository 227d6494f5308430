// SPDX-License-Identifier: Apache-2.0
// The joiner's side of a join up to its admission: find the cluster by the
// token's pin, ask, and return what makes this node a member. Nothing is
// written here.
#ifndef MICROOVN_AGENT_ENTRY_JOINING_H_
#define MICROOVN_AGENT_ENTRY_JOINING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/entry/node_settings.h"
#include "agent/identity/identity_store.h"
#include "agent/state/values/cluster_state.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "microovn/internal/node/v1/node.pb.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "pki/join/join_token.h"
#include "pki/sealing/sealing_key.h"
#include "raft/core/values/types.h"

namespace microovn::agent {

struct JoinRequest {
  NodeSettings node;
  std::string version;
  // Of the log's directory that will be made for this membership.
  uint64_t incarnation = 0;
};

struct Admission {
  internal::node::v1::NodeIdentity identity;
  ClusterCredentials credentials;
  statepb::Member member;
  // Who may lead until the log has arrived; none if the cluster does not say.
  std::vector<raft::MemberId> voters;
};

// A member that has shown the cluster CA which the token pins.
struct PinnedMember {
  HostPort address;
  std::string member_id;
  std::string cluster_ca_pem;
};

// Finds out who answers at `address`, and whether it is of the right cluster.
using FetchMember =
    std::function<absl::StatusOr<PinnedMember>(const HostPort& address)>;

// Asks it over mutual TLS with the token's certificate.
using AskForAdmission =
    std::function<absl::StatusOr<internal::peer::v1::AdmitResponse>(
        const PinnedMember& member,
        const internal::peer::v1::AdmitRequest& request)>;

struct JoinPorts {
  FetchMember fetch;
  AskForAdmission ask;
  const Clock* clock = nullptr;
  std::function<void(absl::Duration)> sleep;
};

// The ports of production; both are borrowed.
JoinPorts NetworkJoinPorts(const pki::JoinToken* token, const Clock* clock);

// Tries the token's addresses in turn; a member's refusal ends the search, an
// address that cannot be used does not. Once a member has got the request, all
// are asked again for half a minute, until one knows what became of it.
absl::StatusOr<Admission> RequestAdmission(const JoinRequest& request,
                                           const pki::JoinToken& token,
                                           const pki::SealingKey& sealing_key,
                                           const JoinPorts& ports);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_ENTRY_JOINING_H_
