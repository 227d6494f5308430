// SPDX-License-Identifier: Apache-2.0
// Writes data/env/ovn.env, which every OVN service of this node and
// MicroOVN's consumers read, when it differs from what the state says.
#ifndef MICROOVN_AGENT_RECONCILE_SETTINGS_ENV_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_SETTINGS_ENV_RECONCILER_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/connections.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/watch/cached_reads.h"

namespace microovn::agent {

// What the state says about addresses, for the node of the view. An
// ovn.central-ips that cannot be read is an error: the state checks it.
absl::StatusOr<OvnConnections> ConnectionsOf(const NodeView& view);

// Fills in NodeFacts::connections and ::environment_written.
class EnvReconciler final : public Reconciler {
 public:
  // `path` is data/env/ovn.env; `facts` outlives the object, and so does
  // `files`, which may be null: what tells of changes of that file.
  EnvReconciler(std::string path, NodeFacts* facts,
                CachedReads* files = nullptr)
      : path_(std::move(path)), facts_(*facts), files_(files) {}

  absl::string_view name() const override { return "environment"; }
  absl::Status Reconcile(const NodeView& view) override;
  bool hears() const override { return files_ != nullptr && files_->hears(); }

 private:
  absl::StatusOr<std::string> Read() const;

  const std::string path_;
  NodeFacts& facts_;
  CachedReads* const files_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_SETTINGS_ENV_RECONCILER_H_
