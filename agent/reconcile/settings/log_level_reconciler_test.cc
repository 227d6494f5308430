// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/log_level_reconciler.h"

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/values/config_keys.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LogLevelTest : public ::testing::Test {
 protected:
  LogLevelTest() {
    state_.Member(1, AllStateServices());
    Run(Service::kChassis, 7);
    Run(Service::kSwitch, 8);
  }

  void Run(Service service, pid_t pid) {
    facts_.services[service].phase = Phase::kReady;
    facts_.services[service].pid = pid;
  }
  absl::StatusOr<std::string> Ask(const std::string& command,
                                  const std::vector<std::string>& arguments,
                                  const std::string& socket) {
    if (!answers_) return absl::DeadlineExceededError("silence");
    if (command == "vlog/list") {
      ++looks_;
      return absl::StrCat("  console syslog file\n  ---- ---- ----\nbfd  ",
                          level_.emplace(socket, "INFO").first->second,
                          "  OFF  OFF\n");
    }
    set_.push_back(absl::StrCat(socket, " ", absl::StrJoin(arguments, " ")));
    level_[socket] = arguments[0].substr(arguments[0].rfind(':') + 1);
    return std::string();
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }

  // Of the daemon at a socket.
  std::map<std::string, std::string> level_;
  bool answers_ = true;
  int looks_ = 0;
  std::vector<std::string> set_;
  StateBuilder state_;
  NodeFacts facts_;
  LogLevelReconciler reconciler_{
      {[](Service service, pid_t pid) {
         return absl::StrCat(supervisor::ServiceName(service), ".", pid);
       },
       {[this](const std::string& socket, const std::string& command,
               const std::vector<std::string>& arguments,
               absl::Duration) { return Ask(command, arguments, socket); }}},
      &facts_};
};

TEST_F(LogLevelTest, NothingIsSetWhenNothingDiffers) {
  EXPECT_OK(Reconcile());
  EXPECT_OK(Reconcile());
  EXPECT_EQ(looks_, 2) << "once each";
  EXPECT_THAT(set_, IsEmpty());
}

TEST_F(LogLevelTest, EveryDaemonFollowsAndANewProcessDoes) {
  state_.Config(kConfigLogLevel, "dbg");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(set_, ElementsAre("switch.8 ANY:console:dbg",
                                "chassis.7 ANY:console:dbg"));
  set_.clear();
  Run(Service::kChassis, 9);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(set_, ElementsAre("chassis.9 ANY:console:dbg"));
  set_.clear();
  state_.Config(kConfigLogLevel, "info");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(set_, ElementsAre("switch.8 ANY:console:info",
                                "chassis.9 ANY:console:info"));
}

TEST_F(LogLevelTest, WhoDoesNotAnswerIsAskedAgain) {
  state_.Config(kConfigLogLevel, "warn");
  answers_ = false;
  EXPECT_OK(Reconcile());
  EXPECT_FALSE(reconciler_.hears());
  answers_ = true;
  EXPECT_OK(Reconcile());
  EXPECT_TRUE(reconciler_.hears());
  EXPECT_EQ(set_.size(), 2u);
}

TEST_F(LogLevelTest, WhoDoesNotRunIsNotAsked) {
  state_.Config(kConfigLogLevel, "warn");
  facts_.services[Service::kChassis].phase = Phase::kStarting;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(set_, ElementsAre("switch.8 ANY:console:warn"));
}

}  // namespace
}  // namespace microovn::agent
