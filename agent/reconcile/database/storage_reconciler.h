// SPDX-License-Identifier: Apache-2.0
// Looks whether this node's databases have space, says so when they have not,
// and mends their files when they have it again (storage_watch.h).
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_RECONCILER_H_

#include <sys/types.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/database/storage_watch.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"

namespace microovn::agent {

// Reads NodeFacts::services. Does not hear: nobody tells of a disk that fills.
class StorageReconciler final : public Reconciler {
 public:
  // `facts` outlives the object.
  StorageReconciler(const std::vector<CentralDatabase>& databases,
                    const NodeFacts* facts);

  absl::string_view name() const override { return "database storage"; }
  absl::Status Reconcile(const NodeView& view) override;
  std::vector<LocalFinding> findings() const override { return findings_; }

 private:
  struct Server {
    CentralDatabase database;
    StorageWatch watch;
    // The process that `watch` is about: another one has read its file.
    pid_t pid = 0;
  };

  absl::Status Look(Server& server);

  std::vector<Server> servers_;
  const NodeFacts& facts_;
  std::vector<LocalFinding> findings_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_STORAGE_RECONCILER_H_
