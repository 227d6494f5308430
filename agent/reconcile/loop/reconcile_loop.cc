// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/loop/reconcile_loop.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace microovn::agent {
namespace {

// A report that was taken in shows in the state long before.
constexpr absl::Duration kResendAfter = absl::Seconds(5);

}  // namespace

ReconcileLoop::ReconcileLoop(ReconcileLoopOptions options)
    : options_(std::move(options)), daemon_reports_(options_.daemon_reports) {
  for (Reconciler* reconciler : options_.reconcilers) {
    Slot slot;
    slot.reconciler = reconciler;
    slots_.push_back(std::move(slot));
  }
}

void ReconcileLoop::Stop() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  woken_.SignalAll();
  published_.SignalAll();
  if (thread_.joinable()) thread_.join();
}

absl::Status ReconcileLoop::AwaitLeft(absl::Duration timeout) {
  const absl::Duration deadline = options_.clock->Monotonic() + timeout;
  MutexLock lock(&mu_);
  while (!current_.facts.left) {
    if (stopping_) return absl::CancelledError("this member stops");
    const absl::Duration left = deadline - options_.clock->Monotonic();
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("this node has not left yet");
    }
    published_.WaitWithTimeout(&mu_, left);
  }
  return absl::OkStatus();
}

void ReconcileLoop::Start() {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "reconcile");
}

void ReconcileLoop::Wake() {
  {
    MutexLock lock(&mu_);
    wake_ = true;
  }
  woken_.SignalAll();
}

void ReconcileLoop::Refresh() {
  {
    MutexLock lock(&mu_);
    refresh_ = true;
  }
  woken_.SignalAll();
}

ReconcileStatus ReconcileLoop::Current() const {
  MutexLock lock(&mu_);
  return current_;
}

ReconcileProgress ReconcileLoop::Progress() const {
  MutexLock lock(&mu_);
  return progress_;
}

void ReconcileLoop::Run() {
  for (;;) {
    const absl::Duration delay = RunOnce();
    MutexLock lock(&mu_);
    const absl::Duration deadline = options_.clock->Monotonic() + delay;
    while (!stopping_ && !wake_ && !refresh_) {
      const absl::Duration left = deadline - options_.clock->Monotonic();
      if (left <= absl::ZeroDuration()) break;
      woken_.WaitWithTimeout(&mu_, left);
    }
    if (stopping_) return;
  }
}

absl::Duration ReconcileLoop::RunOnce() {
  bool everything = false;
  bool woken = false;
  {
    MutexLock lock(&mu_);
    everything = std::exchange(refresh_, false);
    woken = std::exchange(wake_, false);
    progress_.under_way_since = options_.clock->Monotonic();
    progress_.last_turn = *progress_.under_way_since;
  }
  const absl::Duration next = Pass(woken, everything);
  MutexLock lock(&mu_);
  progress_.under_way_since.reset();
  progress_.last_end = options_.clock->Monotonic();
  progress_.next_due = progress_.last_end + next;
  return next;
}

void ReconcileLoop::Turn(absl::string_view at) {
  MutexLock lock(&mu_);
  progress_.last_turn = options_.clock->Monotonic();
  progress_.at = std::string(at);
}

absl::Duration ReconcileLoop::Pass(bool woken, bool everything) {
  const std::optional<NodeView> view = options_.view();
  if (!view.has_value() || view->self() == nullptr) {
    return options_.idle_interval;
  }
  const absl::Duration start = options_.clock->Monotonic();
  const uint64_t revision = view->state().desired_revision();
  const bool wants_else =
      revision != seen_revision_ || view->departing() != seen_departing_;
  seen_revision_ = revision;
  seen_departing_ = view->departing();
  for (Slot& slot : slots_) {
    const bool waiting = absl::IsUnavailable(slot.status);
    if (wants_else || everything) {
      // What failed has its own delay, unless it is to do something else.
      if (wants_else || waiting || slot.status.ok()) slot.due = start;
    } else if (woken && waiting) {
      slot.due =
          std::min(slot.due, slot.tried_at + BackoffDelay(options_.waiting, 1));
    }
  }
  RunSlots(*view, everything || wants_else);
  const ReconcileSummary summary = Summarize();
  if (summary.converged) converged_revision_ = revision;
  Publish(*view, summary);
  absl::Duration next = Report(*view, summary);
  const absl::Duration now = options_.clock->Monotonic();
  for (const Slot& slot : slots_) next = std::min(next, slot.due - now);
  return std::max(next, absl::ZeroDuration());
}

void ReconcileLoop::RunSlots(const NodeView& view, bool everything) {
  const absl::Duration start = options_.clock->Monotonic();
  const bool any_due =
      everything || std::any_of(slots_.begin(), slots_.end(),
                                [&](const Slot& s) { return s.due <= start; });
  if (!any_due) return;
  options_.observe();
  bool progress = false;
  for (Slot& slot : slots_) {
    if (slot.due <= start) progress = RunSlot(view, &slot) || progress;
  }
  if (!progress) return;
  // What one has done is what another has waited for.
  const absl::Duration now = options_.clock->Monotonic();
  for (Slot& slot : slots_) {
    if (absl::IsUnavailable(slot.status)) slot.due = now;
  }
}

bool ReconcileLoop::RunSlot(const NodeView& view, Slot* slot) {
  const bool was_ok = slot->status.ok();
  Turn(slot->reconciler->name());
  absl::Status status = slot->reconciler->Reconcile(view);
  Turn("");
  const absl::Duration now = options_.clock->Monotonic();
  slot->tried_at = now;
  const bool same_kind = status.code() == slot->status.code();
  LOG_IF(WARNING,
         !status.ok() && !absl::IsUnavailable(status) && status != slot->status)
      << slot->reconciler->name() << ": " << status;
  slot->status = std::move(status);
  if (slot->status.ok()) {
    slot->attempts = 0;
    slot->due = now + (slot->reconciler->hears() ? options_.quiet_interval
                                                 : options_.idle_interval);
    return !was_ok;
  }
  if (was_ok) slot->troubled_since = now;
  slot->attempts = same_kind ? slot->attempts + 1 : 1;
  const BackoffPolicy& policy =
      absl::IsUnavailable(slot->status) ? options_.waiting : options_.failing;
  slot->due = now + BackoffDelay(policy, slot->attempts);
  return false;
}

ReconcileSummary ReconcileLoop::Summarize() const {
  const absl::Duration now = options_.clock->Monotonic();
  ReconcileSummary summary;
  summary.converged = true;
  for (const Slot& slot : slots_) {
    if (slot.status.ok()) continue;
    summary.converged = false;
    if (summary.problem.empty() &&
        now - slot.troubled_since >= options_.patience) {
      summary.problem =
          absl::StrCat(slot.reconciler->name(), ": ", slot.status.message());
    }
  }
  return summary;
}

void ReconcileLoop::Publish(const NodeView& view,
                            const ReconcileSummary& summary) {
  ReconcileStatus status;
  status.desired_revision = view.state().desired_revision();
  status.converged_revision = converged_revision_;
  status.converged = summary.converged;
  status.problem = summary.problem;
  status.facts = *options_.facts;
  for (const Slot& slot : slots_) {
    status.parts.push_back({std::string(slot.reconciler->name()), slot.status});
    for (LocalFinding& finding : slot.reconciler->findings()) {
      status.findings.push_back(std::move(finding));
    }
  }
  {
    MutexLock lock(&mu_);
    current_ = std::move(status);
  }
  published_.SignalAll();
}

absl::Duration ReconcileLoop::Report(const NodeView& view,
                                     const ReconcileSummary& summary) {
  // Before that nothing is known, and a departing node has no log.
  if (!options_.facts->services_seen || view.departing())
    return absl::InfiniteDuration();
  const statepb::ReportMember report =
      BuildReport(view, options_.properties, *options_.facts, summary);
  if (!IsNews(view, report)) return absl::InfiniteDuration();
  const std::string text = report.SerializeAsString();
  const absl::Duration now = options_.clock->Monotonic();
  absl::Duration due = sent_at_ + options_.report_interval;
  if (text == sent_report_) {
    due = sent_at_ + kResendAfter;
  } else if (IsUrgent(view, report)) {
    due = now;
  }
  const bool of_daemons = IsOnlyOfDaemons(view, report);
  if (of_daemons) due = std::max(due, now + daemon_reports_.Wait(now));
  if (due > now) return due - now;
  if (of_daemons) daemon_reports_.Take(now);
  options_.send_report(report);
  sent_at_ = now;
  sent_report_ = text;
  return kResendAfter;
}

}  // namespace microovn::agent
