// SPDX-License-Identifier: Apache-2.0
// Another member takes the place of a central, on a leader without a network.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/operations/operation_runner.h"
#include "agent/operations/role_reconciler.h"
#include "agent/operations/testing/fake_raft_control.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/cluster_state.h"
#include "base/crypto/random.h"
#include "base/testing/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CentralReplacementTest : public testing::Test {
 protected:
  CentralReplacementTest() { Settle(); }

  void Settle() {
    for (int i = 0; i < 100; ++i) {
      const bool changed = roles_.RunOnce();
      if (!runner_.RunOnce() && !changed) return;
    }
    ADD_FAILURE() << "the leader never rests";
  }
  void Wait(absl::Duration duration) {
    clock_.Advance(duration);
    Settle();
  }
  // Whoever answers does what is wanted, and the databases let go of who was
  // put out.
  void Converge() {
    for (int round = 0; round < 5; ++round) {
      for (const statepb::Member* member : MembersInOrder(raft_.state())) {
        const std::string name = member->name();
        if (name == silent_) continue;
        statepb::Command report = ReportCommand(
            raft_.state(), name, Runs(*member, statepb::SERVICE_CENTRAL));
        auto* body = report.mutable_report_member()->mutable_report();
        body->set_nb_cleared_revision(raft_.state().desired_revision());
        body->set_sb_cleared_revision(raft_.state().desired_revision());
        raft_.Apply(report);
      }
      Settle();
    }
  }
  void Silence(const std::string& name) {
    silent_ = name;
    raft_.SetSilent(name, true);
    Settle();
  }
  std::vector<std::string> Centrals() const {
    std::vector<std::string> names;
    for (const statepb::Member* member : CentralMembers(raft_.state())) {
      names.push_back(member->name());
    }
    return names;
  }
  // Of those that did not end well.
  std::vector<std::string> Failures() const {
    std::vector<std::string> failures;
    for (const auto& [id, operation] : raft_.state().operations.records()) {
      if (!operation->done()) failures.push_back("running");
      if (operation->error_code() != 0) {
        failures.push_back(operation->error_reason());
      }
    }
    return failures;
  }

  FakeClock clock_{absl::FromUnixSeconds(kTestTime)};
  StateStore store_;
  SeededRandom random_{1};
  FakeRaftControl raft_{
      TestCluster({"node1", "node2", "node3", "node4", "node5"}), &store_,
      &clock_};
  FakeCaSealer sealer_{&raft_};
  RoleReconciler roles_{{&raft_, &sealer_, &store_, &clock_}};
  OperationRunner runner_{{&raft_, &sealer_, &store_, &clock_, &random_}};
  std::string silent_;
};

TEST_F(CentralReplacementTest, ARemovedOneIsReplacedOnceItIsGone) {
  ASSERT_THAT(Centrals(), ElementsAre("node1", "node2", "node3"));
  raft_.Apply(RemovalCommand("node2", "removal"));
  Settle();
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node3"))
      << "one change at a time";
  Converge();
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node3", "node4"));
  EXPECT_THAT(Failures(), IsEmpty());
}

TEST_F(CentralReplacementTest, ALostOneIsReplacedAndThenPutOut) {
  Silence("node3");
  Wait(absl::Minutes(14));
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node2", "node3"));
  Wait(absl::Minutes(1));
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node2", "node3", "node4"))
      << "it goes when another has the databases";
  Converge();
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node2", "node4"));
  EXPECT_THAT(Failures(), IsEmpty());
}

TEST_F(CentralReplacementTest, WhoComesBackInTimeKeepsItsPlace) {
  Silence("node3");
  Wait(absl::Minutes(14));
  raft_.SetSilent("node3", false);
  Settle();
  Wait(absl::Minutes(14));
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node2", "node3"));
}

TEST_F(CentralReplacementTest, ADisabledOneIsNot) {
  raft_.Apply(ServiceCommand("node3", statepb::SERVICE_CENTRAL, false, "off"));
  Settle();
  Converge();
  Wait(absl::Hours(1));
  EXPECT_THAT(Centrals(), ElementsAre("node1", "node2"));
}

}  // namespace
}  // namespace microovn::agent
