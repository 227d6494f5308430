// SPDX-License-Identifier: Apache-2.0
#include "raft/node/testing/raft_node_cases.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "raft/node/raft_node.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Pair;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Writes one key after the other, from a thread of its own.
class WritingClient {
 public:
  WritingClient(TestingCluster* cluster, size_t number)
      : cluster_(cluster), number_(number), member_(number) {
    thread_ = std::thread([this] { Run(); });
  }
  ~WritingClient() { Finish(); }

  void Finish() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }

  // So many more than now.
  void AwaitWrites(int count) {
    const int before = written_;
    EXPECT_TRUE(
        TestingCluster::Eventually([&] { return written_ >= before + count; }));
  }

  size_t member() const { return member_; }
  int written() const { return written_; }
  // Once finished.
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Run() {
    for (int i = 0; !done_;) {
      const auto proposed = cluster_->node(member_).Propose(
          absl::StrCat(number_, ".", i, "=v"), kPatience);
      if (proposed.ok()) {
        ++i;
        ++written_;
      } else if (ReasonOf(proposed.status()) == kStoppedReason) {
        member_ = (member_ + 1) % cluster_->size();
      } else {
        failures_.push_back(proposed.status().ToString());
        ++i;
      }
    }
  }

  TestingCluster* const cluster_;
  const size_t number_;
  std::atomic<size_t> member_;
  std::atomic<bool> done_{false};
  std::atomic<int> written_{0};
  std::vector<std::string> failures_;
  std::thread thread_;
};

}  // namespace

void RaftNodeTest::Put(size_t number, const std::string& key,
                       const std::string& value) {
  EXPECT_OK(
      cluster_.node(number).Propose(absl::StrCat(key, "=", value), kPatience))
      << "through member " << number;
}

absl::Status MineOnly(const MemberId&, const std::string& command) {
  if (command.substr(0, 4) == "mine") return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, "not yours",
                   {"METHOD_NOT_ALLOWED", ""});
}

TEST_P(RaftNodeTest, ALeaderTakesFromOthersWhatItAdmits) {
  cluster_.options.admit = MineOnly;
  cluster_.Found();
  // The others know of no rule, as who lies.
  cluster_.options.admit = nullptr;
  const size_t other = cluster_.Join();
  ASSERT_EQ(cluster_.Leader(), 0u);
  Put(0, "any", "leader");
  Put(other, "mine", "1");
  EXPECT_THAT(cluster_.node(other).Propose("any=other", kPatience),
              HasReason("METHOD_NOT_ALLOWED"));
  Put(other, "mine", "2");
  EXPECT_THAT(cluster_.machine(other).Published(),
              Contains(Pair("any", "leader")));
}

TEST_P(RaftNodeTest, WhatIsTheLeadersIsNotPassedOn) {
  cluster_.Found();
  cluster_.options.admit = MineOnly;
  const size_t other = cluster_.Join();
  ASSERT_EQ(cluster_.Leader(), 0u);
  Put(other, "mine", "1");
  EXPECT_THAT(cluster_.node(other).Propose("any=other", kPatience),
              HasReason(kNotLeaderReason));
  EXPECT_EQ(cluster_.machine(other).Published().count("any"), 0u);
}

TEST_P(RaftNodeTest, OneMemberIsACluster) {
  cluster_.Found();
  const auto first = cluster_.node(0).Propose("a=1", kPatience);
  ASSERT_OK(first);
  EXPECT_EQ(first->result, "");
  const auto second = cluster_.node(0).Propose("a=2", kPatience);
  ASSERT_OK(second);
  EXPECT_EQ(second->result, "1");
  EXPECT_GT(second->index, first->index);
  EXPECT_OK(cluster_.node(0).ReadBarrier(kPatience));
  EXPECT_THAT(cluster_.machine(0).Published(), Contains(Pair("a", "2")));

  const std::string hash = cluster_.node(0).Status().running_hash;
  cluster_.Stop(0);
  cluster_.Start(0);
  EXPECT_OK(cluster_.node(0).ReadBarrier(kPatience));
  EXPECT_EQ(cluster_.node(0).Status().running_hash, hash);
  EXPECT_THAT(cluster_.machine(0).Published(), Contains(Pair("a", "2")));
}

TEST_P(RaftNodeTest, AnyMemberTakesWritesAndLinearizableReads) {
  cluster_.FormThree();
  for (size_t i = 0; i < 3; ++i) {
    Put(i, absl::StrCat("key", i), "x");
    // Applied where it was proposed, when the call returns.
    EXPECT_THAT(cluster_.machine(i).Published(),
                Contains(Pair(absl::StrCat("key", i), "x")));
    for (size_t reader = 0; reader < 3; ++reader) {
      ASSERT_OK(cluster_.node(reader).ReadBarrier(kPatience));
      EXPECT_THAT(cluster_.machine(reader).Published(), SizeIs(i + 1));
    }
  }
  EXPECT_TRUE(cluster_.Converged());
  const NodeStatus status = cluster_.node(cluster_.Leader()).Status();
  EXPECT_THAT(status.peers, SizeIs(2));
  EXPECT_THAT(status.configuration.voters, SizeIs(3));
  EXPECT_FALSE(status.configuration.is_joint());
}

// Clients on all members. One whose member stops asks another, as the reason
// RAFT_STOPPED says; nothing else may happen to any request.
TEST_P(RaftNodeTest, NoRequestFailsWhileTheLeaderStops) {
  cluster_.FormThree();
  const size_t leader = cluster_.Leader();
  std::vector<std::unique_ptr<WritingClient>> clients;
  for (size_t i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<WritingClient>(&cluster_, i));
  }
  for (const auto& client : clients) client->AwaitWrites(20);
  cluster_.node(leader).Stop();
  EXPECT_TRUE(TestingCluster::Eventually(
      [&] { return clients[leader]->member() != leader; }));
  cluster_.Stop(leader);
  int written = 0;
  for (const auto& client : clients) {
    client->AwaitWrites(20);
    client->Finish();
    EXPECT_THAT(client->failures(), SizeIs(0));
    written += client->written();
  }
  const size_t other = (leader + 1) % 3;
  EXPECT_NE(cluster_.Leader(), leader);
  ASSERT_OK(cluster_.node(other).ReadBarrier(kPatience));
  EXPECT_THAT(cluster_.machine(other).Published(), SizeIs(written));

  cluster_.Start(leader);
  EXPECT_TRUE(cluster_.Converged());
  EXPECT_EQ(cluster_.machine(leader).Published(),
            cluster_.machine(other).Published());
}

TEST_P(RaftNodeTest, NothingAcknowledgedIsLostWithTheLeader) {
  cluster_.options.hand_over = absl::ZeroDuration();
  cluster_.FormThree();
  for (int round = 0; round < 3; ++round) {
    const size_t leader = cluster_.Leader();
    for (int i = 0; i < 20; ++i) Put(leader, absl::StrCat(round, ".", i), "v");
    cluster_.Stop(leader);
    const size_t next = cluster_.Leader();
    EXPECT_NE(next, leader);
    ASSERT_OK(cluster_.node(next).ReadBarrier(kPatience));
    EXPECT_THAT(cluster_.machine(next).Published(), SizeIs((round + 1) * 20));
    cluster_.Start(leader);
  }
  EXPECT_TRUE(cluster_.Converged());
}

TEST_P(RaftNodeTest, AllMembersRestart) {
  cluster_.FormThree();
  for (int i = 0; i < 10; ++i) Put(0, absl::StrCat(i), "v");
  for (size_t i = 0; i < 3; ++i) cluster_.Stop(i);
  for (size_t i = 0; i < 3; ++i) cluster_.Start(i);
  for (size_t i = 0; i < 3; ++i) {
    ASSERT_OK(cluster_.node(i).ReadBarrier(kPatience));
    EXPECT_THAT(cluster_.machine(i).Published(), SizeIs(10));
  }
}

TEST_P(RaftNodeTest, MembersAreRemovedAndChangesAreCompareAndSwap) {
  cluster_.FormThree();
  const size_t leader = cluster_.Leader();
  const size_t removed = (leader + 1) % 3;
  const size_t other = (leader + 2) % 3;
  Configuration target;
  target.voters = {cluster_.id(leader), cluster_.id(other)};
  EXPECT_THAT(
      cluster_.node(leader).ChangeMembership(target, LogIndex(1), kPatience),
      HasReason(kMembershipMovedReason));
  EXPECT_THAT(
      cluster_.node(other).ChangeMembership(target, LogIndex(1), kPatience),
      HasReason(kNoLeaderReason));
  ASSERT_OK(cluster_.Change({leader, other}, {}));
  cluster_.Stop(removed);
  Put(other, "after", "removal");
  const NodeStatus status = cluster_.node(leader).Status();
  EXPECT_THAT(status.configuration.voters, SizeIs(2));
  EXPECT_THAT(status.configuration.removed,
              testing::ElementsAre(cluster_.id(removed)));
}

TEST_P(RaftNodeTest, AMemberFarBehindCatchesUpFromASnapshot) {
  cluster_.options.core.retained_entries = 8;
  cluster_.options.core.snapshot_chunk_bytes = 1000;
  cluster_.options.applier.checkpoint_interval = 8;
  cluster_.FormThree();
  const size_t away = cluster_.Follower();
  cluster_.Stop(away);
  const size_t leader = cluster_.Leader();
  for (int i = 0; i < 100; ++i) {
    Put(leader, absl::StrCat("key", i), std::string(100, 'v'));
  }
  EXPECT_TRUE(TestingCluster::Eventually([this, leader] {
    return cluster_.node(leader).Status().snapshot > LogIndex(50);
  }));
  const int loads = cluster_.machine(away).loads();
  cluster_.Start(away);
  EXPECT_TRUE(cluster_.Converged());
  EXPECT_EQ(cluster_.machine(away).loads(), loads + 2);
  EXPECT_THAT(cluster_.machine(away).Published(), SizeIs(100));

  const size_t joiner = cluster_.Join();
  EXPECT_TRUE(cluster_.Converged());
  EXPECT_EQ(cluster_.machine(joiner).Published(),
            cluster_.machine(leader).Published());
  // What was installed is what a restart finds.
  cluster_.Stop(joiner);
  cluster_.Start(joiner);
  EXPECT_TRUE(cluster_.Converged());
}

TEST_P(RaftNodeTest, LeadershipIsTransferredAndObserved) {
  cluster_.FormThree();
  const size_t leader = cluster_.Leader();
  const size_t next = cluster_.Follower();
  const auto seen = std::make_shared<std::atomic<bool>>(false);
  cluster_.node(leader).Observe(
      [seen, to = cluster_.id(next)](const NodeStatus& status) {
        if (status.leader == to) *seen = true;
      });
  ASSERT_OK(
      cluster_.node(leader).TransferLeadership(cluster_.id(next), kPatience));
  EXPECT_TRUE(TestingCluster::Eventually([seen] { return seen->load(); }));
  EXPECT_EQ(cluster_.Leader(), next);
  EXPECT_THAT(cluster_.node(leader).TransferLeadership({}, kPatience),
              HasReason(kNoLeaderReason));
}

// Whoever begins to observe in the moment of an election, which is the last
// change there is.
TEST_P(RaftNodeTest, AnObserverMissesNothingBetweenItsFirstNewsAndTheNext) {
  cluster_.FormThree();
  const size_t leader = cluster_.Leader();
  std::atomic<bool> transferred = false;
  std::thread transfer([&] {
    // Under load it is given up after an election timeout, which is as good a
    // moment.
    cluster_.node(leader).TransferLeadership({}, kPatience).IgnoreError();
    transferred = true;
  });
  std::vector<std::shared_ptr<std::atomic<bool>>> led;
  while (!transferred) {
    led.push_back(std::make_shared<std::atomic<bool>>(false));
    cluster_.node(leader).Observe([one = led.back()](const NodeStatus& status) {
      *one = status.leader.has_value();
    });
  }
  transfer.join();
  EXPECT_TRUE(TestingCluster::Eventually([&] {
    return std::all_of(led.begin(), led.end(),
                       [](const auto& one) { return one->load(); });
  })) << led.size()
      << " observers";
}

TEST_P(RaftNodeTest, WithoutAMajorityNothingIsAcknowledged) {
  cluster_.options.hand_over = absl::ZeroDuration();
  cluster_.FormThree();
  const size_t last = cluster_.Follower();
  for (size_t i = 0; i < 3; ++i) {
    if (i != last) cluster_.Stop(i);
  }
  EXPECT_THAT(
      cluster_.node(last).Propose("a=1", absl::Milliseconds(500)),
      AnyOf(HasReason(kNoLeaderReason), HasReason(kOutcomeUnknownReason)));
  EXPECT_THAT(cluster_.node(last).ReadBarrier(absl::Milliseconds(500)),
              HasReason(kNoLeaderReason));
  EXPECT_THAT(cluster_.node(last).Propose(std::string(2 << 20, 'x'),
                                          absl::Milliseconds(100)),
              HasReason(kNoLeaderReason));
}

}  // namespace microovn::raft
