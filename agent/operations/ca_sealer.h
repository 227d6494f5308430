// SPDX-License-Identifier: Apache-2.0
// Seals the keys of the certificate authorities for the members that may sign,
// and makes new ones.
//
// Implemented by the agent over pki; called on the leader. Thread-safe.
#ifndef MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_
#define MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

class CaSealer {
 public:
  virtual ~CaSealer() = default;

  // OK once both authorities' keys are sealed in the state for exactly these
  // members.
  virtual absl::Status Reseal(const std::vector<std::string>& member_ids) = 0;

  // A new CA to follow the one of `plane`, its key sealed like that one's.
  virtual absl::StatusOr<statepb::Authority> MakeSuccessor(
      const ClusterState& state, statepb::Plane plane) = 0;

  // The certificate in PEM of the cluster CA that comes, signed by the one in
  // use. The state has both.
  virtual absl::StatusOr<std::string> CrossCertify(
      const ClusterState& state) = 0;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OPERATIONS_CA_SEALER_H_
