// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/report/report_sender.h"

#include <pthread.h>

#include <utility>

#include "base/time/clock.h"

namespace microovn::agent {

ReportSender::ReportSender(Send send, absl::Duration retry_interval)
    : send_(std::move(send)), retry_interval_(retry_interval) {
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "reports");
}

ReportSender::~ReportSender() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
  }
  changed_.SignalAll();
  thread_.join();
}

void ReportSender::Offer(statepb::ReportMember report) {
  {
    MutexLock lock(&mu_);
    waiting_ = std::move(report);
  }
  changed_.SignalAll();
}

void ReportSender::Run() {
  for (;;) {
    std::optional<statepb::ReportMember> report = Next();
    if (!report.has_value()) return;
    if (!send_(*report).ok()) Refused(*std::move(report));
  }
}

std::optional<statepb::ReportMember> ReportSender::Next() {
  MutexLock lock(&mu_);
  while (!stopping_ && !waiting_.has_value()) changed_.Wait(&mu_);
  if (stopping_) return std::nullopt;
  return std::exchange(waiting_, std::nullopt);
}

// A newer one that comes meanwhile waits no less: what refused the last may
// refuse this one, too.
void ReportSender::Refused(statepb::ReportMember report) {
  MutexLock lock(&mu_);
  if (!waiting_.has_value()) waiting_ = std::move(report);
  const absl::Duration deadline = Clock::Real().Monotonic() + retry_interval_;
  for (;;) {
    const absl::Duration left = deadline - Clock::Real().Monotonic();
    if (stopping_ || left <= absl::ZeroDuration()) return;
    changed_.WaitWithTimeout(&mu_, left);
  }
}

}  // namespace microovn::agent
