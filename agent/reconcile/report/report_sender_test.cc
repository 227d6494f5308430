// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/report/report_sender.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;

statepb::ReportMember Report(const std::string& problem) {
  statepb::ReportMember report;
  report.mutable_report()->set_problem(problem);
  return report;
}

// A log that is shut until Open, and refuses as often as it is told.
class Log {
 public:
  absl::Status Take(const statepb::ReportMember& report) {
    MutexLock lock(&mu_);
    asked_.push_back(report.report().problem());
    changed_.SignalAll();
    while (shut_) changed_.Wait(&mu_);
    if (refusals_ == 0) return absl::OkStatus();
    --refusals_;
    return absl::UnavailableError("no leader");
  }
  void Open() {
    MutexLock lock(&mu_);
    shut_ = false;
    changed_.SignalAll();
  }
  void Shut() {
    MutexLock lock(&mu_);
    shut_ = true;
  }
  void Refuse(int times) {
    MutexLock lock(&mu_);
    refusals_ = times;
  }
  std::vector<std::string> WaitForAsked(size_t count) {
    MutexLock lock(&mu_);
    while (asked_.size() < count) changed_.Wait(&mu_);
    return asked_;
  }

 private:
  Mutex mu_;
  CondVar changed_;
  bool shut_ ABSL_GUARDED_BY(mu_) = false;
  int refusals_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::string> asked_ ABSL_GUARDED_BY(mu_);
};

class ReportSenderTest : public ::testing::Test {
 protected:
  Log log_;
  ReportSender sender_{
      [this](const statepb::ReportMember& report) { return log_.Take(report); },
      absl::Milliseconds(1)};
};

TEST_F(ReportSenderTest, TheNewestOfThoseThatWaitIsSent) {
  log_.Shut();
  sender_.Offer(Report("a"));
  log_.WaitForAsked(1);
  sender_.Offer(Report("b"));
  sender_.Offer(Report("c"));
  log_.Open();
  EXPECT_THAT(log_.WaitForAsked(2), ElementsAre("a", "c"));
}

TEST_F(ReportSenderTest, WhatIsRefusedIsSentAgain) {
  log_.Refuse(2);
  sender_.Offer(Report("a"));
  EXPECT_THAT(log_.WaitForAsked(3), ElementsAre("a", "a", "a"));
}

TEST_F(ReportSenderTest, ANewerOneTakesThePlaceOfTheRefused) {
  log_.Refuse(1);
  log_.Shut();
  sender_.Offer(Report("a"));
  log_.WaitForAsked(1);
  sender_.Offer(Report("b"));
  log_.Open();
  EXPECT_THAT(log_.WaitForAsked(2), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace microovn::agent
