// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/probe_interval_reconciler.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/values/config_keys.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kUnset[] =
    R"([{"rows":[{"inactivity_probe":["set",[]],"external_ids":["map",[]]}]}])";
constexpr char kSet[] =
    R"([{"rows":[{"inactivity_probe":60000,)"
    R"("external_ids":["map",[["microovn-probe-interval","60000"]]]}]}])";

class ProbeIntervalReconcilerTest : public ::testing::Test {
 protected:
  ProbeIntervalReconcilerTest() {
    state_.Member(1, AllStateServices());
    facts_.nb.leader = facts_.sb.leader = true;
  }

  CentralDatabase Database(const DatabaseKind& kind) {
    CentralDatabaseOptions options;
    options.kind = kind;
    options.socket = std::string(kind.name);
    options.sockets.transact =
        [this](const std::string& socket, const std::string&,
               absl::Duration) -> absl::StatusOr<std::string> {
      asked_.push_back(socket);
      return rows_;
    };
    return {options, &runner_};
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }

  std::string rows_ = kUnset;
  std::vector<std::string> asked_;
  FakeCommandRunner runner_;
  StateBuilder state_;
  NodeFacts facts_;
  ProbeIntervalReconciler reconciler_{
      {Database(Northbound()), Database(Southbound())}, &facts_};
};

TEST_F(ProbeIntervalReconcilerTest, NothingIsWrittenUnlessItIsSet) {
  EXPECT_OK(Reconcile());
  EXPECT_THAT(runner_.lines(), IsEmpty());
  state_.Config(kConfigProbeInterval, "60000");
  rows_ = kSet;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(runner_.lines(), IsEmpty());
}

TEST_F(ProbeIntervalReconcilerTest, BothDatabasesAreTold) {
  state_.Config(kConfigProbeInterval, "60000");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(
      runner_.lines(),
      ElementsAre("ovn-nbctl --db=unix:nb --no-leader-only --timeout=5 set "
                  "Connection pssl:6641:[::] inactivity_probe=60000 "
                  "external_ids:microovn-probe-interval=60000",
                  "ovn-sbctl --db=unix:sb --no-leader-only --timeout=5 set "
                  "Connection pssl:6642:[::] inactivity_probe=60000 "
                  "external_ids:microovn-probe-interval=60000"));
}

TEST_F(ProbeIntervalReconcilerTest, WhatWasSetIsTakenBackWithTheSetting) {
  rows_ = kSet;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(runner_.lines(), ElementsAre(HasSubstr(" clear Connection "),
                                           HasSubstr(" clear Connection ")));
}

TEST_F(ProbeIntervalReconcilerTest, OnlyTheLeadersMemberLooks) {
  state_.Config(kConfigProbeInterval, "60000");
  facts_.nb.leader = false;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, ElementsAre("sb"));
}

TEST_F(ProbeIntervalReconcilerTest, AListenerThatIsMissingIsWaitedFor) {
  rows_ = R"([{"rows":[]}])";
  EXPECT_OK(Reconcile());
  state_.Config(kConfigProbeInterval, "60000");
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(runner_.lines(), IsEmpty());
}

TEST_F(ProbeIntervalReconcilerTest, ANodeThatLeavesAsksForNothing) {
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING)
      .Config(kConfigProbeInterval, "60000");
  EXPECT_OK(Reconcile());
  EXPECT_THAT(asked_, IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
