// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/agent_certificate_reconciler.h"

#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

absl::Status AgentCertificateReconciler::Reconcile(const NodeView& view) {
  const statepb::Authority* authority =
      view.state().authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  if (authority == nullptr || authority->rotation_id().empty() ||
      view.leaving() || followed_ == nullptr) {
    return absl::OkStatus();
  }
  const FollowedGenerations followed = followed_();
  facts_.cluster_published_generation = followed.published;
  facts_.cluster_observed_generation = followed.observed;
  return followed.observed == authority->generation()
             ? absl::OkStatus()
             : absl::UnavailableError(
                   "the agent's certificate follows the cluster CA");
}

}  // namespace microovn::agent
