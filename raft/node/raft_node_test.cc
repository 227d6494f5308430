// SPDX-License-Identifier: Apache-2.0
// Members in one process over a network in memory, and on failing disks.
#include "raft/node/raft_node.h"

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/mutex.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/values/recovered.h"
#include "raft/node/flight/node_words.h"
#include "raft/node/testing/memory_network.h"
#include "raft/node/testing/raft_node_cases.h"
#include "raft/node/testing/testing_cluster.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/storage/log_storage.h"
#include "raft/storage/space/disk_space.h"
#include "raft/storage/space/space_file.h"
#include "raft/transport/answer.h"
#include "raft/transport/fake_transport.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

constexpr absl::Duration kPatience = absl::Seconds(20);

INSTANTIATE_TEST_SUITE_P(Memory, RaftNodeTest, testing::Values([] {
                           return std::make_unique<MemoryNetwork>();
                         }));

// It, and who leads the others then: itself, if nobody does.
std::pair<size_t, size_t> CutOffTheLeader(MemoryNetwork& network,
                                          TestingCluster& cluster) {
  const size_t before = cluster.Leader();
  network.network.Isolate(cluster.id(before));
  size_t next = before;
  (void)TestingCluster::Eventually(
      [&] { return (next = cluster.Leader(before)) != before; });
  return {before, next};
}

TEST(RaftNodePartitionTest, TheMinoritysLeaderStepsDownAndComesBack) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.FormThree();
  const auto [cut_off, next] = CutOffTheLeader(network, cluster);
  ASSERT_NE(next, cut_off);
  ASSERT_OK(cluster.node(next).Propose("a=1", kPatience));
  EXPECT_FALSE(cluster.node(cut_off).Propose("b=1", absl::Seconds(1)).ok());
  EXPECT_FALSE(cluster.node(cut_off).ReadBarrier(absl::Seconds(1)).ok());
  network.network.HealAll();
  ASSERT_OK(cluster.node(cut_off).ReadBarrier(kPatience));
  EXPECT_THAT(cluster.machine(cut_off).Published(), Contains(Pair("a", "1")));
  EXPECT_TRUE(cluster.Converged());
}

// An election hears from nobody; who was heard before it was heard then.
TEST(RaftNodeContactTest, ADeadMemberIsNotHeardByAnElection) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.FormThree();
  const auto [dead, next] = CutOffTheLeader(network, cluster);
  ASSERT_NE(next, dead);
  ASSERT_OK(cluster.node(next).Propose("a=1", kPatience));
  const size_t alive = 3 - dead - next;
  const NodeStatus status = cluster.node(next).Status();
  for (const PeerProgress& peer : status.peers) {
    EXPECT_EQ(peer.last_contact_ago.has_value(),
              peer.member == cluster.id(alive));
  }
  ASSERT_EQ(status.heard_ago.count(cluster.id(dead)), 1u)
      << "it led before, and this one followed it";
  EXPECT_GT(status.heard_ago.at(cluster.id(dead)),
            status.heard_ago.at(cluster.id(alive)));
}

TEST(RaftNodeStateTest, AMemberWhoseStateDiffersStopsAndTheOthersGoOn) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  const auto failure = std::make_shared<Answer<absl::Status>>();
  cluster.options.core.state_mark_interval = 4;
  cluster.options.failed = [failure](const absl::Status& status) {
    failure->Set(status);
  };
  cluster.FormThree();
  const size_t leader = cluster.Leader();
  const size_t wrong = cluster.Follower();
  ASSERT_OK(cluster.node(leader).Propose("a=1", kPatience));
  cluster.machine(wrong).ApplyWrongly();
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK(cluster.node(leader).Propose(absl::StrCat("b=", i), kPatience));
  }
  const auto reported = failure->Wait(kPatience);
  ASSERT_TRUE(reported.has_value());
  EXPECT_THAT(std::string(reported->message()), HasSubstr("state differs"));
  EXPECT_THAT(cluster.node(wrong).Propose("c=1", kPatience),
              HasReason(kStoppedReason));
  EXPECT_OK(cluster.node(leader).Propose("c=1", kPatience));
}

// Whatever was under way when Stop came, also what no majority had yet.
TEST(RaftNodeStopTest, CallsUnderWayAreAnsweredThroughTheNextLeader) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.options.hand_over = kPatience;
  cluster.FormThree();
  const size_t leader = cluster.Leader();
  RaftNode& node = cluster.node(leader);
  network.network.Isolate(cluster.id(leader));
  const LogIndex before = node.Status().last_log;
  constexpr int kCalls = 4;
  using Call = Answer<absl::Status>;
  std::vector<std::shared_ptr<Call>> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_shared<Call>());
    node.ProposeAsync(
        absl::StrCat(i, "=v"), kPatience,
        [call = calls.back()](const absl::StatusOr<Proposed>& proposed) {
          call->Set(proposed.status());
        });
  }
  EXPECT_TRUE(TestingCluster::Eventually(
      [&] { return node.Status().last_log > before; }));
  std::thread stop([&node] { node.Stop(); });
  EXPECT_TRUE(TestingCluster::Eventually([&] {
    return ReasonOf(node.ReadBarrier(absl::ZeroDuration()).status()) ==
           kStoppedReason;
  }));
  network.network.HealAll();
  stop.join();
  for (const auto& call : calls) {
    const auto answer = call->Wait(kPatience);
    ASSERT_TRUE(answer.has_value());
    EXPECT_OK(*answer);
  }
  const size_t other = (leader + 1) % 3;
  ASSERT_OK(cluster.node(other).ReadBarrier(kPatience));
  EXPECT_EQ(cluster.machine(other).Published().size(), size_t{kCalls});
}

// What a test says of the disk.
class FakeProbe final : public SpaceProbe {
 public:
  // Outlives the probes; free space in MiB.
  explicit FakeProbe(const std::atomic<uint64_t>* free) : free_(free) {}

  absl::StatusOr<DiskSpace> Measure() override {
    return DiskSpace{kMiB << 14, *free_ * kMiB, reserve_};
  }
  absl::Status TakeReserve(uint64_t bytes) override {
    reserve_ = bytes;
    return absl::OkStatus();
  }
  absl::Status ReleaseReserve() override {
    reserve_ = 0;
    return absl::OkStatus();
  }

 private:
  static constexpr uint64_t kMiB = uint64_t{1} << 20;

  const std::atomic<uint64_t>* const free_;
  uint64_t reserve_ = 0;
};

// raft.md 5a.14: read-only before the disk is full, and not for ever.
TEST(RaftNodeSpaceTest, AFullDiskCostsTheLeadAndNotTheMember) {
  constexpr uint64_t kPlenty = 10'000;
  std::vector<std::atomic<uint64_t>> free(3);
  for (auto& each : free) each = kPlenty;
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.options.space = {SpaceOptions(), absl::Milliseconds(5)};
  size_t started = 0;
  cluster.options.space_probe = [&](const std::string&) {
    return std::make_unique<FakeProbe>(&free[started++]);
  };
  cluster.FormThree();
  const auto level_is = [&](size_t number, SpaceLevel level) {
    return TestingCluster::Eventually([&cluster, number, level] {
      return cluster.node(number).Status().space.level == level;
    });
  };
  const size_t first = cluster.Leader();
  free[first] = 200;
  EXPECT_TRUE(level_is(first, SpaceLevel::kLow));
  EXPECT_EQ(cluster.Leader(), first);
  free[first] = 10;
  EXPECT_TRUE(
      TestingCluster::Eventually([&] { return cluster.Leader() != first; }));
  // It takes part, and changes go through it to the others.
  EXPECT_OK(cluster.node(first).Propose("a=1", kPatience));
  EXPECT_TRUE(TestingCluster::Eventually(
      [&] { return cluster.node(first).Status().space.space.reserve == 0; }));

  for (auto& each : free) each = 10;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(level_is(i, SpaceLevel::kReadOnly)) << i;
  }
  EXPECT_TRUE(TestingCluster::Eventually([&] {
    return ReasonOf(cluster.node(first).Propose("b=1", kPatience).status()) ==
           kDiskSpaceLowReason;
  }));
  EXPECT_OK(cluster.node(first).ReadBarrier(kPatience));

  for (auto& each : free) each = kPlenty;
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(level_is(i, SpaceLevel::kOk)) << i;
  }
  EXPECT_TRUE(TestingCluster::Eventually(
      [&] { return cluster.node(first).Propose("c=1", kPatience).ok(); }));
  EXPECT_TRUE(cluster.Converged());
}

// What the disk refuses is never acknowledged, and the node gives up at once.
TEST(RaftNodeDiskTest, AFailedWriteEndsTheNode) {
  const Identity identity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};
  for (const size_t writes : {0u, 1u, 2u, 5u}) {
    FakeDisk disk(identity, Bootstrap(identity));
    KeyValueMachine machine;
    FakeNetwork network;
    FakeTransport transport(&network);
    const auto failure = std::make_shared<Answer<absl::Status>>();
    NodeOptions options;
    options.failed = [failure](const absl::Status& status) {
      failure->Set(status);
    };
    const auto node = RaftNode::OpenOn(std::make_unique<FakeLogStorage>(&disk),
                                       options, &machine, &transport,
                                       Clock::Real(), RandomSource::Real());
    ASSERT_OK(node);
    ASSERT_OK((*node)->Propose("a=1", kPatience));
    disk.FailAfter(writes);
    std::string last = "1";
    for (int i = 2; i < 100; ++i) {
      const auto proposed = (*node)->Propose(absl::StrCat("a=", i), kPatience);
      if (!proposed.ok()) break;
      last = absl::StrCat(i);
    }
    EXPECT_NE(last, "99");
    const auto reported = failure->Wait(kPatience);
    ASSERT_TRUE(reported.has_value());
    EXPECT_THAT(*reported, StatusIs(absl::StatusCode::kInternal));
    EXPECT_THAT((*node)->Propose("b=1", kPatience), HasReason(kStoppedReason));

    // What was acknowledged is there after a power cut and a restart.
    (*node)->Stop();
    disk.StopFailing();
    disk.Crash(0);
    FakeTransport again(&network);
    const auto reopened =
        RaftNode::OpenOn(std::make_unique<FakeLogStorage>(&disk), options,
                         &machine, &again, Clock::Real(), RandomSource::Real());
    ASSERT_OK(reopened);
    const auto read = (*reopened)->Propose("a=x", kPatience);
    ASSERT_OK(read);
    EXPECT_GE(std::stoi(read->result), std::stoi(last));
  }
}

// A disk that does not answer while `stalled`.
struct Stall {
  void Set(bool value) {
    MutexLock lock(&mu);
    stalled = value;
    changed.SignalAll();
  }
  void WaitWhileStalled() {
    MutexLock lock(&mu);
    while (stalled) changed.Wait(&mu);
  }

  Mutex mu;
  CondVar changed;
  bool stalled ABSL_GUARDED_BY(mu) = false;
};

class StallingStorage final : public LogStorage {
 public:
  StallingStorage(std::unique_ptr<LogStorage> storage,
                  std::shared_ptr<Stall> stall)
      : storage_(std::move(storage)), stall_(std::move(stall)) {}

  absl::StatusOr<StoredMember> Read() override { return storage_->Read(); }
  absl::StatusOr<std::vector<Record>> ReadRecords() override {
    return storage_->ReadRecords();
  }
  absl::Status Write(const std::vector<Persist>& batches) override {
    stall_->WaitWhileStalled();
    return storage_->Write(batches);
  }
  absl::Status WriteState(const std::vector<Mutation>& mutations,
                          const AppliedState& now) override {
    return storage_->WriteState(mutations, now);
  }
  absl::Status Compact(const SnapshotMetadata& base) override {
    return storage_->Compact(base);
  }
  absl::StatusOr<std::unique_ptr<SnapshotReader>> OpenSnapshot() override {
    return storage_->OpenSnapshot();
  }
  absl::StatusOr<uint64_t> StageChunk(
      const StoreSnapshotChunk& chunk) override {
    return storage_->StageChunk(chunk);
  }
  absl::StatusOr<AppliedState> Install(
      const InstallSnapshot& install) override {
    return storage_->Install(install);
  }

 private:
  const std::unique_ptr<LogStorage> storage_;
  const std::shared_ptr<Stall> stall_;
};

TEST(RaftNodeDiskTest, ALeaderWhoseDiskHangsMakesRoom) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  std::map<size_t, std::shared_ptr<Stall>> stalls;
  cluster.wrap_storage = [&stalls](size_t number,
                                   std::unique_ptr<LogStorage> storage) {
    stalls[number] = std::make_shared<Stall>();
    return std::make_unique<StallingStorage>(std::move(storage),
                                             stalls[number]);
  };
  cluster.FormThree();
  const size_t stalled = cluster.Leader();
  stalls[stalled]->Set(true);
  // Something that its disk should store.
  EXPECT_FALSE(
      cluster.node(stalled).Propose("a=1", absl::Milliseconds(100)).ok());
  ASSERT_TRUE(TestingCluster::Eventually(
      [&] { return cluster.Leader(stalled) != stalled; }));
  EXPECT_OK(cluster.node(cluster.Leader(stalled)).Propose("b=1", kPatience));
  stalls[stalled]->Set(false);
  EXPECT_TRUE(cluster.Converged());
  EXPECT_THAT(cluster.machine(stalled).Published(), Contains(Pair("b", "1")));
}

// The end of the write-ahead log is gone, as after a power cut that the disk
// had promised to survive.
void CutWriteAheadLog(const std::string& directory) {
  std::filesystem::path newest;
  for (const auto& file : std::filesystem::directory_iterator(directory)) {
    if (file.path().extension() == ".log" && file.file_size() > 0 &&
        (newest.empty() || newest < file.path())) {
      newest = file.path();
    }
  }
  ASSERT_FALSE(newest.empty());
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);
}

TEST(RaftNodeDiskTest, AMemberThatLostAcknowledgedWritesIsHealedByTheOthers) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.FormThree();
  const size_t loser = cluster.Follower();
  for (int i = 0; i < 50; ++i) {
    ASSERT_OK(cluster.node(cluster.Leader())
                  .Propose(absl::StrCat("k", i, "=v"), kPatience));
  }
  ASSERT_TRUE(cluster.Converged());
  cluster.Stop(loser);
  CutWriteAheadLog(cluster.directory(loser));
  network.network.Isolate(cluster.id(loser));
  cluster.Start(loser);
  const NodeStatus lost = cluster.node(loser).Status();
  ASSERT_TRUE(lost.quarantine.has_value());
  EXPECT_GT(lost.quarantine->last.index, lost.last_log);
  network.network.HealAll();
  EXPECT_TRUE(TestingCluster::Eventually(
      [&] { return !cluster.node(loser).Status().quarantine.has_value(); }));
  EXPECT_TRUE(cluster.Converged());
  cluster.Stop(loser);
  cluster.Start(loser);
  EXPECT_EQ(cluster.node(loser).Status().quarantine, std::nullopt);
}

// Nobody can tell it what it lost; it must say so instead of going on.
TEST(RaftNodeDiskTest, TheOnlyVoterDoesNotGoOnWithoutWhatItAcknowledged) {
  const Identity identity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};
  FakeDisk disk(identity, Bootstrap(identity));
  KeyValueMachine machine;
  FakeNetwork network;
  const auto open = [&](Transport* transport) {
    auto node = RaftNode::OpenOn(std::make_unique<FakeLogStorage>(&disk),
                                 NodeOptions(), &machine, transport,
                                 Clock::Real(), RandomSource::Real());
    EXPECT_OK(node);
    return *std::move(node);
  };
  FakeTransport transport(&network);
  std::optional<FakeTransport> again;  // outlives the node
  auto node = open(&transport);
  ASSERT_OK(node->Propose("a=1", kPatience));
  ASSERT_OK(node->Propose("a=2", kPatience));
  node = nullptr;
  disk.LoseAcknowledged(1);
  again.emplace(&network);
  node = open(&*again);
  EXPECT_THAT(node->Propose("a=3", absl::Seconds(1)),
              HasReason(kNoLeaderReason));
  const NodeStatus status = node->Status();
  EXPECT_EQ(status.role, Role::kFollower);
  ASSERT_TRUE(status.quarantine.has_value());
  EXPECT_THAT(WordsOf(*status.quarantine), HasSubstr("lost writes"));
}

TEST(RaftNodeDiskTest, OpeningSaysWhatIsWrong) {
  TempDir directory;
  KeyValueMachine machine;
  FakeNetwork network;
  FakeTransport transport(&network);
  NodeOptions options;
  options.directory = directory.File("raft");
  const auto open = [&] {
    return RaftNode::Open(options, &machine, &transport, Clock::Real(),
                          RandomSource::Real());
  };
  EXPECT_THAT(open(), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK(RaftNode::CreateFirst(options.directory, ClusterId(1, 1),
                                  MemberId(2, 2)));
  EXPECT_THAT(RaftNode::CreateJoiner(options.directory, ClusterId(1, 1),
                                     MemberId(2, 2), Incarnation(1)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  const auto node = open();
  ASSERT_OK(node);
  EXPECT_THAT(open(), HasReason("STORAGE_IN_USE"));

  // A log whose chain is broken.
  const Identity identity{ClusterId(1, 1), MemberId(2, 2), Incarnation(3)};
  Recovered broken = Bootstrap(identity);
  ASSERT_FALSE(broken.entries.empty());
  broken.entries[0].chain = ChainHash(1);
  FakeDisk disk(identity, broken);
  EXPECT_THAT(RaftNode::OpenOn(std::make_unique<FakeLogStorage>(&disk), options,
                               &machine, &transport, Clock::Real(),
                               RandomSource::Real()),
              HasReason("STORAGE_DAMAGED"));
}

}  // namespace
}  // namespace microovn::raft
