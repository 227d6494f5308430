// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/loop/reconcile_loop.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "agent/reconcile/report/report_sender.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/testing/fake_clock.h"
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
using ::testing::SizeIs;

class Scripted final : public Reconciler {
 public:
  explicit Scripted(std::string name) : name_(std::move(name)) {}
  absl::string_view name() const override { return name_; }
  absl::Status Reconcile(const NodeView&) override {
    ++calls;
    return next();
  }
  std::vector<LocalFinding> findings() const override { return found; }
  bool hears() const override { return told; }

  std::function<absl::Status()> next = [] { return absl::OkStatus(); };
  std::vector<LocalFinding> found;
  bool told = false;
  int calls = 0;

 private:
  const std::string name_;
};

absl::Status Waiting() { return absl::UnavailableError("waiting for a"); }
absl::Status Failing() { return absl::InternalError("broken"); }

class ReconcileLoopTest : public ::testing::Test {
 protected:
  ReconcileLoopTest() {
    state_.Member(1, AllStateServices()).Databases(1, {});
    facts_.services_seen = true;
    loop_ = std::make_unique<ReconcileLoop>(Options());
  }

  ReconcileLoopOptions Options() {
    ReconcileLoopOptions options;
    options.clock = &clock_;
    options.facts = &facts_;
    options.reconcilers = {&first_, &second_};
    options.properties.datapath = "netdev";
    options.view = [this]() -> std::optional<NodeView> {
      if (!member_) return std::nullopt;
      if (departing_) {
        return NodeView::Departing(
            std::make_shared<const ClusterState>(state_.View(1).state()),
            StateBuilder::Id(1));
      }
      return state_.View(1);
    };
    options.observe = [this] { ++observations_; };
    options.send_report = [this](const statepb::ReportMember& report) {
      sent_.push_back(report);
      if (take_reports_) state_.Report(report);
    };
    return options;
  }

  absl::Duration RunAfter(absl::Duration time) {
    clock_.Advance(time);
    return loop_->RunOnce();
  }

  FakeClock clock_;
  StateBuilder state_;
  NodeFacts facts_;
  Scripted first_{"first"};
  Scripted second_{"second"};
  bool member_ = true;
  bool departing_ = false;
  bool take_reports_ = true;
  int observations_ = 0;
  std::vector<statepb::ReportMember> sent_;
  std::unique_ptr<ReconcileLoop> loop_;
};

TEST_F(ReconcileLoopTest, LooksSeldomWhereItIsToldOfChanges) {
  second_.told = true;
  loop_->RunOnce();
  RunAfter(absl::Seconds(5));
  EXPECT_EQ(first_.calls, 2);
  EXPECT_EQ(second_.calls, 1);
  RunAfter(absl::Seconds(24));
  EXPECT_EQ(second_.calls, 1);
  RunAfter(absl::Seconds(1));
  EXPECT_EQ(second_.calls, 2) << "an event may have got lost";
  loop_->Refresh();
  loop_->RunOnce();
  EXPECT_EQ(second_.calls, 3);
  // It does not hear any more.
  second_.told = false;
  loop_->Refresh();
  loop_->RunOnce();
  RunAfter(absl::Seconds(5));
  EXPECT_EQ(second_.calls, 5);
}

TEST_F(ReconcileLoopTest, ANodeThatIsToldOfEverythingSleepsForHalfAMinute) {
  first_.told = second_.told = true;
  loop_->RunOnce();
  loop_->Wake();
  EXPECT_EQ(loop_->RunOnce(), absl::Seconds(30));
  EXPECT_EQ(first_.calls, 1);
}

TEST_F(ReconcileLoopTest, ConvergesAndReportsItOnce) {
  EXPECT_EQ(loop_->RunOnce(), absl::Seconds(5));
  EXPECT_TRUE(loop_->Current().converged);
  EXPECT_EQ(loop_->Current().converged_revision, 1u);
  ASSERT_THAT(sent_, SizeIs(1));
  EXPECT_EQ(sent_[0].report().converged_revision(), 1u);
  EXPECT_EQ(sent_[0].report().datapath(), "netdev");
  EXPECT_EQ(sent_[0].report().member_id(), StateBuilder::Id(1));
  loop_->Wake();
  loop_->RunOnce();
  EXPECT_EQ(first_.calls, 1) << "nothing wants anything else";
  RunAfter(absl::Seconds(5));
  EXPECT_EQ(first_.calls, 2) << "looked at again in any case";
  EXPECT_THAT(sent_, SizeIs(1));
}

TEST_F(ReconcileLoopTest, RunsAllWhenTheStateWantsSomethingElse) {
  loop_->RunOnce();
  state_.At(2);
  loop_->Wake();
  loop_->RunOnce();
  EXPECT_EQ(first_.calls, 2);
  EXPECT_EQ(second_.calls, 2);
  EXPECT_EQ(loop_->Current().converged_revision, 2u);
}

TEST_F(ReconcileLoopTest, RefreshRunsWhatIsInPlaceToo) {
  loop_->RunOnce();
  loop_->Refresh();
  loop_->RunOnce();
  EXPECT_EQ(first_.calls, 2);
  EXPECT_EQ(observations_, 2);
}

TEST_F(ReconcileLoopTest, WhatWaitsIsLookedAtSoonAndWhatFailsLater) {
  first_.next = Waiting;
  second_.next = Failing;
  EXPECT_EQ(loop_->RunOnce(), absl::Milliseconds(20));
  EXPECT_FALSE(loop_->Current().converged);
  EXPECT_EQ(RunAfter(absl::Milliseconds(20)), absl::Milliseconds(30));
  EXPECT_EQ(first_.calls, 2);
  EXPECT_EQ(second_.calls, 1);
  RunAfter(absl::Seconds(1));
  EXPECT_EQ(second_.calls, 2);
  // Waking does not shorten the delay after a failure.
  loop_->Wake();
  RunAfter(absl::Milliseconds(20));
  EXPECT_EQ(first_.calls, 4);
  EXPECT_EQ(second_.calls, 2);
}

TEST_F(ReconcileLoopTest, ProgressOfOneIsNewsForTheOthers) {
  first_.next = Waiting;
  loop_->RunOnce();
  RunAfter(absl::Milliseconds(20));
  RunAfter(absl::Milliseconds(30));
  second_.next = Waiting;
  state_.At(2);
  loop_->RunOnce();
  second_.next = [] { return absl::OkStatus(); };
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(loop_->RunOnce(), absl::ZeroDuration());
}

TEST_F(ReconcileLoopTest, TroubleIsReportedWhenItLasts) {
  loop_->RunOnce();
  state_.At(2);
  first_.next = Failing;
  loop_->RunOnce();
  EXPECT_THAT(sent_, SizeIs(1));
  for (int i = 0; i < 20; ++i) RunAfter(absl::Seconds(1));
  ASSERT_THAT(sent_, SizeIs(2));
  EXPECT_EQ(sent_[1].report().problem(), "first: broken");
  EXPECT_EQ(sent_[1].report().converged_revision(), 1u) << "never goes back";
  EXPECT_EQ(loop_->Current().problem, "first: broken");
  first_.next = [] { return absl::OkStatus(); };
  RunAfter(absl::Seconds(30));
  ASSERT_THAT(sent_, SizeIs(3));
  EXPECT_EQ(sent_[2].report().problem(), "");
  EXPECT_EQ(sent_[2].report().converged_revision(), 2u);
}

TEST_F(ReconcileLoopTest, ChangesOnWhichNobodyWaitsAreGathered) {
  loop_->RunOnce();
  facts_.services[Service::kSwitch].phase = Phase::kStarting;
  facts_.services[Service::kSwitch].enabled = true;
  loop_->Refresh();
  EXPECT_EQ(loop_->RunOnce(), absl::Seconds(1));
  facts_.services[Service::kSwitch].phase = Phase::kReady;
  RunAfter(absl::Seconds(1));
  ASSERT_THAT(sent_, SizeIs(2));
  ASSERT_EQ(sent_[1].report().daemons_size(), 1);
  EXPECT_EQ(sent_[1].report().daemons(0).unit(), "switch");
  EXPECT_TRUE(sent_[1].report().daemons(0).ready());
  // A joined database cannot wait.
  facts_.nb.joined = true;
  facts_.nb.cluster_id = "cid";
  loop_->Refresh();
  loop_->RunOnce();
  ASSERT_THAT(sent_, SizeIs(3));
  EXPECT_THAT(sent_[2].report().joined_databases(), ElementsAre("nb"));
  EXPECT_EQ(sent_[2].nb_cluster_id(), "cid");
}

TEST_F(ReconcileLoopTest, AFlappingDaemonDoesNotFillTheLog) {
  loop_->RunOnce();
  sent_.clear();
  supervisor::Observation& seen = facts_.services[Service::kSwitch];
  seen.enabled = true;
  for (int second = 0; second < 600; ++second) {
    seen.phase = second % 4 < 2 ? Phase::kReady : Phase::kBackoff;
    seen.restarts = second / 4;
    loop_->Refresh();
    RunAfter(absl::Seconds(1));
  }
  EXPECT_LE(sent_.size(), 20u);
  EXPECT_GE(sent_.size(), 15u);
  // What else there is to say does not wait for that.
  state_.At(2);
  RunAfter(absl::Seconds(1));
  EXPECT_EQ(sent_.back().report().converged_revision(), 2u);
  // And in the end it is told how it is.
  sent_.clear();
  seen.phase = Phase::kReady;
  for (int second = 0; second < 70; ++second) RunAfter(absl::Seconds(1));
  ASSERT_FALSE(sent_.empty());
  EXPECT_TRUE(sent_.back().report().daemons(0).ready());
}

TEST_F(ReconcileLoopTest, AReportIsSentUntilItIsTakenIn) {
  take_reports_ = false;
  EXPECT_EQ(loop_->RunOnce(), absl::Seconds(5));
  RunAfter(absl::Seconds(1));
  EXPECT_THAT(sent_, SizeIs(1)) << "the log takes its time";
  RunAfter(absl::Seconds(5));
  EXPECT_THAT(sent_, SizeIs(2));
}

TEST_F(ReconcileLoopTest, StatesDoNotHurryWhatHasJustBeenTried) {
  first_.next = Waiting;
  loop_->RunOnce();
  RunAfter(absl::Milliseconds(20));
  RunAfter(absl::Milliseconds(30));
  RunAfter(absl::Milliseconds(45));
  EXPECT_EQ(first_.calls, 4);
  for (int i = 0; i < 10; ++i) {
    loop_->Wake();
    RunAfter(absl::Milliseconds(1));
  }
  EXPECT_EQ(first_.calls, 4);
  loop_->Wake();
  RunAfter(absl::Milliseconds(10));
  EXPECT_EQ(first_.calls, 5) << "but they bring it forward";
}

TEST_F(ReconcileLoopTest, NothingIsDoneOrSaidBeforeItIsKnown) {
  member_ = false;
  EXPECT_EQ(loop_->RunOnce(), absl::Seconds(5));
  EXPECT_EQ(first_.calls, 0);
  member_ = true;
  facts_.services_seen = false;
  loop_->RunOnce();
  EXPECT_EQ(first_.calls, 1);
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(ReconcileLoopTest, ShowsPartsAndFindings) {
  first_.next = Waiting;
  second_.found = {{"TUNNELS_NOT_POSSIBLE", "why", "what to do"}};
  loop_->RunOnce();
  const ReconcileStatus status = loop_->Current();
  ASSERT_THAT(status.parts, SizeIs(2));
  EXPECT_EQ(status.parts[0].name, "first");
  EXPECT_THAT(status.parts[0].status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(status.findings, ElementsAre(second_.found[0]));
  EXPECT_TRUE(status.facts.services_seen);
}

TEST_F(ReconcileLoopTest, ShowsWhetherAPassIsUnderWay) {
  EXPECT_EQ(loop_->Progress().last_end, -absl::InfiniteDuration());
  EXPECT_FALSE(loop_->Progress().under_way_since.has_value());
  const absl::Duration start = clock_.Monotonic();
  ReconcileProgress within;
  first_.next = [&] {
    within = loop_->Progress();
    clock_.Advance(absl::Seconds(3));
    return absl::OkStatus();
  };
  loop_->RunOnce();
  EXPECT_EQ(within.under_way_since, start);
  EXPECT_EQ(within.at, "first");
  EXPECT_EQ(within.last_turn, start);
  EXPECT_EQ(loop_->Progress().last_turn, start + absl::Seconds(3));
  EXPECT_EQ(loop_->Progress().at, "");
  EXPECT_LE(loop_->Progress().next_due, start + absl::Seconds(8));
  EXPECT_EQ(loop_->Progress().last_end, start + absl::Seconds(3));
  EXPECT_FALSE(loop_->Progress().under_way_since.has_value());
}

TEST(ReconcileLoopThreadTest, RunsUntilItIsDestroyed) {
  const Clock& clock = Clock::Real();
  NodeFacts facts;
  facts.services_seen = true;
  Scripted reconciler("only");
  Mutex mu;
  CondVar changed;
  StateBuilder state;
  state.Member(1, AllStateServices());
  int reports = 0;
  ReconcileLoopOptions options;
  options.clock = &clock;
  options.facts = &facts;
  options.reconcilers = {&reconciler};
  options.view = [&]() -> std::optional<NodeView> {
    MutexLock lock(&mu);
    return state.View(1);
  };
  options.observe = [] {};
  options.send_report = [&](const statepb::ReportMember& report) {
    MutexLock lock(&mu);
    state.Report(report);
    ++reports;
    changed.SignalAll();
  };
  ReconcileLoop loop(std::move(options));
  loop.Start();
  {
    MutexLock lock(&mu);
    while (reports < 1) changed.Wait(&mu);
    state.At(2);
  }
  loop.Wake();
  MutexLock lock(&mu);
  while (reports < 2) changed.Wait(&mu);
}

// The log takes nothing, as without a quorum: this node goes on all the same.
TEST(ReconcileLoopThreadTest, GoesOnWhileTheLogTakesNoReport) {
  Mutex mu;
  CondVar changed;
  bool asked = false;
  bool shut = true;
  ReportSender sender([&](const statepb::ReportMember&) {
    MutexLock lock(&mu);
    asked = true;
    changed.SignalAll();
    while (shut) changed.Wait(&mu);
    return absl::OkStatus();
  });
  NodeFacts facts;
  facts.services_seen = true;
  StateBuilder state;
  state.Member(1, AllStateServices());
  Scripted reconciler("only");
  int passes = 0;
  reconciler.next = [&] {
    MutexLock lock(&mu);
    ++passes;
    changed.SignalAll();
    return Waiting();
  };
  ReconcileLoopOptions options;
  options.clock = &Clock::Real();
  options.facts = &facts;
  options.reconcilers = {&reconciler};
  options.view = [&]() -> std::optional<NodeView> { return state.View(1); };
  options.observe = [] {};
  options.send_report = [&](const statepb::ReportMember& report) {
    sender.Offer(report);
  };
  ReconcileLoop loop(std::move(options));
  loop.Start();
  MutexLock lock(&mu);
  while (!asked) changed.Wait(&mu);
  const int before = passes;
  while (passes < before + 5) changed.Wait(&mu);
  EXPECT_TRUE(shut);
  shut = false;
  changed.SignalAll();
}

TEST_F(ReconcileLoopTest, ADepartingNodeLeavesWithoutALog) {
  bool was_leaving = false;
  second_.next = [&] {
    facts_.left = was_leaving;
    return absl::OkStatus();
  };
  loop_->RunOnce();
  EXPECT_EQ(loop_->AwaitLeft(absl::ZeroDuration()).code(),
            absl::StatusCode::kDeadlineExceeded);
  const size_t reports = sent_.size();
  // The same revision, and everything is due at once.
  departing_ = true;
  was_leaving = true;
  const int calls = second_.calls;
  loop_->Wake();
  loop_->RunOnce();
  EXPECT_EQ(second_.calls, calls + 1);
  EXPECT_OK(loop_->AwaitLeft(absl::ZeroDuration()));
  EXPECT_THAT(sent_, SizeIs(reports));
}

TEST_F(ReconcileLoopTest, StopEndsTheThreadAndTellsWhoWaits) {
  loop_->Start();
  std::thread waiter([this] {
    EXPECT_EQ(loop_->AwaitLeft(absl::InfiniteDuration()).code(),
              absl::StatusCode::kCancelled);
  });
  loop_->Stop();
  const int calls = first_.calls;
  waiter.join();
  loop_->Refresh();
  loop_->Stop();
  EXPECT_EQ(first_.calls, calls);
}

TEST(NodeViewTest, ADepartingNodeIsALeavingOneWhateverTheStateSays) {
  StateBuilder state;
  state.Member(1, AllStateServices());
  const auto snapshot =
      std::make_shared<const ClusterState>(state.View(1).state());
  const NodeView active(snapshot, StateBuilder::Id(1));
  EXPECT_FALSE(active.leaving() || active.departing());
  EXPECT_TRUE(active.Wants(statepb::SERVICE_CENTRAL));
  // The second is not in the state: its removal was applied.
  for (const int number : {1, 2}) {
    const NodeView view =
        NodeView::Departing(snapshot, StateBuilder::Id(number));
    EXPECT_TRUE(view.leaving() && view.departing());
    EXPECT_FALSE(view.Wants(statepb::SERVICE_CENTRAL));
    ASSERT_NE(view.self(), nullptr);
    EXPECT_EQ(view.self()->member_id(), StateBuilder::Id(number));
  }
}

}  // namespace
}  // namespace microovn::agent
