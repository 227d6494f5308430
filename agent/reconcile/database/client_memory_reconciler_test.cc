// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/database/client_memory_reconciler.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/reconcile/testing/state_builder.h"
#include "agent/state/values/config_keys.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kInternal[] = "ssl:10.0.0.1:6642";
constexpr char kExternal[] = "ssl:192.0.2.1:6642";

class ClientMemoryReconcilerTest : public ::testing::Test {
 protected:
  ClientMemoryReconcilerTest() {
    state_.Member(1, AllStateServices()).Databases(1, {1}, "first");
    supervisor::Observation running;
    running.phase = supervisor::Phase::kReady;
    running.pid = 100;
    facts_.services[supervisor::Service::kChassis] = running;
    facts_.connections.sb_connect = kInternal;
    Restart();
  }

  // The agent's.
  void Restart() {
    ClientMemoryReconcilerOptions options;
    OvsSockets sockets;
    sockets.unixctl = [this](const std::string& socket,
                             const std::string& command,
                             const std::vector<std::string>&,
                             absl::Duration) -> absl::StatusOr<std::string> {
      EXPECT_EQ(socket,
                absl::StrCat("/run/ovn/ovn-controller.", pid(), ".ctl"));
      if (frozen_) return absl::DeadlineExceededError("no answer");
      if (command == "connection-status") {
        return connected_ ? "connected\n" : "not connected\n";
      }
      commands_.push_back(command);
      if (!obeys_) return absl::FailedPreconditionError("no");
      return "";
    };
    options.clients = {
        DatabaseClient("ovn-controller", "sb", "/run/ovn", sockets)};
    options.file = directory_.File("clients");
    options.clock = &clock_;
    options.process_of = [](pid_t pid) -> absl::StatusOr<std::string> {
      return absl::StrCat("boot/", pid);
    };
    options.ask = [this](
                      const std::string& remotes,
                      const std::string& name) -> absl::StatusOr<std::string> {
      EXPECT_EQ(name, "sb");
      asked_.push_back(remotes);
      if (answer_.empty()) return absl::UnavailableError("off");
      return answer_;
    };
    reconciler_ =
        std::make_unique<ClientMemoryReconciler>(std::move(options), &facts_);
  }

  pid_t pid() { return facts_.services[supervisor::Service::kChassis].pid; }
  absl::Status Look() { return reconciler_->Reconcile(state_.View(1)); }
  void LookFor(int seconds) {
    for (int i = 0; i < seconds; i += 5) {
      EXPECT_OK(Look());
      clock_.Advance(absl::Seconds(5));
    }
  }

  TempDir directory_;
  FakeClock clock_;
  StateBuilder state_;
  NodeFacts facts_;
  bool connected_ = true;
  bool frozen_ = false;
  bool obeys_ = true;
  std::string answer_;
  std::vector<std::string> commands_;
  std::vector<std::string> asked_;
  std::unique_ptr<ClientMemoryReconciler> reconciler_;
};

TEST_F(ClientMemoryReconcilerTest, ACentralMadeAnewIsAnotherDatabase) {
  LookFor(10);
  EXPECT_THAT(commands_, IsEmpty());
  EXPECT_TRUE(reconciler_->hears());
  // The last central is disabled, and enabled again.
  state_ = StateBuilder();
  state_.Member(1, AllStateServices());
  connected_ = false;
  LookFor(10);
  EXPECT_FALSE(reconciler_->hears());
  EXPECT_THAT(commands_, IsEmpty());
  state_.Databases(1, {1}, "second");
  LookFor(5);
  EXPECT_THAT(commands_, ElementsAre("sb-cluster-state-reset"));
  connected_ = true;
  LookFor(60);
  EXPECT_THAT(commands_, SizeIs(1));
}

TEST_F(ClientMemoryReconcilerTest, ItIsRememberedOverARestartOfTheAgent) {
  LookFor(5);
  Restart();
  LookFor(5);
  EXPECT_THAT(commands_, IsEmpty());
  state_.Databases(1, {1}, "second");
  Restart();
  LookFor(5);
  EXPECT_THAT(commands_, SizeIs(1));
  Restart();
  LookFor(5);
  EXPECT_THAT(commands_, SizeIs(1));
}

TEST_F(ClientMemoryReconcilerTest, AProcessThatIsStartedAnewHasNoPast) {
  LookFor(5);
  facts_.services[supervisor::Service::kChassis].pid = 101;
  state_.Databases(1, {1}, "second");
  LookFor(5);
  EXPECT_THAT(commands_, IsEmpty());
}

TEST_F(ClientMemoryReconcilerTest, WhatIsNotObeyedIsSaidAgain) {
  LookFor(5);
  state_.Databases(1, {1}, "second");
  obeys_ = false;
  EXPECT_FALSE(Look().ok());
  obeys_ = true;
  EXPECT_OK(Look());
  EXPECT_THAT(commands_, SizeIs(2));
}

TEST_F(ClientMemoryReconcilerTest, WhoIsConnectedCostsNoQuestion) {
  LookFor(600);
  EXPECT_THAT(asked_, IsEmpty());
  // Nor does a moment without a server.
  connected_ = false;
  EXPECT_OK(Look());
  clock_.Advance(absl::Seconds(4));
  EXPECT_OK(Look());
  connected_ = true;
  LookFor(60);
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(ClientMemoryReconcilerTest, ADatabaseThatWasPutBackIsTakenAgain) {
  LookFor(5);
  connected_ = false;
  answer_ = "first";
  LookFor(30);
  EXPECT_THAT(commands_, IsEmpty());
  LookFor(40);
  EXPECT_THAT(commands_, SizeIs(1));
  EXPECT_LE(asked_.size(), 6u) << "ever more seldom";
}

TEST_F(ClientMemoryReconcilerTest, ADatabaseThatIsAwayIsWaitedFor) {
  LookFor(5);
  connected_ = false;
  LookFor(300);
  EXPECT_THAT(commands_, IsEmpty());
  EXPECT_LE(asked_.size(), 14u);
  // Another one at its address, which the state knows nothing of.
  answer_ = "stranger";
  LookFor(120);
  EXPECT_THAT(commands_, IsEmpty());
}

TEST_F(ClientMemoryReconcilerTest, AnExternalCentralIsAskedWhichOneItIs) {
  state_.Config(kConfigCentralIps, "192.0.2.1");
  facts_.connections.sb_connect = kExternal;
  answer_ = "theirs";
  LookFor(5);
  EXPECT_THAT(asked_, ElementsAre(kExternal));
  LookFor(60);
  EXPECT_THAT(asked_, SizeIs(1));
  // Another one at the same address.
  answer_ = "others";
  LookFor(60);
  EXPECT_THAT(commands_, IsEmpty()) << "it is connected to the one it knows";
  connected_ = false;
  LookFor(20);
  EXPECT_THAT(commands_, SizeIs(1));
  connected_ = true;
  LookFor(60);
  EXPECT_THAT(commands_, SizeIs(1));
  // And one at another address.
  facts_.connections.sb_connect = "ssl:192.0.2.2:6642";
  answer_ = "third";
  LookFor(5);
  EXPECT_THAT(commands_, SizeIs(2));
  // The cluster's own instead.
  state_.Config(kConfigCentralIps, "");
  facts_.connections.sb_connect = kInternal;
  LookFor(5);
  EXPECT_THAT(commands_, SizeIs(3));
}

TEST_F(ClientMemoryReconcilerTest, WhoDoesNotAnswerIsLookedAtAgain) {
  LookFor(5);
  frozen_ = true;
  LookFor(10);
  EXPECT_FALSE(reconciler_->hears());
  EXPECT_THAT(commands_, IsEmpty());
}

TEST_F(ClientMemoryReconcilerTest, ALeavingNodeIsLeftAlone) {
  LookFor(5);
  state_.Databases(1, {1}, "second")
      .Member(1, AllStateServices(), statepb::Member::STATE_LEAVING);
  LookFor(5);
  EXPECT_THAT(commands_, IsEmpty());
}

}  // namespace
}  // namespace microovn::agent
