// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/service/leave_reconciler.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "supervisor/service/service.h"
#include "supervisor/service/service_state.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;
using ::testing::HasSubstr;

// A node with data, whose daemons have stopped.
class LeaveReconcilerTest : public ::testing::Test {
 protected:
  LeaveReconcilerTest() {
    EXPECT_OK(MakeDirectories(root_.File("data"), 0700));
    EXPECT_OK(WriteFile(Data(), "northbound", 0600));
    facts_.services_seen = true;
  }

  std::string Data() const { return root_.File("data/ovnnb_db.db"); }

  NodeView View(statepb::Member::State state) {
    StateBuilder builder;
    builder.Member(1, AllStateServices(), state);
    return builder.View(1);
  }
  absl::Status Leave() {
    return reconciler_.Reconcile(View(statepb::Member::STATE_LEAVING));
  }

  TempDir root_;
  FakeClock clock_;
  NodeFacts facts_;
  LeaveReconciler reconciler_{root_.path(), &facts_, &clock_};
};

TEST_F(LeaveReconcilerTest, PutsAwayWhatNothingUses) {
  ASSERT_OK(Leave());
  EXPECT_TRUE(facts_.left);
  EXPECT_FALSE(FileExists(Data()));
  // Again, as after a restart of the agent in between.
  EXPECT_OK(Leave());
  EXPECT_TRUE(facts_.left);
}

TEST(NotYetLeftTest, NamesOneThingAfterTheOther) {
  NodeFacts facts;
  EXPECT_EQ(NotYetLeft(facts), "a look at the services");
  facts.services_seen = true;
  for (const Service service : supervisor::kAllServices) {
    facts.services[service].enabled = true;
  }
  EXPECT_EQ(NotYetLeft(facts), "chassis to stop");
  facts.services.clear();
  facts.underlay_taken = true;
  facts.nb.file_exists = facts.sb.file_exists = true;
  EXPECT_THAT(NotYetLeft(facts), HasSubstr("tunnels"));
  facts.underlay_taken = false;
  EXPECT_THAT(NotYetLeft(facts), HasSubstr("northbound"));
  facts.nb.file_exists = false;
  EXPECT_THAT(NotYetLeft(facts), HasSubstr("southbound"));
  facts.sb.file_exists = false;
  EXPECT_EQ(NotYetLeft(facts), "");
}

// Each of these alone keeps the data where it is.
TEST_F(LeaveReconcilerTest, WaitsForWhateverIsLeft) {
  const std::vector<std::pair<std::string, std::function<void(NodeFacts&)>>>
      cases = {
          {"a look at the services",
           [](NodeFacts& facts) { facts.services_seen = false; }},
          {"ovn-northd to stop",
           [](NodeFacts& facts) {
             facts.services[Service::kNorthd].phase = Phase::kStopping;
           }},
          {"switch to stop",
           [](NodeFacts& facts) {
             facts.services[Service::kSwitch].enabled = true;
           }},
          {"network below the tunnels",
           [](NodeFacts& facts) { facts.underlay_taken = true; }},
          {"northbound database",
           [](NodeFacts& facts) { facts.nb.file_exists = true; }},
          {"southbound database",
           [](NodeFacts& facts) { facts.sb.file_exists = true; }},
      };
  for (const auto& [missing, leave_over] : cases) {
    facts_ = NodeFacts();
    facts_.services_seen = true;
    leave_over(facts_);
    const absl::Status waits = Leave();
    EXPECT_THAT(waits, StatusIs(absl::StatusCode::kUnavailable)) << missing;
    EXPECT_TRUE(absl::StrContains(waits.message(), missing)) << waits;
    EXPECT_FALSE(facts_.left) << missing;
    EXPECT_TRUE(FileExists(Data())) << missing;
  }
}

TEST_F(LeaveReconcilerTest, WhoStaysKeepsItsData) {
  facts_.left = true;
  for (const auto state :
       {statepb::Member::STATE_JOINING, statepb::Member::STATE_ACTIVE}) {
    ASSERT_OK(reconciler_.Reconcile(View(state)));
    EXPECT_FALSE(facts_.left) << "of an earlier membership";
    EXPECT_TRUE(FileExists(Data()));
  }
}

}  // namespace
}  // namespace microovn::agent
