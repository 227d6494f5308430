// SPDX-License-Identifier: Apache-2.0
// Who is let in, and to what, over real connections.
#include "agent/service/call_guard.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "agent/server/caller.h"
#include "agent/server/live_calls.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/event.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using Cluster = v1::ClusterService::Stub;
using Peers = peerpb::PeerService::Stub;

constexpr char kGetCluster[] = "microovn.v1.ClusterService/GetCluster";
constexpr char kAdmit[] = "microovn.internal.peer.v1.PeerService/Admit";

void Register(TestApi& api, const pki::TestLeaf& leaf) {
  statepb::Command command;
  auto* record = command.mutable_record_certificates()->add_certificates();
  *record = TestCertificate("operator", "node1", "operator");
  record->set_plane(statepb::PLANE_CLUSTER);
  record->set_spki_sha256(leaf.certificate.public_key().Fingerprint());
  record->set_not_after_seconds(
      absl::ToUnixSeconds(leaf.certificate.not_after()));
  ASSERT_THAT(api.membership().Propose(command, kProposeTimeout), IsOk());
}

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
  Register(api, viewer);
  EXPECT_THAT(CallByName(channel, kGetCluster), IsOk());
  for (const char* method : {"microovn.v1.ConfigService/UpdateConfig",
                             "microovn.v1.ConfigService/DeleteConfig",
                             "microovn.v1.ClusterService/RemoveMember",
                             "microovn.v1.ClusterService/CreateJoinToken",
                             "microovn.v1.OvnService/EnableService"}) {
    EXPECT_THAT(CallByName(channel, method), HasReason("METHOD_NOT_ALLOWED"));
  }
}

TEST(CallGuardTest, AnOperatorMayWriteAndNotBootstrap) {
  TestApi api;
  const pki::TestLeaf leaf = api.Operator(pki::OperatorRole::kOperator);
  Register(api, leaf);
  const auto channel = api.Tls(leaf);
  EXPECT_THAT(CallByName(channel, "microovn.v1.ClusterService/JoinCluster"),
              HasReason("METHOD_NOT_ALLOWED"));
  EXPECT_THAT(CallByName(channel, "microovn.v1.ConfigService/UpdateConfig"),
              testing::Not(HasReason("METHOD_NOT_ALLOWED")));
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
