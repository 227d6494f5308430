// SPDX-License-Identifier: Apache-2.0
// Keeps one of OVN's databases on this node as the state wants it: created or
// joined, served, left, put away. One for the northbound and one for the
// southbound database. What is to be done is decided in database_plan.h.
#ifndef MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_RECONCILER_H_
#define MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_RECONCILER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/ovn/central.h"
#include "agent/reconcile/database/database_plan.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/watch/change_watch.h"
#include "base/time/clock.h"
#include "supervisor/service/service.h"

namespace microovn::agent {

// Fills in NodeFacts::nb or ::sb; reads NodeFacts::services.
class DatabaseReconciler final : public Reconciler {
 public:
  // `facts` and `clock` outlive the object, and so does `watch`, which may be
  // null: what tells of changes of the server's part in its cluster; so does
  // `listeners`, which tells of changes of the rows by which it listens.
  DatabaseReconciler(CentralDatabase database, NodeFacts* facts,
                     const Clock* clock, const ChangeWatch* watch = nullptr,
                     ChangeWatch* listeners = nullptr);

  absl::string_view name() const override { return name_; }
  absl::Status Reconcile(const NodeView& view) override;
  std::vector<LocalFinding> findings() const override { return findings_; }
  bool hears() const override {
    return absent_ || (watch_ != nullptr && watch_->Hears() &&
                       (listeners_ == nullptr || listeners_->Hears()));
  }

  // As of the last call; empty when the server did not answer.
  const std::optional<OvsdbClusterStatus>& status() const { return status_; }

 private:
  absl::StatusOr<DatabaseObservation> Observe(const NodeView& view);
  absl::Status ObserveServer(DatabaseObservation* seen);
  void NoteTimes(const DatabaseWish& wish, DatabaseObservation* seen);
  void Publish(const DatabaseWish& wish, const DatabaseObservation& seen,
               const DatabasePlan& plan);
  absl::Status Act(const NodeView& view, const DatabaseWish& wish,
                   DatabaseAction action);
  absl::Status Recover(const NodeView& view);
  absl::Status EnsureListener();
  absl::Status MoveAside();
  pid_t ServerPid() const;

  const CentralDatabase database_;
  const supervisor::Service service_;
  const std::string name_;
  NodeFacts& facts_;
  DatabaseNodeFacts& own_facts_;
  const Clock& clock_;
  const ChangeWatch* const watch_;
  ChangeWatch* const listeners_;

  // It is not to be here and is not: only the state makes it come.
  bool absent_ = false;
  std::optional<OvsdbClusterStatus> status_;
  // On Clock::Monotonic().
  std::optional<absl::Duration> leaving_since_;
  std::optional<absl::Duration> outvoted_since_;
  bool given_up_ = false;
  bool looked_ = false;
  // The process whose listener has been seen, 0 for none, and of `listeners_`
  // then; empty when nobody would tell of a change.
  pid_t listener_of_ = 0;
  std::optional<uint64_t> listener_version_;
  std::vector<LocalFinding> findings_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_DATABASE_DATABASE_RECONCILER_H_
