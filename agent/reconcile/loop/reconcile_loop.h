// SPDX-License-Identifier: Apache-2.0
// The one thread on which this node follows the replicated state.
//
// It runs the reconcilers in their order whenever the state wants something
// else, something on this node has changed, or somebody asks. Those that would
// not hear of a change are run every few seconds, the others twice a minute,
// in case an event got lost. What waits is looked at again soon, what fails
// with growing delays. What has come of it goes to the cluster as a report.
//
// Owned by the agent. Wake, Refresh and Current are thread-safe.
#ifndef MICROOVN_AGENT_RECONCILE_LOOP_RECONCILE_LOOP_H_
#define MICROOVN_AGENT_RECONCILE_LOOP_RECONCILE_LOOP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/reconcile/facts/node_facts.h"
#include "agent/reconcile/facts/node_view.h"
#include "agent/reconcile/facts/reconciler.h"
#include "agent/reconcile/report/report_builder.h"
#include "base/mutex.h"
#include "base/time/backoff.h"
#include "base/time/clock.h"
#include "base/time/token_bucket.h"

namespace microovn::agent {

struct ReconcileLoopOptions {
  // Borrowed; all outlive the loop.
  const Clock* clock = nullptr;
  NodeFacts* facts = nullptr;
  // In the order in which they run.
  std::vector<Reconciler*> reconcilers;

  NodeProperties properties;
  // The newest state; empty when this node is no member.
  std::function<std::optional<NodeView>()> view;
  // At the start of every pass: ServicesReconciler::Observe.
  std::function<void()> observe;
  // Sees to it that a report comes into the log and returns at once; a newer
  // one takes the place of one that waits: ReportSender::Offer.
  std::function<void(const statepb::ReportMember&)> send_report;

  // Between two looks at what is in place, and at what is in place and tells
  // of changes (Reconciler::hears).
  absl::Duration idle_interval = absl::Seconds(5);
  absl::Duration quiet_interval = absl::Seconds(30);
  // A published state brings what waits forward, to the first of these delays
  // after its last try at the earliest.
  BackoffPolicy waiting = {absl::Milliseconds(20), absl::Milliseconds(250),
                           1.5};
  BackoffPolicy failing = {absl::Milliseconds(200), absl::Seconds(30), 2.0};
  // Trouble that is younger is not worth a report.
  absl::Duration patience = absl::Seconds(5);
  // Between two reports on which nobody waits.
  absl::Duration report_interval = absl::Seconds(1);
  // Those that are about daemons only: so many at once, and then one in a
  // while. What flaps does not fill the log.
  TokenBucket daemon_reports{8, absl::Minutes(1)};
};

struct ReconcileStatus {
  struct Part {
    std::string name;
    absl::Status status;
  };
  // Cluster.desired_revision of the last pass, and of the last one after which
  // all was in place.
  uint64_t desired_revision = 0;
  uint64_t converged_revision = 0;
  bool converged = false;
  std::string problem;
  std::vector<Part> parts;
  std::vector<LocalFinding> findings;
  NodeFacts facts;
};

// On Clock::Monotonic().
struct ReconcileProgress {
  // When the last pass ended; -InfiniteDuration before the first.
  absl::Duration last_end = -absl::InfiniteDuration();
  // When the pass under way began; empty between two passes. A pass is due
  // every ReconcileLoopOptions::quiet_interval at the latest.
  std::optional<absl::Duration> under_way_since;
  // When the pass under way last turned from one reconciler to the next.
  absl::Duration last_turn = -absl::InfiniteDuration();
  // Of the reconciler at work; empty between two.
  std::string at;
  // When the next pass begins if nothing brings it forward.
  absl::Duration next_due = absl::InfiniteDuration();
};

class ReconcileLoop {
 public:
  explicit ReconcileLoop(ReconcileLoopOptions options);
  ~ReconcileLoop() { Stop(); }
  ReconcileLoop(const ReconcileLoop&) = delete;
  ReconcileLoop& operator=(const ReconcileLoop&) = delete;

  // Starts the thread. Call once.
  void Start();

  // Ends the thread after the pass that is under way; when it returns, no
  // reconciler runs any more. Who waits is told.
  void Stop() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until a leaving node has nothing left. DEADLINE_EXCEEDED after
  // `timeout`, CANCELLED when the loop is stopped.
  absl::Status AwaitLeft(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mu_);

  // The state has changed.
  void Wake() ABSL_LOCKS_EXCLUDED(mu_);
  // Something on this node has changed, or somebody wants a look at all of it.
  void Refresh() ABSL_LOCKS_EXCLUDED(mu_);

  // As of the last pass.
  ReconcileStatus Current() const ABSL_LOCKS_EXCLUDED(mu_);

  // Whether the thread lives, for who watches over it.
  ReconcileProgress Progress() const ABSL_LOCKS_EXCLUDED(mu_);

  // One pass; returns how long nothing is due. The thread calls it; tests may
  // instead.
  absl::Duration RunOnce() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Slot {
    Reconciler* reconciler;
    absl::Status status = absl::UnavailableError("not looked at yet");
    // Tries in a row that were not OK.
    int attempts = 0;
    // On Clock::Monotonic().
    absl::Duration due = absl::ZeroDuration();
    absl::Duration tried_at = -absl::InfiniteDuration();
    absl::Duration troubled_since = absl::ZeroDuration();
  };

  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  absl::Duration Pass(bool woken, bool everything);
  // Notes that the thread moves on, to the reconciler `at` or to none.
  void Turn(absl::string_view at) ABSL_LOCKS_EXCLUDED(mu_);
  void RunSlots(const NodeView& view, bool everything);
  // Whether `slot` has come to be in place.
  bool RunSlot(const NodeView& view, Slot* slot);
  ReconcileSummary Summarize() const;
  void Publish(const NodeView& view, const ReconcileSummary& summary)
      ABSL_LOCKS_EXCLUDED(mu_);
  // Returns when the report is to be sent again; InfiniteDuration when it is
  // no news.
  absl::Duration Report(const NodeView& view, const ReconcileSummary& summary);

  const ReconcileLoopOptions options_;

  // The loop's thread's own.
  std::vector<Slot> slots_;
  uint64_t seen_revision_ = 0;
  bool seen_departing_ = false;
  uint64_t converged_revision_ = 0;
  std::string sent_report_;
  absl::Duration sent_at_ = -absl::InfiniteDuration();
  TokenBucket daemon_reports_;

  mutable Mutex mu_;
  CondVar woken_;
  // A pass has ended, or the loop stops.
  CondVar published_;
  bool wake_ ABSL_GUARDED_BY(mu_) = false;
  bool refresh_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  ReconcileStatus current_ ABSL_GUARDED_BY(mu_);
  ReconcileProgress progress_ ABSL_GUARDED_BY(mu_);

  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_LOOP_RECONCILE_LOOP_H_
