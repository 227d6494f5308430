// SPDX-License-Identifier: Apache-2.0
// Waits until this agent's own certificate has followed a rotation of the
// cluster CA, which its renewal does, and fills in what is reported of that.
#ifndef MICROOVN_AGENT_RECONCILE_CERTIFICATE_AGENT_CERTIFICATE_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_CERTIFICATE_AGENT_CERTIFICATE_RECONCILER_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {

// Authority.generation of the cluster CA, as far as this agent has come.
struct FollowedGenerations {
  uint64_t published = 0;
  uint64_t observed = 0;
};

class AgentCertificateReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  AgentCertificateReconciler(std::function<FollowedGenerations()> followed,
                             NodeFacts* facts)
      : followed_(std::move(followed)), facts_(*facts) {}

  absl::string_view name() const override { return "agent-certificate"; }
  absl::Status Reconcile(const NodeView& view) override;
  // Only the state wants something new of it.
  bool hears() const override { return true; }

 private:
  const std::function<FollowedGenerations()> followed_;
  NodeFacts& facts_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_CERTIFICATE_AGENT_CERTIFICATE_RECONCILER_H_
