// SPDX-License-Identifier: Apache-2.0
// Who is let in, and to what, over real connections.
#include "agent/service/call_guard.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "agent/server/caller.h"
#include "agent/server/live_calls.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/config.grpc.pb.h"
#include "microovn/v1/event.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using Peers = peerpb::PeerService::Stub;

constexpr char kGetCluster[] = "microovn.v1.ClusterService/GetCluster";
constexpr char kAdmit[] = "microovn.internal.peer.v1.PeerService/Admit";

TEST(CallGuardTest, EveryMethodAsksWhoCalls) {
  TestApi api;
  const auto joiner = api.Tls(api.Joiner(TestId("token-node4")));
  for (const MethodRule& rule : MethodRules()) {
    if (rule.method == kAdmit) continue;
    EXPECT_THAT(CallByName(joiner, std::string(rule.method)),
                HasReason("METHOD_NOT_ALLOWED"))
        << rule.method;
  }
  EXPECT_TRUE(api.membership().proposals().empty());
}

TEST(CallGuardTest, TheSocketIsNotAnotherMember) {
  TestApi api;
  for (const MethodRule& rule : MethodRules()) {
    if (rule.method.find("PeerService") == rule.method.npos) continue;
    EXPECT_THAT(CallByName(api.Socket(), std::string(rule.method)),
                HasReason("METHOD_NOT_ALLOWED"))
        << rule.method;
  }
}

// Streams hold threads as long as their caller likes.
TEST(CallGuardTest, ACallerHasItsShareAndNoMore) {
  TestApi api;
  const auto greedy = api.Tls(api.Certificate("node2"));
  const auto stub = v1::EventService::NewStub(greedy);
  v1::WatchEventsRequest for_ever;
  for_ever.set_follow(true);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchEventsResponse>>>
      streams;
  for (size_t i = 0; i < LiveCalls::kMost; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub->WatchEvents(contexts.back().get(), for_ever));
  }
  const absl::Time deadline = absl::Now() + absl::Seconds(20);
  absl::Status status;
  while (status.ok() && absl::Now() < deadline) {
    status = CallByName(greedy, kGetCluster);
  }
  EXPECT_THAT(status, HasReason("TOO_MANY_CALLS"));
  EXPECT_THAT(CallByName(api.Tls(api.Certificate("node3")), kGetCluster),
              IsOk());
  EXPECT_THAT(CallByName(api.Socket(), kGetCluster), IsOk());
  for (const auto& context : contexts) context->TryCancel();
  for (const auto& stream : streams) stream->Finish();
}

TEST(CallGuardTest, AMemberIsKnownByItsKey) {
  TestApi api;
  EXPECT_THAT(CallByName(api.Tls(api.Certificate("node2")), kGetCluster),
              IsOk());
  // Signed by the cluster's CA, for a member's id, with a key of its own.
  EXPECT_THAT(CallByName(api.Tls(api.Stranger("node2", api.pki().cluster_id())),
                         kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  // Never a member.
  EXPECT_THAT(CallByName(api.Tls(api.Stranger("node9", api.pki().cluster_id())),
                         kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST(CallGuardTest, ACertificateOfAnotherClusterOpensNothing) {
  TestApi api;
  const pki::TestLeaf other = api.Stranger("node2", TestId("another cluster"));
  EXPECT_THAT(CallByName(api.Tls(other), kGetCluster),
              HasReason("BAD_PEER_CERTIFICATE"));
}

TEST(CallGuardTest, AnotherAuthorityDoesNotGetThroughTheHandshake) {
  TestApi api, other;
  EXPECT_FALSE(
      CallByName(api.Tls(other.Certificate("node2")), kGetCluster).ok());
}

TEST(CallGuardTest, ARemovedMemberIsRefusedByEveryMethod) {
  TestApi api;
  ClusterState state = api.membership().committed();
  state.members.Erase(TestId("node3"));
  statepb::Tombstone tombstone;
  tombstone.set_member_id(TestId("node3"));
  state.tombstones.Put(TestId("node3"), tombstone);
  const auto channel = api.Tls(api.Certificate("node3"));
  ASSERT_THAT(CallByName(channel, kGetCluster), IsOk());
  api.node().membership = std::make_shared<FakeMembership>(
      api.membership().identity(), state, &api.clock());
  int asked = 0;
  for (const MethodRule& rule : MethodRules()) {
    const Caller caller{Role::kMember, TestId("node3"), ""};
    if (!Authorize(caller, rule.method).ok()) continue;
    ++asked;
    EXPECT_THAT(CallByName(channel, std::string(rule.method)),
                HasReason("MEMBER_REMOVED"))
        << rule.method;
  }
  EXPECT_GT(asked, 10);
  EXPECT_TRUE(api.membership().issued_for().empty());
}

TEST(CallGuardTest, AMemberThatThisNodeHasNotHeardOfIsLookedUp) {
  TestApi api;
  // node4 is in the cluster's state, and not in what this node has applied.
  const pki::TestLeaf node4 = api.Stranger("node4", api.pki().cluster_id());
  EXPECT_THAT(CallByName(api.Tls(node4), kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  api.membership().FallBehind();
  statepb::Command token = CreateTokenCommand("node4");
  ASSERT_THAT(api.membership().Propose(token, kProposeTimeout), IsOk());
  statepb::Command admit = AdmitCommand("node4");
  statepb::Member* member = admit.mutable_admit_member()->mutable_member();
  member->clear_spki_sha256();
  member->add_spki_sha256(node4.certificate.public_key().Fingerprint());
  member->set_certificate_pem(node4.certificate.ToPem());
  ASSERT_THAT(api.membership().Propose(admit, kProposeTimeout), IsOk());
  EXPECT_THAT(CallByName(api.Tls(node4), kGetCluster), IsOk());
}

TEST(CallGuardTest, AnOperatorNeedsARegisteredCertificateAndItsRole) {
  TestApi api;
  const pki::TestLeaf viewer = api.Operator(pki::OperatorRole::kViewer);
  const auto channel = api.Tls(viewer);
  EXPECT_THAT(CallByName(channel, kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  api.Register(viewer);
  EXPECT_THAT(CallByName(channel, kGetCluster), IsOk());
  for (const char* method : {"microovn.v1.ConfigService/UpdateConfig",
                             "microovn.v1.ConfigService/DeleteConfig",
                             "microovn.v1.ClusterService/RemoveMember",
                             "microovn.v1.ClusterService/CreateJoinToken",
                             "microovn.v1.OvnService/EnableService"}) {
    EXPECT_THAT(CallByName(channel, method), HasReason("ROLE_TOO_SMALL"));
  }
}

TEST(CallGuardTest, AnOperatorMayWriteAndNotBootstrap) {
  TestApi api;
  const pki::TestLeaf leaf = api.Operator(pki::OperatorRole::kOperator);
  api.Register(leaf);
  const auto channel = api.Tls(leaf);
  EXPECT_THAT(CallByName(channel, "microovn.v1.ClusterService/JoinCluster"),
              HasReason("METHOD_NOT_ALLOWED"));
  EXPECT_THAT(CallByName(channel, "microovn.v1.ConfigService/UpdateConfig"),
              testing::Not(HasReason("ROLE_TOO_SMALL")));
}

// The CA's signature alone makes nobody an administrator.
TEST(CallGuardTest, ARoleIsWhatTheStateSaysOfThatKey) {
  TestApi api;
  const pki::TestLeaf viewer = api.Operator(pki::OperatorRole::kViewer);
  const pki::TestLeaf admin = api.Operator(pki::OperatorRole::kAdmin);
  const pki::TestLeaf former = api.Operator(pki::OperatorRole::kViewer);
  api.Register(viewer);
  EXPECT_THAT(CallByName(api.Tls(admin), kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  EXPECT_THAT(CallByName(api.Tls(former), kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  // Its key with another role than was given to it.
  statepb::User raised = UserOf(viewer);
  raised.set_role(statepb::User::ROLE_ADMIN);
  api.Change([&](ClusterState& state) { state.users.Put("alice", raised); });
  EXPECT_THAT(CallByName(api.Tls(viewer), kGetCluster),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
}

TEST(CallGuardTest, WhoWasRevokedIsToldSo) {
  TestApi api;
  const pki::TestLeaf admin = api.Operator(pki::OperatorRole::kAdmin);
  api.Register(admin);
  const auto channel = api.Tls(admin);
  EXPECT_THAT(CallByName(channel, kGetCluster), IsOk());
  api.Change([](ClusterState& state) {
    statepb::User revoked = *state.users.Find("alice");
    revoked.set_revoked_seconds(1);
    state.users.Put("alice", revoked);
  });
  EXPECT_THAT(CallByName(channel, kGetCluster), HasReason("USER_REVOKED"));
}

// Its time passes while its connection is there.
TEST(CallGuardTest, WhoseTimeIsOverIsToldSo) {
  TestApi api;
  const pki::TestLeaf admin = api.Operator(pki::OperatorRole::kAdmin);
  api.Register(admin);
  const auto channel = api.Tls(admin);
  EXPECT_THAT(CallByName(channel, kGetCluster), IsOk());
  api.clock().Advance(absl::Hours(2));
  const absl::Status refused = CallByName(channel, kGetCluster);
  EXPECT_THAT(refused, HasReason("BAD_PEER_CERTIFICATE"));
  EXPECT_NE(DetailOf(refused).remedy.find("user add"), std::string::npos);
}

// Every method for every role of a person, as it is served.
TEST(CallGuardTest, EveryMethodForEveryRoleOfPeople) {
  const std::pair<pki::OperatorRole, Role> roles[] = {
      {pki::OperatorRole::kViewer, Role::kViewer},
      {pki::OperatorRole::kOperator, Role::kOperator},
      {pki::OperatorRole::kAdmin, Role::kAdmin}};
  for (const auto& [given, role] : roles) {
    TestApi api;
    api.membership().FailTransfer(absl::UnavailableError("not now"));
    const pki::TestLeaf leaf = api.Operator(given);
    api.Register(leaf);
    api.membership().FailTransfer(absl::UnavailableError("not now"));
    const auto channel = api.Tls(leaf);
    for (const MethodRule& rule : MethodRules()) {
      const std::string reason =
          ReasonOf(CallByName(channel, std::string(rule.method)));
      const bool refused =
          reason == "ROLE_TOO_SMALL" || reason == "METHOD_NOT_ALLOWED";
      EXPECT_EQ(refused, !Authorize({role, "alice", "key"}, rule.method).ok())
          << rule.method << " by " << RoleName(role) << ": " << reason;
    }
  }
}

// Whom he lets in may be root on a voter, with all that this opens.
TEST(CallGuardTest, AnOperatorLetsInWorkersOnly) {
  TestApi api;
  const pki::TestLeaf leaf = api.Operator(pki::OperatorRole::kOperator);
  api.Register(leaf);
  const auto channel = api.Tls(leaf);
  v1::CreateJoinTokenRequest create;
  create.set_member("node4");
  const absl::Status refused = Call(channel, &Cluster::CreateJoinToken, create);
  EXPECT_THAT(refused, HasReason("ROLE_TOO_SMALL"));
  EXPECT_NE(refused.message().find("admin"), absl::string_view::npos);
  create.set_worker(true);
  EXPECT_THAT(Call(channel, &Cluster::CreateJoinToken, create), IsOk());
}

TEST(CallGuardTest, AnOperatorDoesNotSayWhoAdministers) {
  TestApi api;
  const pki::TestLeaf leaf = api.Operator(pki::OperatorRole::kOperator);
  api.Register(leaf);
  const auto channel = api.Tls(leaf);
  v1::UpdateConfigRequest set;
  set.mutable_config()->set_name("configs/cluster.administration");
  set.mutable_config()->set_value("voters");
  EXPECT_THAT(Call(channel, &Configs::UpdateConfig, set),
              HasReason("ROLE_TOO_SMALL"));
  v1::DeleteConfigRequest back;
  back.set_name("configs/cluster.administration");
  EXPECT_THAT(Call(channel, &Configs::DeleteConfig, back),
              HasReason("ROLE_TOO_SMALL"));
  set.mutable_config()->set_name("configs/cluster.voters");
  set.mutable_config()->set_value("5");
  EXPECT_THAT(Call(channel, &Configs::UpdateConfig, set), IsOk());
}

TEST(CallGuardTest, WithoutAMembershipMostMethodsSayWhatToDo) {
  TestApi api({});
  EXPECT_THAT(CallByName(api.Socket(), kGetCluster), IsOk());
  EXPECT_THAT(CallByName(api.Socket(), "microovn.v1.ConfigService/ListConfigs"),
              IsOk());
  for (const MethodRule& rule : MethodRules()) {
    const std::string method(rule.method);
    if (!Authorize({Role::kAdmin, "", ""}, method).ok() ||
        method == kGetCluster ||
        method == "microovn.v1.ConfigService/ListConfigs" ||
        method == "microovn.v1.ClusterService/BootstrapCluster" ||
        method == "microovn.v1.ClusterService/JoinCluster") {
      continue;
    }
    EXPECT_THAT(CallByName(api.Socket(), method), HasReason("NOT_BOOTSTRAPPED"))
        << method;
  }
  api.node().state = v1::GetClusterResponse::STATE_STARTING;
  EXPECT_THAT(CallByName(api.Socket(), "microovn.v1.StatusService/GetStatus"),
              HasReason("STARTING"));
}

TEST(CallGuardTest, ANodeThatWasRemovedSaysSoAndHowToHaveItBack) {
  TestApi api({});
  api.node().former_name = "node3";
  const absl::Status status =
      CallByName(api.Socket(), "microovn.v1.StatusService/GetStatus");
  EXPECT_THAT(status, HasReason("NOT_BOOTSTRAPPED"));
  const std::string remedy = DetailOf(status).remedy;
  EXPECT_NE(remedy.find("was removed from its cluster, where it was node3"),
            std::string::npos)
      << remedy;
  EXPECT_NE(remedy.find("microovn cluster add node3"), std::string::npos);
}

TEST(PeerServiceTest, AJoinerSpeaksForItsOwnTokenOnly) {
  TestApi api;
  const auto channel = api.Tls(api.Joiner(TestId("token-node4")));
  peerpb::AdmitRequest request;
  request.set_token_id(TestId("token-node5"));
  EXPECT_THAT(Call(channel, &Peers::Admit, request),
              HasReason("IDENTITY_MISMATCH"));
  request.set_token_id(TestId("token-node4"));
  request.set_forwarded(true);
  EXPECT_THAT(Call(channel, &Peers::Admit, request),
              HasReason("IDENTITY_MISMATCH"));
  EXPECT_TRUE(api.membership().admitted().empty());
  request.set_forwarded(false);
  EXPECT_THAT(Call(channel, &Peers::Admit, request), IsOk());
  ASSERT_EQ(api.membership().admitted().size(), 1u);
  EXPECT_EQ(api.membership().admitted()[0].token_id(), TestId("token-node4"));
}

TEST(PeerServiceTest, AnAdmissionIsPassedOnOnceAtMost) {
  TestApi api;
  api.membership().Follow(Peer{TestId("node3"), "node3", {"10.0.0.3", 6686}});
  peerpb::AdmitRequest request;
  request.set_token_id(TestId("token-node4"));
  request.set_forwarded(true);
  EXPECT_THAT(Call(api.Tls(api.Certificate("node2")), &Peers::Admit, request),
              HasReason("NO_LEADER"));
  api.membership().Follow(std::nullopt);
  request.set_forwarded(false);
  EXPECT_THAT(
      Call(api.Tls(api.Joiner(TestId("token-node4"))), &Peers::Admit, request),
      HasReason("NO_LEADER"));
}

TEST(PeerServiceTest, AMemberWithdrawsNobodyElse) {
  TestApi api;
  peerpb::WithdrawRequest request;
  request.set_member_id(TestId("node3"));
  EXPECT_THAT(
      Call(api.Tls(api.Certificate("node2")), &Peers::Withdraw, request),
      HasReason("IDENTITY_MISMATCH"));
  EXPECT_TRUE(api.membership().proposals().empty());
}

TEST(PeerServiceTest, AWithdrawalsReasonIsShown) {
  TestApi api;
  peerpb::WithdrawRequest request;
  request.set_member_id(TestId("node2"));
  request.set_reason(std::string(199, 'a') + "\xc3\xa4\xc3\xa4\n");
  // An active member does not withdraw; what was proposed is what counts.
  EXPECT_FALSE(
      Call(api.Tls(api.Certificate("node2")), &Peers::Withdraw, request).ok());
  ASSERT_EQ(api.membership().proposals().size(), 1u);
  const statepb::WithdrawMember body =
      api.membership().proposals()[0].withdraw_member();
  EXPECT_EQ(body.member_id(), TestId("node2"));
  EXPECT_EQ(body.reason(), std::string(197, 'a') + "\xe2\x80\xa6");
}

TEST(PeerServiceTest, CertificatesAreForWhoAsks) {
  TestApi api;
  EXPECT_THAT(Call(api.Tls(api.Certificate("node2")), &Peers::IssueCertificates,
                   peerpb::IssueCertificatesRequest()),
              IsOk());
  EXPECT_EQ(api.membership().issued_for(),
            std::vector<std::string>{TestId("node2")});
}

TEST(PeerServiceTest, WhoDoesNotLeadIssuesNothing) {
  TestApi api;
  api.membership().Follow(std::nullopt);
  const auto channel = api.Tls(api.Certificate("node2"));
  EXPECT_THAT(Call(channel, &Peers::IssueCertificates,
                   peerpb::IssueCertificatesRequest()),
              HasReason("NOT_LEADER"));
}

// It asks its members in turn.
TEST(PeerServiceTest, OnlyTheLeaderHearsThatAJoinIsGivenUp) {
  TestApi api;
  api.membership().Follow(Peer{TestId("node3"), "node3", {"10.0.0.3", 6686}});
  peerpb::WithdrawRequest request;
  request.set_member_id(TestId("node2"));
  EXPECT_THAT(
      Call(api.Tls(api.Certificate("node2")), &Peers::Withdraw, request),
      HasReason("NOT_LEADER"));
  EXPECT_TRUE(api.membership().proposals().empty());
}

TEST(PeerServiceTest, LocalStatusIsThisMembers) {
  TestApi api;
  peerpb::GetLocalStatusResponse response;
  ASSERT_THAT(Call(api.Tls(api.Certificate("node2")), &Peers::GetLocalStatus,
                   peerpb::GetLocalStatusRequest(), &response),
              IsOk());
  EXPECT_EQ(response.member_id(), TestId("node1"));
}

}  // namespace
}  // namespace microovn::agent
