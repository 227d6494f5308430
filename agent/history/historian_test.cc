// SPDX-License-Identifier: Apache-2.0
#include "agent/history/historian.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/operations/testing/fake_raft_control.h"
#include "agent/state/testing/commands.h"
#include "base/testing/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Three members; the first leads. Facts are the state, and what the test says
// of node2's daemons.
class HistorianTest : public testing::Test {
 protected:
  HistorianTest() {
    raft_.SetVoters({"node1", "node2", "node3"});
    Pass(absl::Seconds(1));
    begun_ = Revision();
  }

  uint64_t Revision() const { return raft_.state().revision(); }

  ClusterFacts Facts() {
    ++looks_;
    ClusterFacts facts;
    facts.state = store_.Current();
    facts.self_id = TestId("node1");
    facts.leader_id = facts.self_id;
    facts.now = clock_.Now();
    for (const auto& [id, member] : facts.state->members.records()) {
      facts.voters.insert(id);
      facts.answers.insert_or_assign(
          id, internal::peer::v1::GetLocalStatusResponse());
    }
    if (frozen_) {
      internal::peer::v1::GetLocalStatusResponse said;
      internal::peer::v1::DaemonPulse* pulse = said.add_pulses();
      pulse->set_unit("switch");
      pulse->set_stopped(true);
      facts.answers.insert_or_assign(TestId("node2"), said);
    }
    return facts;
  }

  void Pass(absl::Duration time) {
    for (absl::Duration passed; passed < time; passed += absl::Seconds(1)) {
      clock_.Advance(absl::Seconds(1));
      historian_->RunOnce();
    }
  }

  // "TYPE resource", with the count if there is one.
  std::vector<std::string> NewEvents() {
    std::vector<std::string> events;
    for (const auto& [key, event] : raft_.state().events.records()) {
      if (event->revision() <= begun_) continue;
      // What has no central is of no matter here.
      if (event->type() == "FINDING_RAISED" &&
          event->resource().find("DAEMON_FROZEN") == std::string::npos) {
        continue;
      }
      events.push_back(absl::StrCat(
          event->type(), " ", event->resource(),
          event->count() > 1 ? absl::StrCat(" x", event->count()) : ""));
    }
    begun_ = Revision();
    return events;
  }

  void NewHistorian() {
    historian_ = std::make_unique<Historian>(
        Historian::Parts{&raft_, &store_, &clock_, [this] { return Facts(); }});
  }

  FakeClock clock_;
  StateStore store_;
  FakeRaftControl raft_{TestCluster({"node1", "node2", "node3"}), &store_,
                        &clock_};
  bool frozen_ = false;
  int looks_ = 0;
  uint64_t begun_ = 0;
  std::unique_ptr<Historian> historian_ = std::make_unique<Historian>(
      Historian::Parts{&raft_, &store_, &clock_, [this] { return Facts(); }});
};

TEST_F(HistorianTest, TellsWhoLeadsAndVotes) {
  begun_ = 0;
  const std::vector<std::string> events = NewEvents();
  EXPECT_THAT(events, testing::Contains("LEADER_CHANGED members/node1"));
  EXPECT_THAT(events, testing::Contains("MEMBER_PROMOTED members/node3"));
}

TEST_F(HistorianTest, TellsNothingWhileNothingChanges) {
  Pass(absl::Minutes(1));
  NewEvents();
  const int tried = raft_.tried();
  looks_ = 0;
  Pass(absl::Minutes(10));
  EXPECT_THAT(NewEvents(), IsEmpty());
  EXPECT_EQ(raft_.tried(), tried);
  EXPECT_LE(looks_, 30);
  EXPECT_GE(looks_, 28);
}

TEST_F(HistorianTest, TellsWhoIsLostAndBack) {
  raft_.SetSilent("node2", true);
  Pass(Historian::kLostAfter - absl::Seconds(4));
  EXPECT_THAT(NewEvents(), IsEmpty());
  Pass(absl::Seconds(4));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_LOST members/node2"));
  raft_.SetSilent("node2", false);
  Pass(MemberHealth::kUpAfter + absl::Seconds(1));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_BACK members/node2"));
}

TEST_F(HistorianTest, TheNextLeaderGoesOnFromWhatWasTold) {
  raft_.SetSilent("node2", true);
  Pass(absl::Seconds(20));
  NewEvents();
  NewHistorian();
  raft_.Lead("node3");
  Pass(absl::Seconds(1));
  EXPECT_THAT(NewEvents(), ElementsAre("LEADER_CHANGED members/node3"));
  Pass(absl::Seconds(60));
  EXPECT_THAT(NewEvents(), IsEmpty()) << "node2 is lost, and that is no news";
  raft_.SetSilent("node2", false);
  Pass(absl::Seconds(10));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_BACK members/node2"));
}

TEST_F(HistorianTest, TellsWhoStandsBy) {
  raft_.SetVoters({"node1", "node2"});
  Pass(absl::Seconds(1));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_DEMOTED members/node3"));
  raft_.SetVoters({"node1", "node2", "node3"});
  Pass(absl::Seconds(1));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_PROMOTED members/node3"));
}

TEST_F(HistorianTest, TellsFindingsThatStay) {
  Pass(absl::Minutes(1));
  NewEvents();
  frozen_ = true;
  Pass(Historian::kQuiet + Historian::kTurning + absl::Seconds(2));
  EXPECT_THAT(
      NewEvents(),
      ElementsAre("FINDING_RAISED members/node2/findings/DAEMON_FROZEN"));
  Pass(absl::Minutes(5));
  EXPECT_THAT(NewEvents(), IsEmpty());
  frozen_ = false;
  Pass(Historian::kQuiet + absl::Seconds(15));
  EXPECT_THAT(
      NewEvents(),
      ElementsAre("FINDING_CLEARED members/node2/findings/DAEMON_FROZEN"));
}

TEST_F(HistorianTest, LooksSoonWhenTheStateHasChanged) {
  Pass(absl::Minutes(1));
  looks_ = 0;
  raft_.Apply(SetConfigCommand("cluster.voters", "5"));
  Pass(Historian::kShortest);
  EXPECT_EQ(looks_, 1);
  Pass(Historian::kShortest);
  EXPECT_EQ(looks_, 1) << "once";
}

TEST_F(HistorianTest, AFlappingMemberIsBounded) {
  const uint64_t before = Revision();
  const size_t kept = raft_.state().events.size();
  for (int i = 0; i < 120; ++i) {
    raft_.SetSilent("node2", true);
    Pass(absl::Seconds(15));
    raft_.SetSilent("node2", false);
    Pass(absl::Seconds(15));
  }
  // An hour of one change every quarter of a minute.
  EXPECT_LE(Revision() - before, 40U);
  EXPECT_LE(raft_.state().events.size() - kept, 25U);
  const statepb::Event& last = *raft_.state().events.records().rbegin()->second;
  EXPECT_GT(last.count(), 1U);
}

TEST_F(HistorianTest, WhatWasNotTakenInIsToldAgain) {
  raft_.SetSilent("node2", true);
  raft_.LoseLeadAfter(0);
  Pass(absl::Seconds(20));
  EXPECT_THAT(NewEvents(), IsEmpty());
  raft_.Lead("node1");
  Pass(absl::Seconds(20));
  EXPECT_THAT(NewEvents(), ElementsAre("MEMBER_LOST members/node2"));
}

}  // namespace
}  // namespace microovn::agent
