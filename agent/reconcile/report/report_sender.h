// SPDX-License-Identifier: Apache-2.0
// Brings this node's reports into the log on a thread of its own, so that the
// reconcile thread never waits for the log: it is the one that has to go on
// while the log has no quorum.
//
// The newest report wins: one that waits is replaced, and what was refused is
// sent again, unless there is a newer one. Thread-safe.
#ifndef MICROOVN_AGENT_RECONCILE_REPORT_REPORT_SENDER_H_
#define MICROOVN_AGENT_RECONCILE_REPORT_REPORT_SENDER_H_

#include <functional>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "microovn/internal/state/v1/command.pb.h"

namespace microovn::agent {

namespace statepb = ::microovn::internal::state::v1;

class ReportSender {
 public:
  // Blocks for as long as its own deadline allows.
  using Send = std::function<absl::Status(const statepb::ReportMember&)>;

  explicit ReportSender(Send send,
                        absl::Duration retry_interval = absl::Seconds(1));
  // Waits for the call of `send` that is under way.
  ~ReportSender();
  ReportSender(const ReportSender&) = delete;
  ReportSender& operator=(const ReportSender&) = delete;

  // Returns at once.
  void Offer(statepb::ReportMember report) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mu_);
  // Empty when the thread has to end.
  std::optional<statepb::ReportMember> Next() ABSL_LOCKS_EXCLUDED(mu_);
  void Refused(statepb::ReportMember report) ABSL_LOCKS_EXCLUDED(mu_);

  const Send send_;
  const absl::Duration retry_interval_;

  Mutex mu_;
  CondVar changed_;
  std::optional<statepb::ReportMember> waiting_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  // Started last, joined by the destructor.
  std::thread thread_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_RECONCILE_REPORT_REPORT_SENDER_H_
