// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/election_timer_reconciler.h"

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/values/config_keys.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ElectionTimerTest : public ::testing::Test {
 protected:
  ElectionTimerTest() {
    state_.Member(1, AllStateServices());
    facts_.nb.leader = facts_.sb.leader = true;
  }

  // A server that does what it is asked for when its status is asked for next.
  CentralDatabase Database(const DatabaseKind& kind) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.control = std::string(kind.name);
    options.sockets.unixctl =
        [this](const std::string& control, const std::string& command,
               const std::vector<std::string>& arguments,
               absl::Duration) -> absl::StatusOr<std::string> {
      if (command == "cluster/status") return Status(control);
      asked_.push_back(absl::StrCat(control, " ", arguments.back()));
      if (pending_) return absl::FailedPreconditionError("change pending");
      EXPECT_TRUE(absl::SimpleAtoi(arguments.back(), &timer_[control]));
      return std::string("change of election timer initiated.");
    };
    return {options, &runner_};
  }
  std::string Status(const std::string& control) {
    return absl::StrCat(
        "5e01\nName: ", control == "nb" ? "OVN_Northbound" : "OVN_Southbound",
        "\nCluster ID: 4c01 (4c01a4d3-a1a5-4a0b-a7f2-90c1fa8f2e5b)\n"
        "Server ID: 5e01 (5e01b4d3-a1a5-4a0b-a7f2-90c1fa8f2e5b)\n"
        "Address: ssl:10.0.0.1:6643\nStatus: cluster member\nRole: ",
        role_, "\nTerm: 2\nLeader: self\nVote: self\n\nElection timer: ",
        timer_[control],
        "\nLog: [2, 9]\nEntries not yet committed: 0\n"
        "Entries not yet applied: 0\nConnections:\nDisconnections: 0\n"
        "Servers:\n    5e01 (5e01 at ssl:10.0.0.1:6643) (self)\n");
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }

  std::map<std::string, int> timer_ = {{"nb", 1000}, {"sb", 1000}};
  std::string role_ = "leader";
  bool pending_ = false;
  std::vector<std::string> asked_;
  FakeCommandRunner runner_;
  StateBuilder state_;
  NodeFacts facts_;
  ElectionTimerReconciler reconciler_{
      {Database(Northbound()), Database(Southbound())}, &facts_};
};

TEST_F(ElectionTimerTest, NothingIsAskedForWhenNothingDiffers) {
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ElectionTimerTest, IsRaisedInStepsAndTakenBackAtOnce) {
  state_.Config(kConfigElectionTimer, "5000");
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, ElementsAre("nb 2000", "sb 2000", "nb 4000", "sb 4000",
                                  "nb 5000", "sb 5000"));
  asked_.clear();
  state_.Config(kConfigElectionTimer, "1000");
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, ElementsAre("nb 1000", "sb 1000"));
}

TEST_F(ElectionTimerTest, IsLongWhileALargeDatabaseIsConverted) {
  facts_.sb.needs_patience = true;
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, ElementsAre("sb 2000", "sb 4000", "sb 8000", "sb 16000"));
  asked_.clear();
  facts_.sb.needs_patience = false;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(asked_, ElementsAre("sb 1000"));
  state_.Config(kConfigElectionTimer, "20000");
  facts_.nb.needs_patience = true;
  timer_ = {{"nb", 20000}, {"sb", 20000}};
  EXPECT_OK(Reconcile()) << "one that is longer stays";
}

TEST_F(ElectionTimerTest, OnlyTheLeadersMemberAsks) {
  state_.Config(kConfigElectionTimer, "2000");
  facts_.nb.leader = false;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(asked_, ElementsAre("sb 2000"));
  facts_.nb.leader = true;
  role_ = "follower";
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, ElementsAre("sb 2000")) << "it leads no more";
}

TEST_F(ElectionTimerTest, AChangeThatIsPendingIsWaitedFor) {
  state_.Config(kConfigElectionTimer, "2000");
  pending_ = true;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  pending_ = false;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_OK(Reconcile());
}

TEST_F(ElectionTimerTest, ANodeThatLeavesAsksForNothing) {
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
      .Config(kConfigElectionTimer, "2000");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
