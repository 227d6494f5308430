// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/departed_reconciler.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/testing/fake_clock.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string StatusText(bool leads, const std::vector<std::string>& hosts) {
  std::string text = absl::StrCat(
      "Name: OVN_Northbound\nServer ID: aaaa (aaaa-bbbb)\n"
      "Status: cluster member\nRole: ",
      leads ? "leader\nTerm: 1\nLeader: self\n"
            : "follower\nTerm: 2\nLeader: s2\n",
      "Servers:\n    aaaa (aaaa at ssl:10.0.0.1:6643) (self)\n");
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
      if (command == "cluster/status") return StatusText(leads_, servers_);
      kicked_.push_back(arguments.back());
      if (kicks_depose_) leads_ = false;
      if (kicks_work_) {
        servers_.erase(std::remove(servers_.begin(), servers_.end(),
                                   arguments.back().substr(1)),
                       servers_.end());
      }
      return "";
    };
    options.databases = {CentralDatabase(database, &runner_)};
    database.kind = Southbound();
    options.databases.emplace_back(database, &runner_);
    options.chassis_names = [this]() -> absl::StatusOr<std::set<std::string>> {
      ++listings_;
      return chassis_;
    };
    options.delete_chassis = [this](const std::vector<std::string>& names) {
      for (const std::string& name : names) {
        deleted_.push_back(name);
        chassis_.erase(name);
      }
      return absl::OkStatus();
    };
    options.clock = &clock_;
    options.confirmed_revision = [this]() -> absl::StatusOr<uint64_t> {
      ++confirmations_;
      return confirmed_;
    };
    return options;
  }

  std::vector<std::string> servers_ = {"2"};
  std::vector<std::string> kicked_;
  bool kicks_work_ = true;
  bool kicks_depose_ = false;
  // Whether the server that is asked leads the database.
  bool leads_ = true;
  std::set<std::string> chassis_ = {"node1", "node2", "node3", "foreign"};
  int listings_ = 0;
  std::vector<std::string> deleted_;
  FakeClock clock_;
  uint64_t confirmed_ = 1;
  int confirmations_ = 0;
  FakeCommandRunner runner_;
  StateBuilder state_;
  NodeFacts facts_;
  DepartedReconciler reconciler_{Options(), &facts_};
};

TEST_F(DepartedTest, KicksServersOfFormerMembers) {
  servers_ = {"2", "3"};
  state_.Tombstone(3, "node3");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, ElementsAre("s3"));
  EXPECT_EQ(facts_.nb.cleared_revision, 0) << "nobody waits for it";
}

// Its own servers are on their way out, and it may not know the newest state.
TEST_F(DepartedTest, ANodeThatLeavesPutsNobodyOut) {
  servers_ = {"2", "3"};
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
      .Tombstone(3, "node3");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, IsEmpty());
  EXPECT_THAT(deleted_, IsEmpty());
}

TEST_F(DepartedTest, LeavesForeignServersAlone) {
  servers_ = {"2", "9"};
  state_.Tombstone(3, "node3");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, IsEmpty());
}

TEST_F(DepartedTest, IsNotClearAsLongAsAServerIsThere) {
  servers_ = {"2", "3"};
  state_.Member(3, {}, statepb::Member::STATE_LEAVING).PutOut(3);
  kicks_work_ = false;
  const absl::Status waiting = Reconcile();
  EXPECT_THAT(waiting, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(waiting.message(), HasSubstr("OVN_Northbound"))
      << "it is what the finding says";
  EXPECT_EQ(facts_.nb.cleared_revision, 0);
  kicks_work_ = true;
  EXPECT_OK(Reconcile());
  EXPECT_EQ(facts_.nb.cleared_revision, 1);
  EXPECT_EQ(facts_.sb.cleared_revision, 1);
}

TEST_F(DepartedTest, AMemberThatWasPutOutKeepsNothing) {
  servers_ = {"2", "3"};
  state_.Member(3, {}, statepb::Member::STATE_LEAVING);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, IsEmpty()) << "it leaves by itself";
  state_.PutOut(3);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(kicked_, ElementsAre("s3"));
  EXPECT_THAT(deleted_, ElementsAre("node3"));
  // It may make its records again until it is gone.
  clock_.Advance(absl::Minutes(2));
  chassis_.insert("node3");
  state_.Remove(3).Tombstone(3, "node3");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3", "node3"));
}

TEST(DepartedServersTest, AFormerMembersServerAtAMembersAddress) {
  StateBuilder state;
  state.Member(1, AllStateServices())
      .Member(2, AllStateServices())
      .Databases(1, {1, 2}, "cid");
  OvsdbClusterStatus status;
  status.servers = {{"aaaa", "ssl:10.0.0.1:6643", true, {}, {}, {}},
                    {"bbbb", "ssl:10.0.0.2:6643", false, {}, {}, {}},
                    {"cccc", "ssl:10.0.0.2:6643", false, {}, {}, {}}};
  EXPECT_THAT(DepartedServers(state.View(1), "nb", status), IsEmpty());
  state.ServerId(2, "bbbb-1111");
  EXPECT_THAT(DepartedServers(state.View(1), "nb", status), IsEmpty())
      << "nobody was at this address before";
  state.Tombstone(7, "node7", "10.0.0.2:6686");
  const auto departed = DepartedServers(state.View(1), "nb", status);
  ASSERT_EQ(departed.size(), 1);
  EXPECT_EQ(departed[0].id, "cccc");
  state.ServerId(2, "dddd-1111");
  EXPECT_THAT(DepartedServers(state.View(1), "nb", status), IsEmpty())
      << "its report is older than its server";
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

TEST_F(DepartedTest, DeletesTheChassisOfFormerMembers) {
  facts_.nb.leader = false;
  state_.Tombstone(3, "node3").Tombstone(4, "node2");
  EXPECT_OK(Reconcile());
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3")) << "node2 is a member again";
  EXPECT_EQ(confirmations_, 1);
  // A second node3 comes and goes.
  state_.Member(3, AllStateServices());
  chassis_.insert("node3");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3"));
  state_.Remove(3);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3", "node3"));
}

TEST_F(DepartedTest, AChassisThatComesBackGoesAgain) {
  facts_.nb.leader = false;
  state_.Tombstone(3, "node3");
  EXPECT_OK(Reconcile());
  chassis_.insert("node3");
  clock_.Advance(absl::Seconds(59));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(deleted_, ElementsAre("node3", "node3"));
  EXPECT_FALSE(reconciler_.hears());
  // After a while nobody is left to write it, and nothing is asked.
  clock_.Advance(absl::Seconds(1));
  const int before = listings_;
  EXPECT_OK(Reconcile());
  EXPECT_EQ(listings_, before);
  EXPECT_TRUE(reconciler_.hears());
}

// Two members' servers of one database, of which one leads and loses the lead.
TEST_F(DepartedTest, TheNextLeaderFinishesWhatTheLastOneBegan) {
  servers_ = {"2", "3"};
  state_.Member(3, {}, statepb::Member::STATE_LEAVING).PutOut(3);
  kicks_work_ = false;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(kicked_, ElementsAre("s3", "s3")) << "of both databases";

  leads_ = false;
  facts_.nb.leader = facts_.sb.leader = false;
  EXPECT_OK(Reconcile()) << "it is not this member's any more";
  EXPECT_EQ(facts_.nb.cleared_revision, 0u);

  NodeFacts next_facts;
  next_facts.nb.leader = next_facts.sb.leader = true;
  DepartedReconciler next(Options(), &next_facts);
  leads_ = true;
  kicks_work_ = true;
  kicked_.clear();
  EXPECT_OK(next.Reconcile(state_.View(2)));
  EXPECT_THAT(kicked_, ElementsAre("s3"));
  EXPECT_EQ(next_facts.nb.cleared_revision, 1u);
  EXPECT_EQ(next_facts.sb.cleared_revision, 1u);

  // And back again, with nothing left to do.
  facts_.nb.leader = facts_.sb.leader = true;
  EXPECT_OK(Reconcile());
  EXPECT_EQ(facts_.nb.cleared_revision, 1u);
  EXPECT_THAT(kicked_, ElementsAre("s3"));
}

// What this member found out of its server was so a moment ago. A follower's
// list may lack a server that the leader's has: it does not say "cleared".
TEST_F(DepartedTest, AServerThatLeadsNoMoreClearsNothing) {
  servers_ = {"2"};
  state_.Member(3, {}, statepb::Member::STATE_LEAVING).PutOut(3);
  leads_ = false;
  const absl::Status waiting = Reconcile();
  EXPECT_THAT(waiting, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(waiting.message(), HasSubstr("new leader"));
  EXPECT_EQ(facts_.nb.cleared_revision, 0u);
  EXPECT_EQ(facts_.sb.cleared_revision, 0u);
  EXPECT_THAT(deleted_, IsEmpty()) << "the leader deletes it";
  servers_ = {"2", "3"};
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(kicked_, IsEmpty());
}

TEST_F(DepartedTest, ALeaderThatIsDeposedByAKickSaysNothingIsCleared) {
  servers_ = {"2", "3"};
  state_.Member(3, {}, statepb::Member::STATE_LEAVING).PutOut(3);
  kicks_depose_ = true;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(facts_.nb.cleared_revision, 0u) << "the others may not have agreed";
}

}  // namespace
}  // namespace microovn::agent
