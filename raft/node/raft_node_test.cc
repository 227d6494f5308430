// Members in one process, over a network in memory and over gRPC on loopback.
#include "raft/node/raft_node.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "raft/core/recovered.h"
#include "raft/node/testing_cluster.h"
#include "raft/storage/fake_log_storage.h"
#include "raft/transport/answer.h"
#include "raft/transport/fake_transport.h"
#include "raft/transport/grpc_transport.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/proposal_errors.h"
#include "raft/transport/raft_service.h"

namespace microovn::raft {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::Pair;
using testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(20);

class MemoryNetwork final : public TestingNetwork {
 public:
  std::unique_ptr<Transport> Connect(const MemberId&) override {
    return std::make_unique<FakeTransport>(&network);
  }
  void Disconnect(const MemberId&) override {}

  FakeNetwork network;
};

// Servers on loopback without TLS; who calls is in the user agent's place.
class LoopbackNetwork final : public TestingNetwork, public PeerDirectory {
 public:
  std::unique_ptr<Transport> Connect(const MemberId& member) override {
    auto endpoint = std::make_unique<Endpoint>();
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", PortOf(member)),
                             grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&endpoint->service);
    SetServerArguments(&builder);
    endpoint->server = builder.BuildAndStart();
    EXPECT_NE(endpoint->server, nullptr);
    auto transport = std::make_unique<GrpcTransport>(
        &endpoint->service, this, [member](const PeerEndpoint& peer) {
          grpc::ChannelArguments arguments;
          SetChannelArguments(&arguments);
          arguments.SetUserAgentPrefix(member.ToHex());
          return grpc::CreateCustomChannel(
              peer.address, grpc::InsecureChannelCredentials(), arguments);
        });
    MutexLock lock(&mu_);
    ports_[member] = port;
    endpoints_[member] = std::move(endpoint);
    return transport;
  }

  void Disconnect(const MemberId& member) override {
    std::unique_ptr<Endpoint> endpoint;
    MutexLock lock(&mu_);
    endpoint = std::move(endpoints_[member]);
    endpoint->server->Shutdown(std::chrono::system_clock::now());
  }

  std::optional<std::string> AddressOf(const MemberId& member) const override {
    const int port = PortOf(member);
    if (port == 0) return std::nullopt;
    return absl::StrCat("127.0.0.1:", port);
  }

 private:
  static absl::StatusOr<MemberId> Caller(
      const grpc::ServerContextBase& context) {
    const auto agent = context.client_metadata().find("user-agent");
    const std::string name(agent->second.data(), agent->second.size());
    const auto member = MemberId::FromHex(name.substr(0, 32));
    if (!member.has_value()) return absl::UnauthenticatedError("who?");
    return *member;
  }

  struct Endpoint {
    RaftService service{Caller};
    std::unique_ptr<grpc::Server> server;
  };

  int PortOf(const MemberId& member) const {
    MutexLock lock(&mu_);
    const auto at = ports_.find(member);
    return at == ports_.end() ? 0 : at->second;
  }

  mutable Mutex mu_;
  std::map<MemberId, int> ports_ ABSL_GUARDED_BY(mu_);
  std::map<MemberId, std::unique_ptr<Endpoint>> endpoints_ ABSL_GUARDED_BY(mu_);
};

struct Case {
  const char* name;
  std::function<std::unique_ptr<TestingNetwork>()> make;
};

class RaftNodeTest : public testing::TestWithParam<Case> {
 protected:
  RaftNodeTest() : network_(GetParam().make()), cluster_(network_.get()) {}

  void Put(size_t number, const std::string& key, const std::string& value) {
    EXPECT_OK(
        cluster_.node(number).Propose(absl::StrCat(key, "=", value), kPatience))
        << "through member " << number;
  }

  const std::unique_ptr<TestingNetwork> network_;
  TestingCluster cluster_;
};

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

TEST_P(RaftNodeTest, WritesGoOnWhileTheLeaderStops) {
  cluster_.FormThree();
  const size_t leader = cluster_.Leader();
  const size_t writer = cluster_.Follower();
  std::atomic<bool> done{false};
  std::atomic<int> acknowledged{0};
  std::vector<std::string> failures;
  std::thread load([&] {
    for (int i = 0; !done; ++i) {
      const auto proposed =
          cluster_.node(writer).Propose(absl::StrCat("k", i, "=v"), kPatience);
      if (proposed.ok()) {
        ++acknowledged;
      } else {
        failures.push_back(proposed.status().ToString());
      }
    }
  });
  ASSERT_TRUE(TestingCluster::Eventually([&] { return acknowledged > 50; }));
  cluster_.Stop(leader);
  const int before = acknowledged;
  EXPECT_TRUE(
      TestingCluster::Eventually([&] { return acknowledged > before + 50; }));
  done = true;
  load.join();
  EXPECT_THAT(failures, SizeIs(0));
  EXPECT_THAT(cluster_.machine(writer).Published(),
              SizeIs(acknowledged.load()));
  EXPECT_NE(cluster_.Leader(), leader);

  cluster_.Start(leader);
  EXPECT_TRUE(cluster_.Converged());
  EXPECT_EQ(cluster_.machine(leader).Published(),
            cluster_.machine(writer).Published());
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
  EXPECT_GT(cluster_.node(leader).Status().snapshot, LogIndex(50));
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

INSTANTIATE_TEST_SUITE_P(
    Networks, RaftNodeTest,
    testing::Values(
        Case{"Memory", [] { return std::make_unique<MemoryNetwork>(); }},
        Case{"Grpc", [] { return std::make_unique<LoopbackNetwork>(); }}),
    [](const auto& test) { return test.param.name; });

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
