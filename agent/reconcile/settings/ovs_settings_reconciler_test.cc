// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/settings/ovs_settings_reconciler.h"

#include <memory>

#include "absl/status/status.h"
#include "agent/ovn/chassis.h"
#include "agent/reconcile/testing/state_builder.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using supervisor::Phase;
using supervisor::Service;

class OvsSettingsTest : public ::testing::Test {
 protected:
  OvsSettingsTest() {
    sockets_.transact = [this](const std::string&, const std::string&,
                               absl::Duration) -> absl::StatusOr<std::string> {
      ++asked_;
      return absl::UnavailableError("no server");
    };
    facts_.services[Service::kOvsOvsdbServer].phase = Phase::kReady;
    facts_.ovs_settings_applied = true;
    reconciler_ = std::make_unique<OvsSettingsReconciler>(
        OvsSettingsOptions{"host", "netdev"},
        SwitchDatabase("/run/db.sock", &runner_, sockets_), &facts_);
  }

  absl::Status Reconcile() { return reconciler_->Reconcile(state_.View(1)); }

  FakeCommandRunner runner_;
  OvsSockets sockets_;
  int asked_ = 0;
  NodeFacts facts_;
  StateBuilder state_;
  std::unique_ptr<OvsSettingsReconciler> reconciler_;
};

TEST_F(OvsSettingsTest, AChassisHasItsSettingsUntilItHasStopped) {
  state_.Member(1, {statepb::SERVICE_SWITCH});
  for (const Phase phase : {Phase::kReady, Phase::kStopping}) {
    facts_.services[Service::kChassis].phase = phase;
    EXPECT_OK(Reconcile());
    EXPECT_EQ(asked_, 0);
    EXPECT_FALSE(facts_.ovs_settings_applied);
  }
  facts_.services[Service::kChassis].phase = Phase::kStopped;
  EXPECT_FALSE(Reconcile().ok());
  EXPECT_EQ(asked_, 1) << "now they go";
}

TEST_F(OvsSettingsTest, WaitsForTheSwitch) {
  state_.Member(1, AllStateServices());
  facts_.services[Service::kOvsOvsdbServer].phase = Phase::kStarting;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(asked_, 0);
}

TEST_F(OvsSettingsTest, ANodeWithoutASwitchHasNone) {
  state_.Member(1, {statepb::SERVICE_CENTRAL});
  EXPECT_OK(Reconcile());
  EXPECT_EQ(asked_, 0);
}

}  // namespace
}  // namespace microovn::agent
