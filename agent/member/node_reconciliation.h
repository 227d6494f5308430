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
#include "agent/member/member_environment.h"
#include "agent/ovn/central.h"
#include "agent/ovn/datapath.h"
#include "agent/reconcile/certificates_reconciler.h"
#include "agent/reconcile/node_facts.h"
#include "agent/reconcile/reconcile_loop.h"
#include "agent/reconcile/reconciler.h"
#include "agent/reconcile/report_sender.h"
#include "agent/reconcile/services_reconciler.h"
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
    MemberEnvironment environment;
    std::string self_id;
    // Borrowed; outlives this object.
    StateStore* store = nullptr;
    // How this node's keys are kept, in words.
    std::string custody;
    std::function<absl::StatusOr<IssuedCertificates>(
        const std::vector<CertificateDemand>&)>
        issue;
    // Called by a thread of its own.
    std::function<absl::Status(statepb::Command)> propose;
    // This and `issue` hold the reconcile thread up: for a second or two at
    // the most.
    std::function<absl::StatusOr<uint64_t>()> confirmed_revision;
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
  internal::peer::v1::GetLocalStatusResponse LocalStatus() const;

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
  // One of OVN's databases, as its local server tells.
  struct SeenDatabase {
    internal::peer::v1::LocalDatabase local;
    std::string expected_schema;
  };
  struct SeenDatabases {
    // On Clock::Monotonic().
    absl::Duration at = -absl::InfiniteDuration();
    SeenDatabase nb;
    SeenDatabase sb;
  };

  std::shared_ptr<ReconcileLoop> loop() const ABSL_LOCKS_EXCLUDED(mu_);
  void BuildReconcilers();
  ReconcileLoopOptions LoopOptions();
  SeenDatabases LookAtDatabases() const ABSL_LOCKS_EXCLUDED(mu_);
  static SeenDatabase LookAt(const CentralDatabase& database);

  const Parts parts_;
  const Datapath datapath_;
  // For who asks what they say now.
  const CentralDatabase nb_;
  const CentralDatabase sb_;
  NodeWatches watches_;
  supervisor::Supervisor supervisor_;

  // The reconcile thread's own.
  NodeFacts facts_;
  std::vector<std::unique_ptr<Reconciler>> reconcilers_;
  CertificatesReconciler* certificates_ = nullptr;
  ServicesReconciler* services_ = nullptr;

  std::atomic<bool> departing_{false};
  mutable Mutex mu_;
  // Asked anew when older than a second.
  mutable SeenDatabases seen_ ABSL_GUARDED_BY(mu_);

  // Outlives the loop that gives it reports.
  std::unique_ptr<ReportSender> reports_;

  // Null after Stop. Others hold it for the length of a question.
  std::shared_ptr<ReconcileLoop> loop_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<StateStore::Subscription> subscription_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_MEMBER_NODE_RECONCILIATION_H_
