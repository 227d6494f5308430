// SPDX-License-Identifier: Apache-2.0
#include "agent/operations/role_reconciler.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "agent/operations/testing/fake_raft_control.h"
#include "agent/operations/wakeup_loop.h"
#include "agent/state/store/state_store.h"
#include "agent/state/testing/commands.h"
#include "base/mutex.h"
#include "base/testing/fake_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Cluster {
  explicit Cluster(const std::vector<std::string>& names)
      : raft(TestCluster(names), &store, &clock),
        sealer(&raft),
        roles({&raft, &sealer, &store, &clock}) {}

  // Until there is nothing to do; how many actions it took.
  int Settle() {
    int actions = 0;
    while (roles.RunOnce()) ++actions;
    return actions;
  }
  void Wait(absl::Duration duration) {
    clock.Advance(duration);
    Settle();
  }
  std::vector<std::string> SealedFor() const {
    std::vector<std::string> names;
    for (const std::string& id :
         raft.state().authorities.Find("cluster")->sealed_for()) {
      names.push_back(NameOfMember(raft.state(), id));
    }
    return names;
  }

  FakeClock clock{absl::FromUnixSeconds(kTestTime)};
  StateStore store;
  FakeRaftControl raft;
  FakeCaSealer sealer;
  RoleReconciler roles;
};

TEST(RoleReconcilerTest, ThreeMembersBecomeVotersThatHoldTheKeys) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.Settle();
  EXPECT_THAT(cluster.raft.Voters(),
              UnorderedElementsAre("node1", "node2", "node3"));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node4"));
  EXPECT_THAT(cluster.SealedFor(),
              UnorderedElementsAre("node1", "node2", "node3"));
  EXPECT_EQ(cluster.Settle(), 0);
}

TEST(RoleReconcilerTest, ALeaderThatCannotOpenTheKeysHandsOver) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.Settle();
  statepb::Command report = CommandAt(kTestTime);
  statepb::MemberReport* said =
      report.mutable_report_member()->mutable_report();
  said->set_member_id(TestId("node1"));
  said->set_sealing_key_out_of_reach(true);
  cluster.raft.Apply(report);
  cluster.Settle();
  EXPECT_EQ(cluster.raft.View().self_id, TestId("node2"));
  // A voter that has lost its key gets the CAs' keys for the new one.
  statepb::Command lost = CommandAt(kTestTime);
  lost.mutable_set_sealing_certificate()->set_member_id(TestId("node3"));
  lost.mutable_set_sealing_certificate()->set_sealing_certificate_pem(
      TestMember("other").certificate_pem());
  cluster.raft.Apply(lost);
  EXPECT_THAT(cluster.SealedFor(), UnorderedElementsAre("node1", "node2"));
  cluster.Settle();
  EXPECT_THAT(cluster.SealedFor(),
              UnorderedElementsAre("node1", "node2", "node3"));
}

TEST(RoleReconcilerTest, AWorkerGetsTheLogAndNothingElse) {
  Cluster cluster({"node1", "node2"});
  cluster.Settle();
  statepb::Command token = CreateTokenCommand("node3");
  token.mutable_create_token()->mutable_token()->set_worker(true);
  cluster.raft.Apply(token);
  cluster.raft.Apply(AdmitCommand("node3"));
  cluster.raft.Apply(ConfirmCommand("node3"));
  cluster.raft.Apply(SetConfigCommand("cluster.voters", "5"));
  cluster.Settle();
  cluster.Wait(absl::Seconds(60));
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node1"));
  EXPECT_THAT(cluster.raft.Learners(), UnorderedElementsAre("node2", "node3"));
  EXPECT_THAT(cluster.SealedFor(), ElementsAre("node1"));
}

TEST(RoleReconcilerTest, AJoinerGetsTheLogBeforeItIsActive) {
  Cluster cluster({"node1"});
  cluster.raft.Apply(CreateTokenCommand("node2"));
  cluster.raft.Apply(AdmitCommand("node2"));
  cluster.Settle();
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
  // Taken back, it goes.
  statepb::Command take_back = CommandAt(kTestTime);
  take_back.mutable_take_back_member()->set_member_id(TestId("node2"));
  cluster.raft.Apply(take_back);
  cluster.Settle();
  EXPECT_THAT(cluster.raft.Learners(), IsEmpty());
}

TEST(RoleReconcilerTest, AVoterIsReplacedWithinHalfAMinute) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.Settle();
  cluster.raft.SetSilent("node2", true);
  cluster.Wait(absl::Seconds(1));
  // Silent for three seconds when that was first seen.
  cluster.Wait(absl::Seconds(16));
  EXPECT_THAT(cluster.raft.Voters(),
              UnorderedElementsAre("node1", "node2", "node3"));
  cluster.Wait(absl::Seconds(1));
  EXPECT_THAT(cluster.raft.Voters(),
              UnorderedElementsAre("node1", "node3", "node4"));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
  EXPECT_THAT(cluster.SealedFor(),
              UnorderedElementsAre("node1", "node3", "node4"));
  // Its place is taken when it comes back.
  cluster.raft.SetSilent("node2", false);
  cluster.Wait(absl::Seconds(1));
  cluster.Wait(absl::Minutes(1));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
}

TEST(RoleReconcilerTest, AVoterIsReplacedAfterTheConfiguredTime) {
  Cluster cluster({"node1", "node2", "node3", "node4"});
  cluster.raft.Apply(SetConfigCommand("cluster.voter-timeout", "60"));
  cluster.Settle();
  cluster.raft.SetSilent("node2", true);
  cluster.Wait(absl::Seconds(1));
  cluster.Wait(absl::Seconds(56));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node4"));
  cluster.Wait(absl::Seconds(1));
  EXPECT_THAT(cluster.raft.Learners(), ElementsAre("node2"));
}

TEST(RoleReconcilerTest, WhoLagsIsNotPromoted) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.SetLag("node3", kCaughtUpEntries + 1);
  cluster.Settle();
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node1"));
  cluster.raft.SetLag("node3", kCaughtUpEntries);
  cluster.Settle();
  EXPECT_EQ(cluster.raft.Voters().size(), 3);
}

TEST(RoleReconcilerTest, WithoutKeysNobodyIsPromoted) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.sealer.failure = absl::InternalError("the key cannot be opened");
  EXPECT_EQ(cluster.Settle(), 0);
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node1"));
  cluster.sealer.failure = absl::OkStatus();
  cluster.Settle();
  EXPECT_EQ(cluster.raft.Voters().size(), 3);
}

TEST(RoleReconcilerTest, ActsOnTheLeaderOnly) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.LoseLeadAfter(0);
  EXPECT_FALSE(cluster.roles.RunOnce());
  EXPECT_FALSE(cluster.roles.RunOnce());
  EXPECT_THAT(cluster.raft.Voters(), ElementsAre("node1"));
}

TEST(RoleReconcilerTest, TheNextLeaderGoesOnAtEachStep) {
  for (int actions = 0; actions < 12; ++actions) {
    Cluster cluster({"node1", "node2", "node3"});
    cluster.raft.LoseLeadAfter(actions);
    cluster.Settle();
    cluster.raft.Lead("node1");
    cluster.Settle();
    EXPECT_EQ(cluster.raft.Voters().size(), 3) << actions;
    EXPECT_EQ(cluster.SealedFor().size(), 3) << actions;
  }
}

TEST(RoleReconcilerTest, ItsThreadFollowsTheState) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.roles.Start();
  StateSnapshot state = cluster.store.Current();
  while (state->authorities.Find("ovn")->sealed_for_size() != 3) {
    auto next = cluster.store.WaitForChange(state, absl::Minutes(1));
    ASSERT_TRUE(next.ok()) << next.status();
    state = *next;
  }
  cluster.roles.Stop();
  EXPECT_FALSE(cluster.Settle() > 5);
}

TEST(WakeupLoopTest, RunsAtOnceAndWhenWoken) {
  StateStore store;
  Mutex mu;
  CondVar changed;
  int runs = 0;
  const auto wait_for = [&](int wanted) {
    MutexLock lock(&mu);
    while (runs < wanted) changed.Wait(&mu);
  };
  WakeupLoop loop(&store, absl::Hours(1), [&] {
    MutexLock lock(&mu);
    ++runs;
    changed.SignalAll();
    return runs == 1;  // something was done: runs again at once
  });
  wait_for(2);
  store.Publish(store.Current());
  wait_for(3);
}

TEST(WakeupLoopTest, RunsOncePerPeriod) {
  StateStore store;
  Mutex mu;
  CondVar changed;
  int runs = 0;
  WakeupLoop loop(&store, absl::Milliseconds(1), [&] {
    MutexLock lock(&mu);
    ++runs;
    changed.SignalAll();
    return false;
  });
  MutexLock lock(&mu);
  while (runs < 3) changed.Wait(&mu);
}

TEST(RoleFactsTest, WhoReceivesASnapshotHasNotCaughtUp) {
  Cluster cluster({"node1", "node2"});
  RaftView view = cluster.raft.View();
  PeerContact& contact = view.peers[TestId("node2")];
  contact.lag = 0;
  contact.last_contact_ago = absl::ZeroDuration();
  const auto caught_up = [&] {
    MemberHealth health;
    const RoleFacts facts = RoleFactsOf(cluster.raft.state(), view, health);
    return facts.members.back().caught_up;
  };
  EXPECT_TRUE(caught_up());
  contact.receiving_snapshot = true;
  EXPECT_FALSE(caught_up());
  contact.receiving_snapshot = false;
  contact.last_contact_ago.reset();
  EXPECT_FALSE(caught_up()) << "nothing was heard of it";
}

TEST(RoleReconcilerTest, AFollowerDoesNotEvenTry) {
  Cluster cluster({"node1", "node2", "node3"});
  cluster.raft.LoseLeadAfter(0);
  EXPECT_FALSE(cluster.roles.RunOnce());
  ASSERT_FALSE(cluster.raft.leading());
  // Who joins gets the log, by whoever leads.
  cluster.raft.Apply(CreateTokenCommand("node4"));
  cluster.raft.Apply(AdmitCommand("node4"));
  const int tried = cluster.raft.tried();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(cluster.roles.RunOnce());
  EXPECT_EQ(cluster.raft.tried(), tried);
}

}  // namespace
}  // namespace microovn::agent
