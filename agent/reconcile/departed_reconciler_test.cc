#include "agent/reconcile/departed_reconciler.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/leave_reconciler.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string StatusText(const std::vector<std::string>& hosts) {
  std::string text =
      "Name: OVN_Northbound\nServer ID: aaaa (aaaa-bbbb)\n"
      "Status: cluster member\nRole: leader\nTerm: 1\nLeader: self\n"
      "Servers:\n    aaaa (aaaa at ssl:10.0.0.1:6643) (self)\n";
  for (const std::string& host : hosts) {
    absl::StrAppend(&text, "    s", host, " (s", host, " at ssl:10.0.0.", host,
                    ":6643)\n");
  }
  return text;
}

class DepartedTest : public ::testing::Test {
 protected:
  DepartedTest() {
    state_.Member(1, AllStateServices())
        .Member(2, AllStateServices())
        .Databases(1, {1, 2}, "cid");
    facts_.nb.leader = true;
    facts_.sb.leader = true;
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }

  DepartedReconcilerOptions Options() {
    DepartedReconcilerOptions options;
    CentralDatabaseOptions database;
    database.control = "/run/nb.ctl";
    database.sockets.unixctl =
        [this](const std::string&, const std::string& command,
               const std::vector<std::string>& arguments,
               absl::Duration) -> absl::StatusOr<std::string> {
      if (command == "cluster/status") return StatusText(servers_);
      kicked_.push_back(arguments.back());
      return "";
    };
    options.databases = {CentralDatabase(database, &runner_)};
    options.delete_chassis = [this](const std::string& name) {
      deleted_.push_back(name);
      return absl::OkStatus();
    };
    options.confirmed_revision = [this]() -> absl::StatusOr<uint64_t> {
      ++confirmations_;
      return confirmed_;
    };
    return options;
  }

  std::vector<std::string> servers_ = {"2"};
  std::vector<std::string> kicked_;
  std::vector<std::string> deleted_;
  uint64_t confirmed_ = 1;
  int confirmations_ = 0;
  FakeCommandRunner runner_;
  StateBuilder state_;
  NodeFacts facts_;
  DepartedReconciler reconciler_{Options(), &facts_};
};

TEST_F(DepartedTest, KicksServersThatNoMemberHas) {
  servers_ = {"2", "3"};
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, ElementsAre("s3"));
}

TEST_F(DepartedTest, DoesNothingWhenAllAreMembers) {
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, IsEmpty());
  EXPECT_EQ(confirmations_, 0);
}

TEST_F(DepartedTest, KeepsWhoJoinsLeavesOrHasNotLeftYet) {
  servers_ = {"2", "3", "4", "5", "6"};
  state_.Member(3, AllStateServices(), statepb::Member::STATE_JOINING)
      .Member(4, {}, statepb::Member::STATE_LEAVING)
      .Member(5, {statepb::SERVICE_SWITCH})
      .Member(6, {statepb::SERVICE_SWITCH})
      .Databases(1, {1, 2, 5}, "cid");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, ElementsAre("s6"));
}

TEST_F(DepartedTest, ALaggingAgentKicksNobody) {
  servers_ = {"2", "3"};
  state_.Tombstone(3, "node3");
  confirmed_ = 9;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(kicked_, IsEmpty());
  EXPECT_THAT(deleted_, IsEmpty());
}

TEST_F(DepartedTest, OnlyTheLeaderActs) {
  servers_ = {"2", "3"};
  state_.Tombstone(3, "node3");
  facts_.nb.leader = facts_.sb.leader = false;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(runner_.lines(), IsEmpty());
  EXPECT_THAT(deleted_, IsEmpty());
}

TEST_F(DepartedTest, DeletesEachChassisOnce) {
  state_.Tombstone(3, "node3").Tombstone(4, "node2");
  EXPECT_OK(Reconcile());
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3")) << "node2 is a member again";
  // A second node3 comes and goes.
  state_.Member(3, AllStateServices());
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3"));
}

TEST(LeaveReconcilerTest, SaysWhatIsStillThere) {
  using supervisor::Service;
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

TEST(LeaveReconcilerTest, TouchesNothingOfAMember) {
  TempDir root;
  FakeClock clock;
  NodeFacts facts;
  facts.services_seen = true;
  LeaveReconciler reconciler(root.path(), &facts, &clock);
  EXPECT_OK(reconciler.Reconcile(
      StateBuilder().Member(1, AllStateServices()).View(1)));
  EXPECT_FALSE(facts.left);
  EXPECT_OK(reconciler.Reconcile(
      StateBuilder()
          .Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
          .View(1)));
  EXPECT_TRUE(facts.left);
}

}  // namespace
}  // namespace microovn::agent
