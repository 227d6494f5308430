// SPDX-License-Identifier: Apache-2.0
// What the state tells of what has happened, and how much of it.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/state/apply.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/result.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using statepb::Command;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class EventsTest : public testing::Test {
 protected:
  EventsTest() { begun_ = state_.revision(); }

  absl::Status Try(Command command) {
    command.set_format(1);
    command.set_clock_seconds(clock_);
    command.set_time_seconds(kTestTime + clock_);
    return StatusOfResult(Apply(state_, command));
  }
  void Do(const Command& command) { ASSERT_OK(Try(command)); }

  const statepb::Event& Last() const {
    return *state_.events.records().rbegin()->second;
  }
  std::vector<std::string> New() {
    std::vector<std::string> events;
    for (const auto& [key, event] : state_.events.records()) {
      if (event->revision() <= begun_) continue;
      events.push_back(absl::StrCat(
          event->type(), " ", event->resource(),
          event->count() > 1 ? absl::StrCat(" x", event->count()) : ""));
    }
    begun_ = state_.revision();
    return events;
  }
  std::map<std::string, int> Counts() const {
    std::map<std::string, int> counts;
    for (const auto& [key, event] : state_.events.records()) {
      ++counts[event->type()];
    }
    return counts;
  }

  Command Observe(const std::string& leader, uint64_t term,
                  const std::vector<std::string>& lost = {},
                  const std::vector<std::string>& findings = {}) {
    Command command = CommandAt(kTestTime);
    statepb::Observation* seen =
        command.mutable_observe_cluster()->mutable_observation();
    seen->set_leader_id(TestId(leader));
    seen->set_term(term);
    for (const char* name : {"node1", "node2", "node3"}) {
      seen->add_voters(TestId(name));
    }
    for (const std::string& name : lost) seen->add_lost(TestId(name));
    for (const std::string& reason : findings) {
      seen->add_findings()->set_reason(reason);
      seen->mutable_findings()->rbegin()->set_member("node2");
    }
    return command;
  }
  Command Report(const std::string& name, uint32_t restarts, bool down,
                 const std::string& run = "run") {
    Command command = CommandAt(kTestTime);
    statepb::MemberReport* report =
        command.mutable_report_member()->mutable_report();
    report->set_member_id(TestId(name));
    report->set_agent_run(run);
    statepb::DaemonLife* life = report->add_lives();
    life->set_unit("switch");
    life->set_restarts(restarts);
    life->set_down(down);
    return command;
  }
  // No member announces events any more, which no real cluster does.
  void ForgetFeature() { state_.features.Erase(kFeatureEvents); }

  ClusterState state_ = TestCluster({"node1", "node2", "node3", "node4"});
  int64_t clock_ = 1000;
  uint64_t begun_ = 0;
};

TEST_F(EventsTest, NameWhoAsked) {
  Command command = SetConfigCommand("cluster.voters", "5");
  command.mutable_asker()->set_uid(1000);
  command.mutable_asker()->set_user("alice");
  command.mutable_asker()->set_member_id(TestId("node2"));
  command.set_passed_by(TestId("node2"));
  Do(command);
  EXPECT_EQ(Last().asker().uid(), 1000U);
  EXPECT_EQ(Last().asker().user(), "alice");
  EXPECT_EQ(Last().asker().member(), "node2");
  EXPECT_EQ(Last().asker().via(), "");
}

TEST_F(EventsTest, AMemberCannotHideThatItPassedTheRequestOn) {
  Command command = SetConfigCommand("cluster.voters", "5");
  command.mutable_asker()->set_uid(0);
  command.mutable_asker()->set_user("root");
  command.mutable_asker()->set_member_id(TestId("node1"));
  command.set_passed_by(TestId("node3"));
  Do(command);
  EXPECT_EQ(Last().asker().member(), "node1");
  EXPECT_EQ(Last().asker().via(), "node3");
}

TEST_F(EventsTest, ABootstrapHasAnAsker) {
  ClusterState state;
  Command command = BootstrapCommand("node1");
  command.mutable_asker()->set_uid(0);
  command.mutable_asker()->set_member_id(TestId("node1"));
  MustApply(state, command);
  bool told = false;
  for (const auto& [key, event] : state.events.records()) {
    if (event->type() != "CLUSTER_CREATED") continue;
    told = true;
    EXPECT_TRUE(event->asker().has_uid());
    EXPECT_EQ(event->asker().member(), "node1");
  }
  EXPECT_TRUE(told);
}

TEST_F(EventsTest, NobodyAskedForWhatHappensByItself) {
  Command command = Observe("node1", 3);
  Do(command);
  EXPECT_FALSE(Last().has_asker());
}

TEST_F(EventsTest, AnAskerIsBounded) {
  Command command = SetConfigCommand("cluster.voters", "5");
  command.mutable_asker()->set_user(std::string(1000, 'x'));
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  command.mutable_asker()->set_user("x");
  command.mutable_asker()->set_member_id("../../x");
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  command.mutable_asker()->set_member_id(TestId("node1"));
  command.set_passed_by("x");
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
}

TEST_F(EventsTest, TheLeaderTellsWhatHasChanged) {
  Do(Observe("node1", 3));
  EXPECT_THAT(New(), ElementsAre("LEADER_CHANGED members/node1",
                                 "MEMBER_PROMOTED members/node1",
                                 "MEMBER_PROMOTED members/node2",
                                 "MEMBER_PROMOTED members/node3"));
  Do(Observe("node1", 3));
  EXPECT_THAT(New(), IsEmpty());
  Do(Observe("node1", 3, {"node2"}, {"DAEMON_FROZEN"}));
  EXPECT_THAT(New(), ElementsAre("MEMBER_LOST members/node2",
                                 "FINDING_RAISED members/node2/findings/"
                                 "DAEMON_FROZEN"));
  Do(Observe("node3", 4, {}, {"NO_CENTRAL"}));
  EXPECT_THAT(
      New(),
      ElementsAre("LEADER_CHANGED members/node3", "MEMBER_BACK members/node2",
                  "FINDING_CLEARED members/node2/findings/DAEMON_FROZEN",
                  "FINDING_RAISED members/node2/findings/NO_CENTRAL"));
}

TEST_F(EventsTest, TheLeaderTellsWhoStandsBy) {
  Do(Observe("node1", 3));
  Command command = Observe("node1", 3);
  statepb::Observation* seen =
      command.mutable_observe_cluster()->mutable_observation();
  seen->add_standbys(TestId("node4"));
  Do(command);
  New();
  seen->mutable_voters()->RemoveLast();
  seen->add_standbys(TestId("node3"));
  Do(command);
  EXPECT_THAT(New(), ElementsAre("MEMBER_DEMOTED members/node3"));
}

TEST_F(EventsTest, OnlyTheLeaderMayTell) {
  Command command = Observe("node2", 9);
  command.set_passed_by(TestId("node2"));
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  EXPECT_THAT(New(), IsEmpty());
}

TEST_F(EventsTest, AnEarlierLeaderIsNotHeard) {
  Do(Observe("node2", 9));
  EXPECT_THAT(Try(Observe("node1", 8)), HasReason("COMMAND_MALFORMED"));
}

TEST_F(EventsTest, AnObservationIsBounded) {
  Command command = Observe("node1", 3, {}, {"no words"});
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  command = Observe("node1", 3, {}, {std::string(65, 'X')});
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  command = Observe("node1", 3, {}, std::vector<std::string>(257, "X"));
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
  command = Observe("node1", 3);
  command.mutable_observe_cluster()->mutable_observation()->set_leader_id("x");
  EXPECT_THAT(Try(command), HasReason("COMMAND_MALFORMED"));
}

TEST_F(EventsTest, WhatCameAndWentIsCounted) {
  Do(Observe("node1", 3));
  New();
  Command command = Observe("node1", 3, {"node2"});
  statepb::Flapping* flapping =
      command.mutable_observe_cluster()->add_flapping();
  flapping->set_subject(absl::StrCat("members/", TestId("node2")));
  flapping->set_changes(5);
  Do(command);
  EXPECT_THAT(New(), ElementsAre("MEMBER_LOST members/node2 x3"));
  flapping->set_changes(4);
  Do(command);
  EXPECT_THAT(New(), ElementsAre("MEMBER_LOST members/node2 x2"));
}

TEST_F(EventsTest, WhatHappensAgainAndAgainIsOneEvent) {
  Do(Report("node2", 0, false));
  New();
  for (uint32_t i = 1; i <= 40; ++i) {
    clock_ += 10;
    Do(Report("node2", i, false));
  }
  EXPECT_THAT(New(),
              ElementsAre("DAEMON_RESTARTED members/node2/daemons/switch",
                          "DAEMON_RESTARTED members/node2/daemons/switch",
                          "DAEMON_RESTARTED members/node2/daemons/switch"
                          " x38"));
  EXPECT_EQ(Last().first_seconds(), kTestTime + 1030);
  EXPECT_EQ(Last().time_seconds(), kTestTime + clock_);
  // Another one is another thing.
  Do(Report("node3", 0, false));
  Do(Report("node3", 1, false));
  EXPECT_THAT(New(),
              ElementsAre("DAEMON_RESTARTED members/node3/daemons/switch"));
}

TEST_F(EventsTest, AfterAWhileItIsNewAgain) {
  Do(Report("node2", 0, false));
  for (uint32_t i = 1; i <= 10; ++i) Do(Report("node2", i, false));
  New();
  clock_ += 601;
  Do(Report("node2", 11, false));
  EXPECT_THAT(New(),
              ElementsAre("DAEMON_RESTARTED members/node2/daemons/switch"));
}

TEST_F(EventsTest, DaemonsEndAndAreStartedAgain) {
  Do(Report("node2", 3, false));
  EXPECT_THAT(New(), IsEmpty()) << "what was before is not known";
  Do(Report("node2", 3, true));
  Do(Report("node2", 3, true));
  EXPECT_THAT(New(), ElementsAre("DAEMON_ENDED members/node2/daemons/switch"));
  Do(Report("node2", 5, false));
  EXPECT_THAT(New(),
              ElementsAre("DAEMON_RESTARTED members/node2/daemons/switch x2"));
  // Counted anew.
  Do(Report("node2", 0, false));
  EXPECT_THAT(New(), IsEmpty());
}

TEST_F(EventsTest, AnAgentThatStartsIsTold) {
  Do(Report("node2", 0, false, "one"));
  Do(Report("node2", 0, false, "one"));
  EXPECT_THAT(New(), IsEmpty());
  Do(Report("node2", 0, false, "two"));
  EXPECT_THAT(New(), ElementsAre("AGENT_STARTED members/node2"));
}

TEST_F(EventsTest, CertificatesAreTold) {
  Command command = CommandAt(kTestTime);
  for (const char* service : {"ovnsb", "ovnnb"}) {
    *command.mutable_record_certificates()->add_certificates() =
        TestCertificate(service, "node2", service);
  }
  command.mutable_asker()->set_uid(0);
  command.mutable_asker()->set_member_id(TestId("node1"));
  Do(command);
  EXPECT_THAT(New(), ElementsAre("CERTIFICATES_ISSUED "
                                 "members/node2/certificates"));
  EXPECT_EQ(Last().asker().member(), "node1");
  EXPECT_THAT(Last().arguments(), SizeIs(3));
}

TEST_F(EventsTest, AStormPushesOutItsOwnKindOnly) {
  Do(Observe("node1", 3));
  const std::map<std::string, int> before = Counts();
  Command command = SetConfigCommand("cluster.voters", "5");
  command.mutable_asker()->set_uid(0);
  for (int i = 0; i < 3000; ++i) {
    command.mutable_set_config()->set_value(i % 2 == 0 ? "3" : "5");
    Do(command);
  }
  EXPECT_THAT(state_.events, SizeIs(kMaxEvents));
  std::map<std::string, int> after = Counts();
  for (const auto& [type, count] : before) {
    EXPECT_EQ(after[type], count) << type;
  }
}

TEST_F(EventsTest, WhatIsForgottenIsSaid) {
  Command command = SetConfigCommand("cluster.voters", "5");
  EXPECT_OK(EventsAfter(state_, 1));
  for (int i = 0; i < 1500; ++i) {
    command.mutable_set_config()->set_value(i % 2 == 0 ? "3" : "5");
    Do(command);
  }
  const uint64_t gone = state_.cluster().forgotten_revision();
  EXPECT_GT(gone, 0U);
  EXPECT_THAT(EventsAfter(state_, gone - 1), HasReason("EVENTS_EXPIRED"));
  EXPECT_OK(EventsAfter(state_, gone));
  EXPECT_OK(EventsAfter(state_, 0));
}

TEST_F(EventsTest, WhatWasTakenInIsNotForgotten) {
  Do(Report("node2", 0, false));
  for (uint32_t i = 1; i <= 10; ++i) Do(Report("node2", i, false));
  EXPECT_EQ(state_.cluster().forgotten_revision(), 0U);
  EXPECT_OK(EventsAfter(state_, 1));
}

TEST_F(EventsTest, OlderAgentsAreNotLeftBehind) {
  ForgetFeature();
  EXPECT_THAT(Try(Observe("node1", 3)), HasReason("COMMAND_MALFORMED"));
  Do(Report("node2", 0, false));
  Do(Report("node2", 1, true));
  EXPECT_THAT(New(), IsEmpty());
  Command command = SetConfigCommand("cluster.voters", "5");
  command.mutable_asker()->set_uid(0);
  Do(command);
  EXPECT_FALSE(Last().has_asker());
  EXPECT_EQ(Last().clock_seconds(), 0);
}

}  // namespace
}  // namespace microovn::agent
