// SPDX-License-Identifier: Apache-2.0
// A thousand members: they join, change roles, lose their leader and get a few
// hundred kilobytes of what certificates take. Prints what that costs; only
// what is simulated is asserted.
#include <malloc.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <iostream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "raft/proof/sim/sim_cluster.h"

namespace microovn::raft {
namespace {

constexpr size_t kMembers = 1000;
constexpr size_t kVoters = 3;
constexpr size_t kJoinsPerChange = 50;
constexpr size_t kPayloads = 64;
constexpr size_t kPayloadBytes = 5'000;
constexpr Micros kSecond = 1'000'000;

SimOptions OptionsOfBigCluster() {
  SimOptions options;
  options.seed = 1;
  options.voters = kVoters;
  options.max_members = kMembers;
  options.clients = 0;
  options.tick = 20'000;
  options.core.retained_entries = 20;
  return options;
}

double CpuSeconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

size_t HeapBytes() {
  const struct mallinfo2 heap = mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

class BigClusterTest : public ::testing::Test {
 protected:
  BigClusterTest() : cluster_(OptionsOfBigCluster()) {}

  // Runs until `done`, for at most `limit`.
  void Await(const char* what, Micros limit,
             const std::function<bool()>& done) {
    const Time deadline = cluster_.now() + limit;
    while (!done()) {
      ASSERT_EQ(cluster_.failure(), "") << what;
      ASSERT_LT(cluster_.now(), deadline) << what;
      cluster_.RunUntil(cluster_.now() + 50'000);
    }
  }

  size_t LeaderSlot() { return cluster_.Leader().value_or(0); }
  const RaftCore& Leader() { return *cluster_.member(LeaderSlot()).core; }

  bool EveryoneIsLevel() {
    const LogIndex end = Leader().log().last_index();
    for (size_t slot = 0; slot < cluster_.size(); ++slot) {
      const SimMember& member = cluster_.member(slot);
      if (member.up() && member.state.applied() < end) return false;
    }
    return true;
  }

  bool HasLeaderThatCommits() {
    return cluster_.Leader().has_value() &&
           Leader().commit() == Leader().log().last_index();
  }

  void Change(const ConfigurationTarget& target) {
    ProposeConfiguration propose;
    propose.id = cluster_.NextRequest();
    propose.expected = Leader().configurations().InForce().index;
    propose.target = target;
    cluster_.Give(LeaderSlot(), propose);
    Await("a change of the configuration", 10 * kSecond, [&] {
      const auto& history = Leader().configurations();
      return history.InForce().configuration.voters == target.voters &&
             !history.InForce().configuration.is_joint() &&
             history.InForce().index <= Leader().commit();
    });
  }

  ConfigurationTarget Present() {
    const Configuration& now =
        Leader().configurations().InForce().configuration;
    return {now.voters, now.learners, now.incarnations};
  }

  void Join() {
    while (cluster_.size() < kMembers) {
      ConfigurationTarget target = Present();
      for (size_t i = 0; i < kJoinsPerChange && cluster_.size() < kMembers;
           ++i) {
        const Identity& joiner = cluster_.member(cluster_.AddMember()).identity;
        target.learners.push_back(joiner.member);
        target.incarnations.push_back({joiner.member, joiner.incarnation});
      }
      ASSERT_NO_FATAL_FAILURE(Change(target));
    }
    Await("all joined", 20 * kSecond, [&] { return EveryoneIsLevel(); });
  }

  void PromoteAndDemote() {
    ConfigurationTarget target = Present();
    const MemberId demoted = target.voters.front() == Leader().identity().member
                                 ? target.voters.back()
                                 : target.voters.front();
    std::replace(target.voters.begin(), target.voters.end(), demoted,
                 target.learners.front());
    target.learners.front() = demoted;
    target.voters.push_back(target.learners.back());
    target.voters.push_back(target.learners[target.learners.size() / 2]);
    target.learners.erase(
        target.learners.begin() +
        static_cast<std::ptrdiff_t>(target.learners.size() / 2));
    target.learners.pop_back();
    std::sort(target.voters.begin(), target.voters.end());
    Change(target);
  }

  void ReplicatePayloads() {
    for (size_t i = 0; i < kPayloads; ++i) {
      Propose propose;
      propose.proposals.push_back(
          {cluster_.NextRequest(), Payload(EncodeCommand({}, kPayloadBytes))});
      cluster_.Give(LeaderSlot(), std::move(propose));
    }
    Await("payloads", 20 * kSecond, [&] { return EveryoneIsLevel(); });
  }

  void CrashLeader() {
    const size_t old = LeaderSlot();
    cluster_.Crash(old);
    Await("a new leader", 10 * kSecond, [&] { return HasLeaderThatCommits(); });
    cluster_.Start(old);
    Await("all are level again", 20 * kSecond,
          [&] { return HasLeaderThatCommits() && EveryoneIsLevel(); });
  }

  // Runs one stage and prints what it took.
  template <typename Stage>
  void Measure(const char* name, Stage stage) {
    const auto before = cluster_.GetStats();
    const double cpu = CpuSeconds();
    ASSERT_NO_FATAL_FAILURE(stage());
    ASSERT_EQ(cluster_.failure(), "") << name;
    const auto after = cluster_.GetStats();
    std::cout << name << ": simulated milliseconds "
              << (after.simulated - before.simulated) / 1'000 << ", events "
              << after.events - before.events << ", messages "
              << after.messages - before.messages << ", cpu seconds "
              << CpuSeconds() - cpu << std::endl;
  }

  void PrintSize(const char* name, size_t slot);
  void PrintStep(const char* name, const std::function<Input()>& input);

  SimCluster cluster_;
};

// Entries share their payloads, so those are not counted.
void BigClusterTest::PrintSize(const char* name, size_t slot) {
  const size_t before = HeapBytes();
  const auto copy = std::make_unique<RaftCore>(*cluster_.member(slot).core);
  const size_t bytes = HeapBytes() - before;
  std::cout << name << ": bytes of core state " << bytes << ", per member "
            << bytes / kMembers << std::endl;
}

// What one input costs the leader's core.
void BigClusterTest::PrintStep(const char* name,
                               const std::function<Input()>& input) {
  constexpr int kRounds = 20;
  size_t sends = 0;
  double cpu = 0;
  for (int round = 0; round < kRounds; ++round) {
    RaftCore copy = Leader();
    // Later than any time that it has seen, and within its patience.
    const Time now = copy.leader_state()->next_heartbeat + 1;
    Input one = input();
    const double before = CpuSeconds();
    const Output output = copy.Step(now, std::move(one));
    cpu += CpuSeconds() - before;
    sends += output.sends.size();
    EXPECT_FALSE(output.fault.has_value()) << output.fault->detail;
  }
  std::cout << "leader's step, " << name << ": microseconds "
            << cpu * 1e6 / kRounds << ", sends " << sends / kRounds
            << std::endl;
}

TEST_F(BigClusterTest, AThousandMembers) {
  Await("the first leader", 5 * kSecond,
        [&] { return HasLeaderThatCommits(); });
  Measure("997 members join", [&] { Join(); });
  ASSERT_EQ(Leader().configurations().InForce().configuration.Members().size(),
            kMembers);
  Measure("two promoted, one replaced", [&] { PromoteAndDemote(); });
  ASSERT_EQ(Leader().configurations().InForce().configuration.voters.size(),
            kVoters + 2);
  Await("quiet", 20 * kSecond, [&] { return EveryoneIsLevel(); });

  const uint64_t before = cluster_.GetStats().messages;
  Measure("10 idle seconds",
          [&] { cluster_.RunUntil(cluster_.now() + 10 * kSecond); });
  const uint64_t per_second = (cluster_.GetStats().messages - before) / 10;
  std::cout << "messages per second when idle: " << per_second << std::endl;
  // Each learner gets less than one heartbeat in a second, and answers it.
  EXPECT_LE(per_second, 2 * kMembers);

  Measure(
      absl::StrCat(kPayloads, " payloads of ", kPayloadBytes, " bytes").c_str(),
      [&] { ReplicatePayloads(); });
  Measure("the leader crashes and comes back", [&] { CrashLeader(); });

  PrintSize("leader", LeaderSlot());
  PrintSize("follower", LeaderSlot() == 0 ? 1 : 0);
  PrintStep("heartbeats due", [] { return Tick{}; });
  PrintStep("one command of 5000 bytes", [&] {
    Propose propose;
    propose.proposals.push_back(
        {cluster_.NextRequest(), Payload(EncodeCommand({}, kPayloadBytes))});
    return propose;
  });
  PrintStep("an answer to a heartbeat", [&] {
    const raft::Leader& leader = *Leader().leader_state();
    Header header;
    header.cluster = Leader().identity().cluster;
    header.from = leader.peers[kMembers / 2].id;
    header.to = Leader().identity().member;
    const auto slot = cluster_.FindSlot(header.from);
    header.incarnation = cluster_.member(*slot).identity.incarnation;
    header.term = Leader().hard_state().term;
    return Received{Message{header, HeartbeatReply{leader.read_number}}};
  });
}

}  // namespace
}  // namespace microovn::raft
