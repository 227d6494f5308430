// SPDX-License-Identifier: Apache-2.0
// What a member does not do itself: two members of one cluster, over real
// connections. node1 is asked; node2 leads it.
#include <unistd.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/server/caller.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "base/file/file.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"
#include "microovn/v1/certificate.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/config.grpc.pb.h"
#include "microovn/v1/service.grpc.pb.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

using Certificates = v1::CertificateService::Stub;
using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using Ovn = v1::OvnService::Stub;
using Peers = peerpb::PeerService::Stub;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ForwardingTest : public testing::Test {
 protected:
  ForwardingTest() {
    leader_->membership().Follow(
        Peer{TestId("node2"), "node2", leader_->Listen()});
    asked_.membership().Follow(
        Peer{TestId("node2"), "node2", leader_->Listen()});
  }

  // At node1's socket.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Ask(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request) {
    Response response;
    const absl::Status status =
        Call(asked_.Socket(), method, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  v1::CreateJoinTokenRequest TokenFor(const std::string& name) {
    v1::CreateJoinTokenRequest create;
    create.set_member(name);
    create.set_request_id("once");
    create.mutable_ttl()->set_seconds(300);
    return create;
  }

  static v1::UpdateConfigRequest SettingTo(const std::string& voters) {
    v1::UpdateConfigRequest request;
    request.mutable_config()->set_name("configs/cluster.voters");
    request.mutable_config()->set_value(voters);
    request.set_request_id("once");
    return request;
  }

  // The cluster's state has the CA that the certificates are of.
  void KnowTheCa() {
    const std::string pem = leader_->pki().cluster_ca().certificate().ToPem();
    leader_->Change([&pem](ClusterState& state) {
      const std::string key = AuthorityKey(statepb::PLANE_CLUSTER);
      statepb::Authority authority = *state.authorities.Find(key);
      authority.set_bundle_pem(pem);
      state.authorities.Put(key, authority);
    });
  }

  // At the leader, as a member would that says so of who asked it.
  absl::Status AskAs(const pki::TestLeaf& caller, const statepb::Asker& asker,
                     const std::string& certificate) {
    grpc::ClientContext context;
    statepb::Asker shown = asker;
    shown.set_member_id(TestId("node1"));
    context.AddMetadata("microovn-asker-bin", shown.SerializeAsString());
    if (!certificate.empty()) {
      context.AddMetadata("microovn-asker-certificate-bin", certificate);
    }
    v1::UpdateConfigRequest request = SettingTo("5");
    request.clear_request_id();
    v1::UpdateConfigResponse response;
    Configs stub(leader_->Tls(caller));
    return FromGrpcStatus(stub.UpdateConfig(&context, request, &response));
  }
  absl::Status AskAs(const std::string& member, const statepb::Asker& asker,
                     const std::string& certificate) {
    return AskAs(leader_->Certificate(member), asker, certificate);
  }

  TestApi asked_{{"node1", "node2", "node3"}};
  std::unique_ptr<TestApi> leader_ = std::make_unique<TestApi>(asked_, "node2");
};

TEST_F(ForwardingTest, ATokenIsMadeByWhoLeads) {
  const auto token = Ask(&Cluster::CreateJoinToken, TokenFor("node4"));
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->token(), "token-of-node4");
  EXPECT_THAT(asked_.membership().tokens(), IsEmpty());
  const auto made = leader_->membership().tokens();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].member_name(), "node4");
  EXPECT_EQ(made[0].ttl_seconds(), 300);
  EXPECT_EQ(made[0].request_id(), "once") << "or a repeated one makes a second";
}

TEST_F(ForwardingTest, ALeaderThatLeadsNoMoreSaysSo) {
  leader_->membership().Follow(std::nullopt);
  EXPECT_THAT(Ask(&Cluster::CreateJoinToken, TokenFor("node4")),
              HasReason("NOT_LEADER"));
  EXPECT_THAT(leader_->membership().tokens(), IsEmpty());
}

TEST_F(ForwardingTest, ALeaderThatDoesNotAnswerIsNamed) {
  leader_ = nullptr;
  const auto token = Ask(&Cluster::CreateJoinToken, TokenFor("node4"));
  EXPECT_THAT(token, HasReason("MEMBER_UNREACHABLE"));
  EXPECT_THAT(std::string(token.status().message()), HasSubstr("node2"));
  v1::ListCertificatesRequest list;
  list.set_parent("members/node2");
  EXPECT_THAT(Ask(&Certificates::ListCertificates, list),
              HasReason("MEMBER_UNREACHABLE"));
}

// Each method of the table, with a request that says nothing: what is refused,
// the leader has refused.
TEST_F(ForwardingTest, WhatChangesTheClusterIsDoneByWhoLeads) {
  leader_->membership().LoseQuorum();
  for (const char* other : {"node1", "node3"}) {
    leader_->membership().Answer(TestId(other), absl::UnavailableError("off"));
  }
  int asked = 0;
  for (const MethodRule& rule : MethodRules()) {
    const std::string method(rule.method);
    if (rule.done_by != DoneBy::kLeader) continue;
    ++asked;
    const absl::Status here = CallByName(leader_->Socket(), method);
    EXPECT_FALSE(here.ok()) << method;
    const absl::Status there = CallByName(asked_.Socket(), method);
    EXPECT_EQ(ReasonOf(there), ReasonOf(here)) << method;
    EXPECT_EQ(there.message(), here.message()) << method;
    EXPECT_EQ(DetailOf(there).remedy, DetailOf(here).remedy) << method;
  }
  EXPECT_EQ(asked, 15);
  EXPECT_THAT(asked_.membership().proposals(), IsEmpty());
}

TEST_F(ForwardingTest, ASettingIsPlannedByWhoLeads) {
  const auto set = Ask(&Configs::UpdateConfig, SettingTo("5"));
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->config().value(), "5");
  EXPECT_THAT(asked_.membership().proposals(), IsEmpty());
  const auto proposals = leader_->membership().proposals();
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].set_config().value(), "5");
  EXPECT_EQ(proposals[0].request_id(), "once");
  EXPECT_EQ(proposals[0].asker().uid(), getuid());
  EXPECT_EQ(proposals[0].asker().member_id(), TestId("node1"));
  // The same request at the leader is the same request.
  EXPECT_THAT(Call(leader_->Socket(), &Configs::UpdateConfig, SettingTo("5")),
              IsOk());
  v1::UpdateConfigRequest other = SettingTo("3");
  EXPECT_THAT(Ask(&Configs::UpdateConfig, other),
              HasReason("REQUEST_ID_REUSED"));
  other.set_request_id("another");
  other.set_validate_only(true);
  const auto planned = Ask(&Configs::UpdateConfig, other);
  ASSERT_THAT(planned, IsOk());
  EXPECT_THAT(planned->plan().steps(0).description(), HasSubstr("from 5 to 3"));
}

TEST_F(ForwardingTest, WhoNamesNoMemberMeansTheOneThatIsAsked) {
  v1::EnableServiceRequest enable;
  enable.set_service(v1::SERVICE_CENTRAL);
  enable.set_validate_only(true);
  const absl::Status here = Call(asked_.Socket(), &Ovn::EnableService, enable);
  google::longrunning::Operation planned;
  v1::DisableServiceRequest disable;
  disable.set_service(v1::SERVICE_CENTRAL);
  disable.set_validate_only(true);
  disable.set_allow_disable_last_central(true);
  ASSERT_THAT(Call(asked_.Socket(), &Ovn::DisableService, disable, &planned),
              IsOk());
  v1::OperationMetadata metadata;
  ASSERT_TRUE(planned.metadata().UnpackTo(&metadata));
  EXPECT_THAT(metadata.target(), HasSubstr("node1"));
  EXPECT_FALSE(here.ok());
}

// The one that loses the lead while it is asked: nothing was done, and the next
// one does it.
TEST_F(ForwardingTest, TheNextLeaderIsAsked) {
  leader_->membership().Follow(std::nullopt);
  std::thread election([this] {
    absl::SleepFor(absl::Milliseconds(500));
    leader_->membership().Follow(
        Peer{TestId("node2"), "node2", leader_->Listen()});
  });
  EXPECT_THAT(Ask(&Configs::UpdateConfig, SettingTo("5")), IsOk());
  election.join();
  EXPECT_EQ(leader_->membership().proposals().size(), 1u);
}

// With a request id it is asked again, and answered as the first time.
TEST_F(ForwardingTest, AnAnswerThatIsLostIsAskedForAgain) {
  leader_->membership().LoseAnswers(1);
  EXPECT_THAT(Ask(&Configs::UpdateConfig, SettingTo("5")), IsOk());
  EXPECT_EQ(leader_->membership().proposals().size(), 2u);
  leader_->membership().LoseAnswers(1);
  v1::UpdateConfigRequest nameless = SettingTo("3");
  nameless.clear_request_id();
  EXPECT_THAT(Ask(&Configs::UpdateConfig, nameless),
              HasReason("MEMBER_UNREACHABLE"));
  EXPECT_EQ(leader_->membership().proposals().size(), 3u);
}

TEST_F(ForwardingTest, AUserIsKnownInEachCallOfAConnection) {
  const auto channel = asked_.Socket();
  for (const char* voters : {"5", "3", "5"}) {
    v1::UpdateConfigRequest request = SettingTo(voters);
    request.clear_request_id();
    EXPECT_THAT(Call(channel, &Configs::UpdateConfig, request), IsOk());
  }
  for (const statepb::Command& proposed : leader_->membership().proposals()) {
    EXPECT_TRUE(proposed.asker().has_uid());
    EXPECT_EQ(proposed.asker().uid(), getuid());
  }
}

// Each takes the other one for the leader.
TEST_F(ForwardingTest, ARequestIsPassedOnOnce) {
  leader_->membership().Follow(Peer{TestId("node1"), "node1", asked_.Listen()});
  EXPECT_THAT(Ask(&Configs::UpdateConfig, SettingTo("5")),
              HasReason("NOT_LEADER"));
  EXPECT_THAT(asked_.membership().proposals(), IsEmpty());
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
}

// What is done in its name is what its certificate allows, judged by who leads.
TEST_F(ForwardingTest, APersonsCertificateGoesWithTheRequest) {
  KnowTheCa();
  const auto ask = [this](pki::OperatorRole role, bool registered) {
    const pki::TestLeaf leaf = leader_->Operator(role);
    if (registered) leader_->Register(leaf);
    return AskAs("node1", statepb::Asker(), leaf.certificate.ToPem());
  };
  EXPECT_THAT(ask(pki::OperatorRole::kOperator, false),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  EXPECT_THAT(ask(pki::OperatorRole::kViewer, true),
              HasReason("ROLE_TOO_SMALL"));
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
  EXPECT_THAT(ask(pki::OperatorRole::kOperator, true), IsOk());
  const auto proposals = leader_->membership().proposals();
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].asker().operator_(), "alice");
  EXPECT_FALSE(proposals[0].asker().has_uid());
}

TEST_F(ForwardingTest, WhoIsPassedOnIsAPersonOfThisCluster) {
  KnowTheCa();
  statepb::Asker user;
  user.set_operator_("alice");
  EXPECT_THAT(AskAs("node1", user, ""), HasReason("BAD_PEER_CERTIFICATE"))
      << "a name is no certificate";
  EXPECT_THAT(
      AskAs("node1", user, leader_->Certificate("node3").certificate.ToPem()),
      HasReason("BAD_PEER_CERTIFICATE"))
      << "a member's is not a person's";
  TestApi other;
  EXPECT_THAT(
      AskAs("node1", user,
            other.Operator(pki::OperatorRole::kAdmin).certificate.ToPem()),
      HasReason("BAD_PEER_CERTIFICATE"))
      << "of another CA";
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
}

// Over TLS, and registered.
TEST_F(ForwardingTest, OnlyAMemberPassesOn) {
  statepb::Asker root;
  root.set_uid(0);
  EXPECT_THAT(AskAs("node1", root, ""), IsOk());
  const size_t before = leader_->membership().proposals().size();
  const pki::TestLeaf stranger =
      leader_->Stranger("node1", leader_->pki().cluster_id());
  EXPECT_THAT(AskAs(stranger, root, ""),
              HasReason("CERTIFICATE_NOT_REGISTERED"));
  EXPECT_THAT(AskAs(leader_->Joiner(TestId("token-node4")), root, ""),
              HasReason("METHOD_NOT_ALLOWED"));
  const pki::TestLeaf viewer = leader_->Operator(pki::OperatorRole::kViewer);
  EXPECT_THAT(AskAs(viewer, root, ""), HasReason("ROLE_TOO_SMALL"));
  // Nobody said who asks.
  EXPECT_THAT(Call(leader_->Tls(leader_->Certificate("node1")),
                   &Configs::UpdateConfig, SettingTo("3")),
              HasReason("METHOD_NOT_ALLOWED"));
  EXPECT_EQ(leader_->membership().proposals().size(), before);
}

TEST_F(ForwardingTest, AJoinerIsAdmittedThroughWhoFollows) {
  peerpb::AdmitRequest request;
  request.set_token_id(TestId("token-node4"));
  request.set_name("node4");
  EXPECT_THAT(Call(asked_.Tls(asked_.Joiner(TestId("token-node4"))),
                   &Peers::Admit, request),
              IsOk());
  EXPECT_THAT(asked_.membership().admitted(), IsEmpty());
  const auto admitted = leader_->membership().admitted();
  ASSERT_EQ(admitted.size(), 1u);
  EXPECT_EQ(admitted[0].token_id(), TestId("token-node4"));
  EXPECT_EQ(admitted[0].name(), "node4");
  EXPECT_TRUE(admitted[0].forwarded()) << "it would go round for ever";
}

// Each takes the other one for the leader.
TEST_F(ForwardingTest, AnAdmissionDoesNotGoRound) {
  leader_->membership().Follow(Peer{TestId("node1"), "node1", asked_.Listen()});
  peerpb::AdmitRequest request;
  request.set_token_id(TestId("token-node4"));
  EXPECT_THAT(Call(asked_.Tls(asked_.Joiner(TestId("token-node4"))),
                   &Peers::Admit, request),
              HasReason("NO_LEADER"));
}

TEST_F(ForwardingTest, AMembersCertificatesAreThoseOfItsDisk) {
  ASSERT_OK(MakeDirectories(leader_->pki_directory(), 0700));
  ASSERT_OK(WriteFile(leader_->pki_directory() + "/cacert.pem",
                      leader_->pki().OvnBundle().ToPem(), 0600));
  v1::ListCertificatesRequest list;
  list.set_parent("members/node2");
  const auto listed = Ask(&Certificates::ListCertificates, list);
  ASSERT_THAT(listed, IsOk());
  ASSERT_GT(listed->certificates_size(), 1);
  EXPECT_EQ(listed->certificates(0).name(), "members/node2/certificates/ca");
  EXPECT_EQ(listed->certificates(0).certificate_state(),
            v1::Certificate::FILE_STATE_PRESENT);
  // This one's has none.
  const auto own =
      Ask(&Certificates::ListCertificates, v1::ListCertificatesRequest());
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->certificates(0).name(), "members/node1/certificates/ca");
  EXPECT_EQ(own->certificates(0).certificate_state(),
            v1::Certificate::FILE_STATE_MISSING);
}

TEST_F(ForwardingTest, CertificatesAreReissuedOnTheMemberThatIsNamed) {
  v1::ReissueCertificatesRequest reissue;
  reissue.set_parent("members/node2");
  reissue.set_service("client");
  reissue.set_validate_only(true);
  ASSERT_THAT(Ask(&Certificates::ReissueCertificates, reissue), IsOk());
  EXPECT_THAT(leader_->membership().reissued(), IsEmpty());
  reissue.set_validate_only(false);
  const auto done = Ask(&Certificates::ReissueCertificates, reissue);
  ASSERT_THAT(done, IsOk());
  EXPECT_THAT(done->reissued(), ElementsAre("client"));
  EXPECT_THAT(leader_->membership().reissued(),
              ElementsAre(ElementsAre(pki::OvnService::kClient)));
  EXPECT_THAT(asked_.membership().reissued(), IsEmpty());
  // It came in at node1, whose user the test is.
  const auto askers = leader_->membership().reissue_askers();
  ASSERT_EQ(askers.size(), 1u);
  EXPECT_EQ(askers[0].member_id(), TestId("node1"));
  EXPECT_TRUE(askers[0].has_uid());
  EXPECT_EQ(askers[0].uid(), getuid());

  leader_->membership().FailReissue(absl::UnavailableError("its disk is full"));
  const auto failed = Ask(&Certificates::ReissueCertificates, reissue);
  ASSERT_THAT(failed, IsOk());
  EXPECT_THAT(failed->failed(), ElementsAre("client"));
  EXPECT_THAT(failed->errors(), ElementsAre("its disk is full"));
}

// Whatever it says of itself: what is believed is its certificate.
TEST_F(ForwardingTest, AMemberSpeaksForItsOwnUsers) {
  v1::ReissueCertificatesRequest reissue;
  reissue.set_parent("members/node2");
  reissue.set_service("client");
  statepb::Asker forged;
  forged.set_uid(0);
  forged.set_member_id(TestId("node3"));
  forged.set_via_member_id(TestId("node3"));
  grpc::ClientContext context;
  context.AddMetadata("microovn-asker-bin", forged.SerializeAsString());
  v1::ReissueCertificatesResponse response;
  Certificates stub(leader_->Tls(leader_->Certificate("node1")));
  ASSERT_TRUE(stub.ReissueCertificates(&context, reissue, &response).ok());
  const auto askers = leader_->membership().reissue_askers();
  ASSERT_EQ(askers.size(), 1u);
  EXPECT_EQ(askers[0].member_id(), TestId("node1"));
  EXPECT_EQ(askers[0].via_member_id(), "");
}

// At the socket nobody passes anything on.
TEST_F(ForwardingTest, AUserIsWhoTheKernelSays) {
  v1::ReissueCertificatesRequest reissue;
  reissue.set_service("client");
  statepb::Asker forged;
  forged.set_uid(4242);
  grpc::ClientContext context;
  context.AddMetadata("microovn-asker-bin", forged.SerializeAsString());
  context.AddMetadata("microovn_uid", "4242");
  v1::ReissueCertificatesResponse response;
  Certificates stub(leader_->Socket());
  ASSERT_TRUE(stub.ReissueCertificates(&context, reissue, &response).ok());
  const auto askers = leader_->membership().reissue_askers();
  ASSERT_EQ(askers.size(), 1u);
  EXPECT_EQ(askers[0].uid(), getuid());
  EXPECT_EQ(askers[0].member_id(), TestId("node2"));
}

TEST_F(ForwardingTest, ATokensAskerIsNamedByWhoMakesIt) {
  ASSERT_THAT(Ask(&Cluster::CreateJoinToken, TokenFor("node4")), IsOk());
  const auto made = leader_->membership().tokens();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_EQ(made[0].asker().member_id(), TestId("node1"));
  EXPECT_EQ(made[0].asker().via_member_id(), "");
  EXPECT_EQ(made[0].asker().uid(), getuid());
}

// The other end judges who asks: a member that was removed is one no more,
// whatever it believes of itself.
TEST_F(ForwardingTest, WhoWasRemovedIsNotServedByOthers) {
  leader_->Change([](ClusterState& state) {
    state.members.Erase(TestId("node1"));
    statepb::Tombstone tombstone;
    tombstone.set_member_id(TestId("node1"));
    state.tombstones.Put(TestId("node1"), tombstone);
  });
  EXPECT_THAT(Ask(&Cluster::CreateJoinToken, TokenFor("node4")),
              HasReason("MEMBER_REMOVED"));
  EXPECT_THAT(leader_->membership().tokens(), IsEmpty());
}

// A join that was given up: the joiner says so, and waits until the cluster has
// forgotten it.
TEST_F(ForwardingTest, AJoinThatIsGivenUpIsForgottenBeforeTheAnswer) {
  FakeMembership& leader = leader_->membership();
  const pki::TestLeaf node4 =
      leader_->Stranger("node4", leader_->pki().cluster_id());
  ASSERT_THAT(leader.Propose(CreateTokenCommand("node4"), kProposeTimeout),
              IsOk());
  statepb::Command admit = AdmitCommand("node4");
  statepb::Member* member = admit.mutable_admit_member()->mutable_member();
  member->clear_spki_sha256();
  member->add_spki_sha256(node4.certificate.public_key().Fingerprint());
  member->set_certificate_pem(node4.certificate.ToPem());
  ASSERT_THAT(leader.Propose(admit, kProposeTimeout), IsOk());
  const auto withdrawal = [&leader] {
    const statepb::Member* left = leader.state()->members.Find(TestId("node4"));
    return left == nullptr ? "forgotten" : left->withdrawal();
  };

  // Who takes it back when the withdrawal is there.
  std::thread cluster([&] {
    StateSnapshot state = leader.store().Current();
    while (withdrawal().empty()) {
      const auto next = leader.store().WaitForChange(state, absl::Seconds(20));
      ASSERT_THAT(next, IsOk());
      state = *next;
    }
    statepb::Command back;
    back.mutable_take_back_member()->set_member_id(TestId("node4"));
    back.mutable_take_back_member()->set_reason("withdrawn");
    EXPECT_THAT(leader.Propose(back, kProposeTimeout), IsOk());
  });
  peerpb::WithdrawRequest request;
  request.set_member_id(TestId("node4"));
  EXPECT_THAT(Call(leader_->Tls(node4), &Peers::Withdraw, request), IsOk());
  EXPECT_EQ(withdrawal(), "forgotten");
  cluster.join();
  EXPECT_EQ(leader.state()->tokens.Find(TestId("token-node4"))->state(),
            statepb::JoinToken::STATE_ACTIVE)
      << "its token is good again";
}

}  // namespace
}  // namespace microovn::agent
