// Members in one process over a network in memory, and on failing disks.
#include "raft/node/raft_node.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "raft/core/recovered.h"
#include "raft/node/raft_node_cases.h"
#include "raft/node/testing_cluster.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/transport/answer.h"
#include "raft/transport/fake_transport.h"
#include "raft/transport/proposal_errors.h"

namespace microovn::raft {
namespace {

using testing::Contains;
using testing::Pair;

constexpr absl::Duration kPatience = absl::Seconds(20);

class MemoryNetwork final : public TestingNetwork {
 public:
  std::unique_ptr<Transport> Connect(const MemberId&) override {
    return std::make_unique<FakeTransport>(&network);
  }
  void Disconnect(const MemberId&) override {}

  FakeNetwork network;
};

INSTANTIATE_TEST_SUITE_P(Memory, RaftNodeTest, testing::Values([] {
                           return std::make_unique<MemoryNetwork>();
                         }));

TEST(RaftNodePartitionTest, TheMinoritysLeaderStepsDownAndComesBack) {
  MemoryNetwork network;
  TestingCluster cluster(&network);
  cluster.FormThree();
  const size_t cut_off = cluster.Leader();
  network.network.Isolate(cluster.id(cut_off));
  size_t next = cut_off;
  ASSERT_TRUE(TestingCluster::Eventually(
      [&] { return (next = cluster.Leader(cut_off)) != cut_off; }));
  ASSERT_OK(cluster.node(next).Propose("a=1", kPatience));
  EXPECT_FALSE(cluster.node(cut_off).Propose("b=1", absl::Seconds(1)).ok());
  EXPECT_FALSE(cluster.node(cut_off).ReadBarrier(absl::Seconds(1)).ok());
  network.network.HealAll();
  ASSERT_OK(cluster.node(cut_off).ReadBarrier(kPatience));
  EXPECT_THAT(cluster.machine(cut_off).Published(), Contains(Pair("a", "1")));
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
                                     MemberId(2, 2)),
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
