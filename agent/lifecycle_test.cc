// SPDX-License-Identifier: Apache-2.0
// A node's membership from its beginning to its end, with one and with two
// nodes: real disks, logs, keys, servers and connections; daemons and programs
// are fakes.
#include "agent/lifecycle.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "agent/cluster/local_node.h"
#include "agent/member/raft_caller.h"
#include "agent/member/voter_proof.h"
#include "agent/server/peer_channels.h"
#include "agent/server/tls_identity.h"
#include "agent/service/api_services.h"
#include "agent/state/testing/commands.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/testing/fake_command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/join/join_token.h"
#include "pki/name/member_name.h"
#include "raft/transport/grpc_transport.h"
#include "raft/transport/raft_service.h"
#include "supervisor/service/service.h"
#include "supervisor/testing/fake_service_driver.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;
using internal::node::v1::NodeIdentity;
using supervisor::Service;

constexpr absl::Duration kPatience = absl::Seconds(60);

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > end) return false;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return true;
}

// What of an agent outlives its process.
struct Disk {
  TempDir root;
  const supervisor::Paths paths{root.path()};
  const IdentityStore store{paths.state()};
  supervisor::FakeNode daemons;
};

// An agent's process on a disk, at an address of its own.
class Node final : public LocalNode {
 public:
  Node(Disk* disk, absl::string_view name, HostPort address)
      : disk_(*disk),
        name_(*pki::MemberName::Parse(name)),
        address_(std::move(address)),
        driver_(&disk->daemons, &clock_),
        raft_service_(
            [this](const grpc::ServerContextBase& context) {
              return RaftCallerOf(context, member());
            },
            ProofsTrustedBy(&tls_)),
        lifecycle_(Environment()),
        services_(this, &clock_, disk->paths.pki()) {
    CHECK(supervisor::CreateLayout(disk_.paths).ok());
    Server::Options options;
    options.socket_path = disk_.root.File("s");
    options.services = services_.all();
    options.services.push_back(&raft_service_);
    options.identity = &tls_;
    options.clock = &clock_;
    options.configure = raft::SetServerArguments;
    auto server = Server::Start(options);
    CHECK(server.ok()) << server.status();
    server_ = *std::move(server);
    lifecycle_.Provide(&driver_, server_.get(), {"1.2.3", "24.03", "3.3"}, {});
  }
  ~Node() override {
    lifecycle_.Stop();
    server_->Shutdown(absl::ZeroDuration());
  }

  MembershipLifecycle& lifecycle() { return lifecycle_; }
  supervisor::FakeServiceDriver& driver() { return driver_; }
  std::shared_ptr<RunningMembership> running() const {
    return lifecycle_.member();
  }
  NodeSettings Settings() const {
    return {name_, address_, address_.host, {}, {}};
  }

  absl::Status Found(const v1::BootstrapClusterRequest& request = {}) {
    const MembershipLifecycle::Change change(&lifecycle_);
    if (!change.status().ok()) return change.status();
    return lifecycle_.Found(request, Settings());
  }
  absl::Status Enter(const std::string& encoded) {
    const MembershipLifecycle::Change change(&lifecycle_);
    if (!change.status().ok()) return change.status();
    const auto token = pki::DecodeJoinToken(encoded);
    if (!token.ok()) return token.status();
    return lifecycle_.Enter(*token, Settings());
  }
  // As the leader.
  std::string TokenFor(const std::string& name) {
    peerpb::IssueTokenRequest request;
    request.set_member_name(name);
    request.set_ttl_seconds(600);
    const auto issued = running()->issuance().IssueToken(request);
    CHECK(issued.ok()) << issued.status();
    return issued->encoded();
  }
  // Says of every member that it has done what the state wants, which without
  // OVN's programs none can.
  void PretendConverged() {
    const auto member = running();
    if (member == nullptr) return;
    for (statepb::Command& report : ConvergenceReports(*member->state())) {
      // Refused of one that is gone by now.
      (void)member->Propose(std::move(report), absl::Seconds(1));
    }
  }
  // How many active members this one knows.
  int Members() const {
    const auto member = running();
    int active = 0;
    if (member == nullptr) return active;
    const auto state = member->state();
    for (const auto& [id, record] : state->members.records()) {
      if (record->state() == statepb::Member::STATE_ACTIVE) ++active;
    }
    return active;
  }

  std::shared_ptr<Membership> member() const override {
    return lifecycle_.member();
  }
  v1::GetClusterResponse::State phase() const override {
    return v1::GetClusterResponse::STATE_READY;
  }
  Versions versions() const override { return {"1.2.3", "24.03", "3.3"}; }
  absl::StatusOr<v1::BootstrapClusterResponse> Bootstrap(
      const v1::BootstrapClusterRequest&, const statepb::Asker&) override {
    return absl::UnimplementedError("a test's");
  }
  absl::StatusOr<v1::JoinClusterResponse> Join(
      const v1::JoinClusterRequest&) override {
    return absl::UnimplementedError("a test's");
  }

 private:
  NodeParts Environment() {
    NodeParts environment;
    environment.paths = &disk_.paths;
    environment.store = &disk_.store;
    environment.clock = &clock_;
    environment.random = &RandomSource::Real();
    environment.runner = &programs_;
    environment.tls = &tls_;
    environment.channels = &channels_;
    environment.raft_service = &raft_service_;
    return environment;
  }

  Disk& disk_;
  const pki::MemberName name_;
  const HostPort address_;
  const Clock& clock_ = Clock::Real();
  supervisor::FakeServiceDriver driver_;
  FakeCommandRunner programs_{
      [](const Command& command) -> absl::StatusOr<CommandResult> {
        return absl::NotFoundError(command.argv[0] + " is not installed");
      }};
  TlsIdentity tls_;
  PeerChannels channels_{&tls_, &clock_};
  raft::RaftService raft_service_;
  MembershipLifecycle lifecycle_;
  ApiServices services_;
  std::unique_ptr<Server> server_;
};

class LifecycleTest : public testing::Test {
 protected:
  std::unique_ptr<Node> StartNode(Disk* disk, int number) {
    auto node = std::make_unique<Node>(
        disk, absl::StrCat("node", number),
        HostPort{absl::StrCat("127.0.0.", number), kPort});
    EXPECT_OK(node->lifecycle().Resume());
    return node;
  }
  static std::optional<NodeIdentity> Identity(const Disk& disk) {
    const auto identity = disk.store.Load();
    EXPECT_OK(identity);
    return identity.value_or(std::nullopt);
  }
  static int Backups(const Disk& disk) {
    const auto names = ListDirectory(disk.paths.root());
    EXPECT_OK(names);
    int backups = 0;
    for (const std::string& name : names.value_or(std::vector<std::string>())) {
      if (absl::StartsWith(name, "backup_")) ++backups;
    }
    return backups;
  }
  static bool AnythingRuns(Node& node) {
    for (const Service service : supervisor::kAllServices) {
      const auto seen = node.driver().Observe(service);
      EXPECT_OK(seen);
      if (seen.ok() && (seen->pid != 0 || seen->enabled)) return true;
    }
    return false;
  }
  // node1 has founded a cluster, and node2 has joined it.
  void MakeTwo() {
    ASSERT_OK(node1_->Found());
    ASSERT_OK(node2_->Enter(node1_->TokenFor("node2")));
    ASSERT_TRUE(Eventually(
        [this] { return node1_->Members() == 2 && node2_->Members() == 2; }));
  }

  // Nobody else's on the loopback addresses that the tests use.
  static constexpr uint16_t kPort = 21'686;
  Disk disk1_;
  Disk disk2_;
  std::unique_ptr<Node> node1_ = StartNode(&disk1_, 1);
  std::unique_ptr<Node> node2_ = StartNode(&disk2_, 2);
};

TEST_F(LifecycleTest, ANodeIsWhatItsDiskSays) {
  EXPECT_EQ(node1_->running(), nullptr);
  EXPECT_FALSE(node1_->lifecycle().changing());
  ASSERT_OK(node1_->Found());
  ASSERT_NE(node1_->running(), nullptr);
  const std::string id = node1_->running()->id();
  ASSERT_OK(node1_->running()->Propose(SetConfigCommand("cluster.voters", "5"),
                                       kPatience));
  node1_ = nullptr;
  node1_ = StartNode(&disk1_, 1);
  ASSERT_NE(node1_->running(), nullptr) << "it is one from its start";
  EXPECT_EQ(node1_->running()->id(), id);
  ASSERT_OK(node1_->running()->Barrier(kPatience));
  EXPECT_EQ(node1_->running()->state()->configs.Find("cluster.voters")->value(),
            "5");
}

TEST_F(LifecycleTest, OneChangeAtATime) {
  {
    const MembershipLifecycle::Change first(&node1_->lifecycle());
    EXPECT_OK(first.status());
    EXPECT_TRUE(node1_->lifecycle().changing());
    EXPECT_THAT(node1_->Found(), HasReason("BUSY"));
  }
  EXPECT_FALSE(node1_->lifecycle().changing());
  EXPECT_OK(node1_->Found());
}

TEST_F(LifecycleTest, WhatLayThereIsKeptAndNotAdopted) {
  ASSERT_OK(WriteFile(disk1_.paths.nb_database(), "another cluster", 0600));
  ASSERT_OK(node1_->driver().Enable(Service::kNorthd));
  ASSERT_OK(node1_->Found());
  EXPECT_EQ(Backups(disk1_), 1);
  const auto now = ReadFile(disk1_.paths.nb_database());
  EXPECT_NE(now.value_or(""), "another cluster");
  for (const std::string& call : node1_->driver().TakeCalls()) {
    EXPECT_NE(call, "restart ovn-northd");
  }
}

TEST_F(LifecycleTest, ABootstrapThatFailsLeavesNothing) {
  v1::BootstrapClusterRequest request;
  request.set_ovn_ca_certificate_pem("no certificate");
  request.set_ovn_ca_private_key_pem("no key");
  EXPECT_FALSE(node1_->Found(request).ok());
  EXPECT_EQ(node1_->running(), nullptr);
  EXPECT_EQ(Identity(disk1_), std::nullopt);
  EXPECT_FALSE(AnythingRuns(*node1_));
  // Its port is free again, and it can be tried again.
  EXPECT_OK(node1_->Found());
}

TEST_F(LifecycleTest, AnAddressThatIsTakenIsFoundBeforeAnythingIsDone) {
  ASSERT_OK(node1_->Found());
  Disk disk;
  Node other(&disk, "node9", node1_->Settings().address);
  ASSERT_OK(other.lifecycle().Resume());
  ASSERT_OK(WriteFile(disk.paths.nb_database(), "mine", 0600));
  EXPECT_THAT(other.Found(), HasReason("ADDRESS_NOT_USABLE"));
  EXPECT_EQ(Identity(disk), std::nullopt);
  EXPECT_EQ(ReadFile(disk.paths.nb_database()).value_or(""), "mine");
}

TEST_F(LifecycleTest, AJoinerIsAMemberOnBothSides) {
  MakeTwo();
  ASSERT_NE(node2_->running(), nullptr);
  EXPECT_EQ(node2_->running()->identity().cluster_id(),
            node1_->running()->identity().cluster_id());
  EXPECT_EQ(Identity(disk2_)->phase(), NodeIdentity::PHASE_MEMBER);
  // It takes part: what the leader plans it has as well, and what only a leader
  // may plan it does not put into the log.
  ASSERT_OK(node1_->running()->Propose(SetConfigCommand("cluster.voters", "5"),
                                       kPatience));
  ASSERT_OK(node2_->running()->Barrier(kPatience));
  EXPECT_EQ(node2_->running()->state()->configs.Find("cluster.voters")->value(),
            "5");
  EXPECT_THAT(node2_->running()->Propose(
                  SetConfigCommand("cluster.voters", "3"), kPatience),
              HasReason("NOT_LEADER"));
}

TEST_F(LifecycleTest, ATokenIsGoodForOneJoin) {
  ASSERT_OK(node1_->Found());
  const std::string token = node1_->TokenFor("node2");
  ASSERT_OK(node2_->Enter(token));
  Disk disk;
  Node other(&disk, "node2", HostPort{"127.0.0.9", kPort});
  ASSERT_OK(other.lifecycle().Resume());
  EXPECT_FALSE(other.Enter(token).ok());
  EXPECT_EQ(other.running(), nullptr);
  EXPECT_EQ(Identity(disk), std::nullopt);
}

TEST_F(LifecycleTest, ARemovedMemberForgetsAndMayJoinAgain) {
  MakeTwo();
  const std::string id = node2_->running()->id();
  ASSERT_OK(node2_->driver().Enable(Service::kSwitch));
  ASSERT_OK(
      node1_->running()->Propose(RemovalCommand("node2", "op"), kPatience));
  ASSERT_TRUE(Eventually([this] {
    node1_->PretendConverged();
    return node2_->running() == nullptr && !node2_->lifecycle().changing();
  })) << "it finds out by itself";
  EXPECT_EQ(Identity(disk2_), std::nullopt);
  EXPECT_FALSE(AnythingRuns(*node2_));
  EXPECT_EQ(Backups(disk2_), 1);
  ASSERT_TRUE(Eventually([&] {
    return node1_->running()->state()->tombstones.Find(id) != nullptr;
  }));
  ASSERT_OK(node2_->Enter(node1_->TokenFor("node2")));
  EXPECT_NE(node2_->running()->id(), id);
  EXPECT_TRUE(Eventually([this] { return node1_->Members() == 2; }));
}

// A removal while it was off: it hears of it when it is back.
TEST_F(LifecycleTest, AMemberThatWasRemovedWhileItWasOffForgets) {
  MakeTwo();
  node2_ = nullptr;
  // Of two members one votes: the other one is not asked.
  ASSERT_OK(
      node1_->running()->Propose(RemovalCommand("node2", "op"), kPatience));
  ASSERT_TRUE(Eventually([this] {
    node1_->PretendConverged();
    const auto* done =
        node1_->running()->state()->operations.Find(TestId("op"));
    return done != nullptr && done->done();
  }));
  node2_ = StartNode(&disk2_, 2);
  ASSERT_TRUE(Eventually([this] { return node2_->running() == nullptr; }));
  EXPECT_EQ(Identity(disk2_), std::nullopt);
}

// Its agent ended in the middle, and nobody tells what became of the join: it
// erases nothing and goes on asking.
TEST_F(LifecycleTest, AnInterruptedJoinWaitsForAnAnswer) {
  MakeTwo();
  NodeIdentity joining = *Identity(disk2_);
  node2_ = nullptr;
  node1_ = nullptr;
  joining.set_phase(NodeIdentity::PHASE_JOINING);
  ASSERT_OK(disk2_.store.Save(joining));
  node2_ = StartNode(&disk2_, 2);
  EXPECT_TRUE(node2_->lifecycle().changing());
  EXPECT_THAT(node2_->Found(), HasReason("BUSY"));
  absl::SleepFor(absl::Milliseconds(500));
  ASSERT_NE(Identity(disk2_), std::nullopt);
  EXPECT_EQ(Identity(disk2_)->phase(), NodeIdentity::PHASE_JOINING);

  // The cluster is back, and says that the join stands.
  node1_ = StartNode(&disk1_, 1);
  ASSERT_TRUE(Eventually([this] { return !node2_->lifecycle().changing(); }));
  ASSERT_NE(node2_->running(), nullptr);
  EXPECT_EQ(Identity(disk2_)->phase(), NodeIdentity::PHASE_MEMBER);
}

// Nothing was started with an identity alone, and nobody can speak for it.
TEST_F(LifecycleTest, AJoinThatHadNoCertificateYetIsForgotten) {
  node2_ = nullptr;
  NodeIdentity joining;
  joining.set_phase(NodeIdentity::PHASE_JOINING);
  joining.set_cluster_id(TestId("cluster"));
  joining.set_member_id(TestId("node2"));
  joining.set_name("node2");
  joining.set_address(absl::StrCat("127.0.0.2:", kPort));
  ASSERT_OK(disk2_.store.Save(joining));
  node2_ = StartNode(&disk2_, 2);
  EXPECT_TRUE(Eventually([this] { return !node2_->lifecycle().changing(); }));
  EXPECT_EQ(Identity(disk2_), std::nullopt);
  EXPECT_EQ(node2_->running(), nullptr);
  EXPECT_OK(node2_->Found());
}

TEST_F(LifecycleTest, AnIdentityThatCannotBeReadIsNoReasonToForget) {
  ASSERT_OK(node1_->Found());
  node1_ = nullptr;
  ASSERT_OK(
      WriteFile(JoinPath(disk1_.paths.state(), "identity.json"), "{", 0600));
  Node node(&disk1_, "node1", HostPort{"127.0.0.1", kPort});
  EXPECT_THAT(node.lifecycle().Resume(), HasReason("IDENTITY_DAMAGED"));
  EXPECT_TRUE(FileExists(disk1_.store.log_directory()));
}

}  // namespace
}  // namespace microovn::agent
