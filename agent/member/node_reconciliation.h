// SPDX-License-Identifier: Apache-2.0
// This node's own work: the supervisor, the reconcilers in their order, and
// what the node says of itself. Thread-safe.
#ifndef MICROOVN_AGENT_MEMBER_NODE_RECONCILIATION_H_
#define MICROOVN_AGENT_MEMBER_NODE_RECONCILIATION_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/member/node_parts.h"
#include "agent/ovn/central.h"
#include "agent/ovn/datapath.h"
#include "agent/probe/node_probe.h"
#include "agent/reconcile/certificate/agent_certificate_reconciler.h"
#include "agent/reconcile/certificate/certificates_reconciler.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/reconcile/loop/reconcile_loop.h"
#include "agent/reconcile/report/report_sender.h"
#include "agent/reconcile/service/services_reconciler.h"
#include "agent/state/store/state_store.h"
#include "agent/watch/node_watches.h"
#include "base/mutex.h"
#include "microovn/internal/peer/v1/peer.pb.h"
#include "microovn/internal/state/v1/command.pb.h"
#include "pki/name/ovn_service.h"
#include "supervisor/supervisor.h"

namespace microovn::agent {

class NodeReconciliation {
 public:
  struct Parts {
    NodeParts node;
    std::string self_id;
    // Borrowed; outlives this object.
    StateStore* store = nullptr;
    // How this node's sealing key is kept now.
    std::function<SealingFacts()> sealing;
    std::function<absl::StatusOr<IssuedCertificates>(
        const std::vector<CertificateDemand>&)>
        issue;
    // Called by a thread of its own.
    std::function<absl::Status(statepb::Command)> propose;
    // This and `issue` hold the reconcile thread up: for a second or two at
    // the most.
    std::function<absl::StatusOr<uint64_t>()> confirmed_revision;
    // Of the cluster CA; may be empty.
    std::function<FollowedGenerations()> followed;
  };

  // Begins at once.
  explicit NodeReconciliation(Parts parts);
  ~NodeReconciliation();

  // Ends the work, with what others wait for here; daemons stay as they are.
  // When it returns, nothing of this node's is written any more.
  void Stop();

  absl::Status Reissue(const std::set<pki::OvnService>& services,
                       absl::Duration timeout);

  // Everything but ids and the log's position.
  internal::peer::v1::GetLocalStatusResponse LocalStatus();

  // Empty after Stop.
  std::optional<ReconcileProgress> Progress() const;

  // What has been out of place for long, in a line; empty if nothing has.
  std::string Problem() const;

  // One line on what has not converged.
  std::string WhatIsMissing() const;

  // The log has ended: takes this node for a leaving one from now on, whatever
  // the state says, and waits until everything is stopped and in a backup.
  absl::Status Depart();

 private:
  std::shared_ptr<ReconcileLoop> loop() const ABSL_LOCKS_EXCLUDED(mu_);
  void BuildReconcilers();
  ReconcileLoopOptions LoopOptions();

  const Parts parts_;
  const Datapath datapath_;
  // For what is installed.
  const CentralDatabase nb_;
  const CentralDatabase sb_;
  NodeWatches watches_;
  supervisor::Supervisor supervisor_;
  NodeProbe probe_;

  // The reconcile thread's own.
  NodeFacts facts_;
  std::vector<std::unique_ptr<Reconciler>> reconcilers_;
  CertificatesReconciler* certificates_ = nullptr;
  ServicesReconciler* services_ = nullptr;

  std::atomic<bool> departing_{false};
  mutable Mutex mu_;

  // Outlives the loop that gives it reports.
  std::unique_ptr<ReportSender> reports_;

  // Null after Stop. Others hold it for the length of a question.
  std::shared_ptr<ReconcileLoop> loop_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<StateStore::Subscription> subscription_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_NODE_RECONCILIATION_H_
