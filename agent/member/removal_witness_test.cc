// SPDX-License-Identifier: Apache-2.0
// How a member that was away finds out that it was removed: it asks the others,
// over real connections, and believes an answer only.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "agent/member/membership_watch.h"
#include "agent/member/replicated_log.h"
#include "agent/member/testing/one_member_log.h"
#include "agent/server/server.h"
#include "agent/server/tls_identity.h"
#include "agent/state/testing/commands.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "pki/key/key_access.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr absl::Duration kPatience = absl::Seconds(30);
// Longer than the watch takes from one look to the next.
constexpr absl::Duration kLooks = absl::Milliseconds(2500);

TlsMaterial MaterialOf(const pki::TestPki& pki, const pki::TestLeaf& leaf) {
  TlsMaterial material;
  material.roots_pem = pki.cluster_ca().certificate().ToPem();
  material.chain_pem =
      absl::StrCat(leaf.certificate.ToPem(), material.roots_pem);
  auto key = leaf.key.ToPem(pki::KeyAccess::Granted());
  EXPECT_OK(key);
  material.key_pem = *std::move(key);
  return material;
}

// node2, who answers each question for its status with `answer`.
class Witness final : public peerpb::PeerService::Service {
 public:
  explicit Witness(pki::TestPki* pki) {
    pki::MemberFacts facts = pki->Facts("node2");
    facts.member_id = TestId("node2");
    tls_.Set(MaterialOf(*pki, pki->Member(facts)));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &tls_;
    options.clock = &Clock::Real();
    options.services = {this};
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    for (uint16_t port = 21'100; port < 21'200 && address_.port == 0; ++port) {
      const HostPort address = {"127.0.0.1", port};
      if (server_->Listen(address).ok()) address_ = address;
    }
    EXPECT_NE(address_.port, 0) << "no port is free";
  }

  const HostPort& address() const { return address_; }

  grpc::Status GetLocalStatus(grpc::ServerContext*,
                              const peerpb::GetLocalStatusRequest*,
                              peerpb::GetLocalStatusResponse*) override {
    if (!asked.HasBeenNotified()) asked.Notify();
    return ToGrpcStatus(answer);
  }

  absl::Status answer;
  absl::Notification asked;

 private:
  TempDir directory_;
  TlsIdentity tls_;
  HostPort address_;
  std::unique_ptr<Server> server_;
};

class RemovalWitnessTest : public testing::Test {
 protected:
  RemovalWitnessTest() {
    pki::MemberFacts facts = pki_.Facts("node1");
    facts.member_id = member_.id();
    member_.SpeakAs(MaterialOf(pki_, pki_.Member(facts)));
  }

  // As a member that is leaving, beside node2, when its log has no leader.
  void Watch(const std::vector<std::string>& voters = {"node2"}) {
    member_.Admit("node2");
    ClusterState state = *member_.store().Current();
    statepb::Member self = *state.members.Find(member_.id());
    self.set_state(statepb::Member::STATE_LEAVING);
    state.members.Put(self.member_id(), self);
    statepb::Member other = *state.members.Find(TestId("node2"));
    other.set_address(FormatHostPort(witness_.address()));
    state.members.Put(other.member_id(), other);
    store_.Publish(std::make_shared<const ClusterState>(std::move(state)));
    watch_ = std::make_unique<MembershipWatch>(
        MembershipWatch::Parts{&member_.log(), &store_, &member_.peers(),
                               member_.id(), [this] { removed_.Notify(); },
                               /*end_gone=*/nullptr,
                               [this, voters] { return IdsOf(voters); }},
        /*confirming=*/true);
  }

  // And this member's own.
  std::vector<raft::MemberId> IdsOf(const std::vector<std::string>& names) {
    std::vector<raft::MemberId> ids = {MemberIdOf(member_.id())};
    for (const std::string& name : names) {
      ids.push_back(MemberIdOf(TestId(name)));
    }
    return ids;
  }

  pki::TestPki pki_{absl::Now() - absl::Minutes(1)};
  OneMemberLog member_;
  Witness witness_{&pki_};
  StateStore store_;
  absl::Notification removed_;
  std::unique_ptr<MembershipWatch> watch_;
};

TEST_F(RemovalWitnessTest, TheWordOfMostVotersEndsTheMembership) {
  witness_.answer = MakeError(absl::StatusCode::kUnauthenticated, "removed",
                              {"MEMBER_REMOVED", ""});
  Watch();
  EXPECT_TRUE(removed_.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(witness_.asked.HasBeenNotified());
}

// It may lie, or be the one that was removed.
TEST_F(RemovalWitnessTest, TheWordOfOneVoterAmongSeveralEndsNothing) {
  witness_.answer = MakeError(absl::StatusCode::kUnauthenticated, "removed",
                              {"MEMBER_REMOVED", ""});
  Watch({"node2", "node3"});
  EXPECT_TRUE(witness_.asked.WaitForNotificationWithTimeout(kPatience));
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
}

TEST_F(RemovalWitnessTest, WhoDoesNotVoteIsNotAsked) {
  witness_.answer = MakeError(absl::StatusCode::kUnauthenticated, "removed",
                              {"MEMBER_REMOVED", ""});
  Watch({"node3"});
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
  EXPECT_FALSE(witness_.asked.HasBeenNotified());
}

TEST_F(RemovalWitnessTest, AnyOtherAnswerEndsNothing) {
  witness_.answer = MakeError(absl::StatusCode::kUnauthenticated,
                              "the caller's certificate is not registered",
                              {"CERTIFICATE_NOT_REGISTERED", ""});
  Watch();
  EXPECT_TRUE(witness_.asked.WaitForNotificationWithTimeout(kPatience));
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
}

TEST_F(RemovalWitnessTest, AMemberThatServesItEndsNothing) {
  witness_.answer = absl::OkStatus();
  Watch();
  EXPECT_TRUE(witness_.asked.WaitForNotificationWithTimeout(kPatience));
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
}

// The words of somebody who is not of the cluster.
TEST_F(RemovalWitnessTest, AStrangersWordEndsNothing) {
  pki::TestPki elsewhere(pki_.now(), /*seed=*/2);
  pki::MemberFacts facts = elsewhere.Facts("node1");
  facts.member_id = member_.id();
  member_.SpeakAs(MaterialOf(elsewhere, elsewhere.Member(facts)));
  witness_.answer = MakeError(absl::StatusCode::kUnauthenticated, "removed",
                              {"MEMBER_REMOVED", ""});
  Watch();
  EXPECT_FALSE(removed_.WaitForNotificationWithTimeout(kLooks));
  EXPECT_FALSE(witness_.asked.HasBeenNotified());
}

}  // namespace
}  // namespace microovn::agent
