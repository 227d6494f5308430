// SPDX-License-Identifier: Apache-2.0
// Where people ask, over real connections: node1 is asked, node2 leads and
// votes, alone where a test says so.
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/server/caller.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/features.h"
#include "agent/state/values/users.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "microovn/v1/certificate.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/config.grpc.pb.h"

namespace microovn::agent {
namespace {

using Certificates = v1::CertificateService::Stub;
using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kRefused[] = "NOT_ADMINISTERED_HERE";

class AdministrationCheckTest : public testing::Test {
 protected:
  AdministrationCheckTest() { LeadAtNode2(); }

  void LeadAtNode2() {
    for (TestApi* api : {&asked_, leader_.get()}) {
      api->membership().Follow(
          Peer{TestId("node2"), "node2", leader_->Listen()});
      api->membership().SetVoters({TestId("node2")});
    }
  }
  // What the cluster knows, on both.
  void Know(const std::function<void(ClusterState&)>& change) {
    leader_->Change(change);
    asked_.Change(change);
    LeadAtNode2();
  }
  void MakeWorker(const std::string& name) {
    Know([&name](ClusterState& state) {
      statepb::Member member = *state.members.Find(TestId(name));
      member.set_worker(true);
      state.members.Put(member.member_id(), member);
    });
  }
  void AdministerOnVoters() {
    Know([](ClusterState& state) {
      MustApply(state, SetConfigCommand("cluster.administration", "voters"));
    });
  }
  static v1::UpdateConfigRequest Setting(const std::string& key,
                                         const std::string& value) {
    v1::UpdateConfigRequest request;
    request.mutable_config()->set_name("configs/" + key);
    request.mutable_config()->set_value(value);
    return request;
  }
  absl::Status Set(TestApi& where, const std::string& key,
                   const std::string& value) {
    return Call(where.Socket(), &Configs::UpdateConfig, Setting(key, value));
  }
  // As a member may say whatever it likes of who asked it: nobody, then, but
  // the certificate, if there is one.
  absl::Status PassOn(const std::string& member, const std::string& pem) {
    grpc::ClientContext context;
    statepb::Asker asker;
    asker.set_member_id(TestId("node2"));
    if (pem.empty()) asker.set_uid(0);
    context.AddMetadata("microovn-asker-bin", asker.SerializeAsString());
    if (!pem.empty()) {
      context.AddMetadata("microovn-asker-certificate-bin", pem);
    }
    v1::UpdateConfigResponse response;
    Configs stub(leader_->Tls(leader_->Certificate(member)));
    return FromGrpcStatus(
        stub.UpdateConfig(&context, Setting("cluster.voters", "5"), &response));
  }
  // Known to the leader, and to be shown.
  pki::TestLeaf Operator(
      pki::OperatorRole role = pki::OperatorRole::kOperator) {
    pki::TestLeaf leaf = leader_->Operator(role);
    const std::string roots = leader_->pki().cluster_ca().certificate().ToPem();
    Know([&](ClusterState& state) {
      const std::string key = AuthorityKey(statepb::PLANE_CLUSTER);
      statepb::Authority authority = *state.authorities.Find(key);
      authority.set_bundle_pem(roots);
      state.authorities.Put(key, authority);
      statepb::User user = UserOf(leaf);
      user.set_issuer_sha256(IssuerDigest(authority.certificate_pem()));
      state.users.Put("alice", user);
    });
    return leaf;
  }

  TestApi asked_{{"node1", "node2", "node3"}};
  std::unique_ptr<TestApi> leader_ = std::make_unique<TestApi>(asked_, "node2");
};

TEST_F(AdministrationCheckTest, NothingThatIsAskedOnAWorkerIsDone) {
  MakeWorker("node1");
  // The leader goes on leading, whatever is asked of it.
  leader_->membership().FailTransfer(absl::UnavailableError("not now"));
  int asked = 0;
  for (const MethodRule& rule : MethodRules()) {
    if (rule.done_by != DoneBy::kLeader) continue;
    ++asked;
    EXPECT_THAT(CallByName(asked_.Socket(), std::string(rule.method)),
                HasReason(kRefused))
        << rule.method;
    EXPECT_NE(ReasonOf(CallByName(leader_->Socket(), std::string(rule.method))),
              kRefused)
        << rule.method;
  }
  EXPECT_EQ(asked, 15);
  for (const statepb::Command& done : leader_->membership().proposals()) {
    EXPECT_EQ(done.asker().member_id(), TestId("node2")) << "asked there";
  }
  EXPECT_THAT(leader_->membership().tokens(), IsEmpty());
  const size_t before = leader_->membership().proposals().size();
  const absl::Status refused = Set(asked_, "cluster.voters", "5");
  EXPECT_THAT(refused, HasReason(kRefused));
  EXPECT_EQ(leader_->membership().proposals().size(), before);
  EXPECT_THAT(DetailOf(refused).remedy, HasSubstr(": node2, node3"));
  EXPECT_THAT(Set(*leader_, "cluster.voters", "5"), IsOk());
}

TEST_F(AdministrationCheckTest, AWorkerIsKnownByItsCertificate) {
  MakeWorker("node1");
  EXPECT_THAT(PassOn("node1", ""), HasReason(kRefused));
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
  EXPECT_THAT(PassOn("node3", ""), IsOk());
}

// Who has shown it to a worker has shown it to root there.
TEST_F(AdministrationCheckTest, APersonsCertificateIsWorthNothingFromAWorker) {
  const pki::TestLeaf person = Operator();
  EXPECT_THAT(PassOn("node1", person.certificate.ToPem()), IsOk());
  MakeWorker("node1");
  EXPECT_THAT(PassOn("node1", person.certificate.ToPem()), HasReason(kRefused));
  EXPECT_THAT(Call(leader_->Tls(person), &Configs::UpdateConfig,
                   Setting("cluster.voters", "3")),
              IsOk());
}

TEST_F(AdministrationCheckTest, AWorkerReadsWhatAnyMemberReads) {
  MakeWorker("node1");
  for (const char* method : {"microovn.v1.ClusterService/ListMembers",
                             "microovn.v1.ClusterService/ListJoinTokens",
                             "microovn.v1.ConfigService/ListConfigs",
                             "google.longrunning.Operations/ListOperations"}) {
    EXPECT_THAT(CallByName(asked_.Socket(), method), IsOk()) << method;
  }
}

TEST_F(AdministrationCheckTest, AWorkersOwnCertificatesAreItsOwn) {
  MakeWorker("node1");
  v1::ReissueCertificatesRequest reissue;
  reissue.set_service("client");
  reissue.set_parent("members/node2");
  EXPECT_THAT(
      Call(asked_.Socket(), &Certificates::ReissueCertificates, reissue),
      HasReason(kRefused));
  EXPECT_THAT(leader_->membership().reissued(), IsEmpty());
  reissue.set_parent("members/node1");
  EXPECT_THAT(
      Call(asked_.Socket(), &Certificates::ReissueCertificates, reissue),
      IsOk());
  EXPECT_THAT(asked_.membership().reissued(), testing::SizeIs(1));
  // Others' by who may.
  EXPECT_THAT(
      Call(leader_->Socket(), &Certificates::ReissueCertificates, reissue),
      IsOk());
}

TEST_F(AdministrationCheckTest, OnVotersOnlyAStandByIsRefused) {
  EXPECT_THAT(Set(asked_, "cluster.voters", "5"), IsOk());
  AdministerOnVoters();
  const absl::Status refused = Set(asked_, "cluster.voters", "3");
  EXPECT_THAT(refused, HasReason(kRefused));
  EXPECT_THAT(DetailOf(refused).remedy, testing::EndsWith(": node2"));
  v1::DeleteConfigRequest back;
  back.set_name("configs/cluster.administration");
  EXPECT_THAT(Call(asked_.Socket(), &Configs::DeleteConfig, back),
              HasReason(kRefused));
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
  // The vote takes it along.
  leader_->membership().SetVoters({TestId("node1"), TestId("node2")});
  EXPECT_THAT(Call(asked_.Socket(), &Configs::DeleteConfig, back), IsOk());
}

// It says so for itself, also where the snap asks before a refresh.
TEST_F(AdministrationCheckTest, AStandByTakesTheUpgradeSlotForItself) {
  constexpr char kSlot[] = "cluster.upgrade-slot";
  AdministerOnVoters();
  v1::DeleteConfigRequest give_back;
  give_back.set_name("configs/cluster.upgrade-slot");
  EXPECT_THAT(Set(asked_, kSlot, "node3"), HasReason(kRefused));
  EXPECT_THAT(Set(asked_, kSlot, "node1"), IsOk());
  EXPECT_THAT(Call(asked_.Socket(), &Configs::DeleteConfig, give_back), IsOk());
  EXPECT_THAT(Set(*leader_, kSlot, "node3"), IsOk());
  EXPECT_THAT(Call(asked_.Socket(), &Configs::DeleteConfig, give_back),
              HasReason(kRefused));
  EXPECT_THAT(Set(asked_, kSlot, "node1"), HasReason(kRefused));
  EXPECT_THAT(Call(leader_->Socket(), &Configs::DeleteConfig, give_back),
              IsOk());
  // A worker, which nobody waits for, needs none.
  MakeWorker("node1");
  EXPECT_THAT(Set(asked_, kSlot, "node1"), HasReason(kRefused));
}

TEST_F(AdministrationCheckTest, WhoSetsItIsNotShutOut) {
  EXPECT_THAT(Set(asked_, "cluster.administration", "voters"),
              HasReason("WOULD_SHUT_OUT_ASKER"));
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
  EXPECT_THAT(Set(*leader_, "cluster.administration", "voters"), IsOk());
  EXPECT_THAT(Set(*leader_, "cluster.administration", "members"), IsOk());
  EXPECT_THAT(Set(asked_, "cluster.administration", "members"), IsOk());
}

// An administrator's certificate does it, from wherever a voter takes it.
TEST_F(AdministrationCheckTest, ByCertificatesNoSocketChangesAnything) {
  EXPECT_THAT(Set(*leader_, "cluster.administration", "certificates"),
              HasReason("NO_ADMIN_CERTIFICATE"));
  const pki::TestLeaf admin = Operator(pki::OperatorRole::kAdmin);
  ASSERT_THAT(Set(*leader_, "cluster.administration", "certificates"), IsOk());
  for (const MethodRule& rule : MethodRules()) {
    if (rule.done_by != DoneBy::kLeader) continue;
    EXPECT_THAT(CallByName(leader_->Socket(), std::string(rule.method)),
                HasReason("ADMINISTERED_BY_CERTIFICATE"))
        << rule.method;
  }
  EXPECT_THAT(Call(leader_->Tls(admin), &Configs::UpdateConfig,
                   Setting("cluster.voters", "5")),
              IsOk());
  EXPECT_THAT(PassOn("node2", admin.certificate.ToPem()), IsOk());
  EXPECT_THAT(PassOn("node3", admin.certificate.ToPem()), HasReason(kRefused))
      << "its root has seen that certificate";
  // Its time passes: the voters' root is back, and nobody is locked out.
  leader_->clock().Advance(absl::Hours(2));
  EXPECT_THAT(Set(*leader_, "cluster.voters", "3"), IsOk());
}

// By another leader, of which this one has not heard yet.
TEST_F(AdministrationCheckTest, WhoWasRevokedElsewhereChangesNothingMore) {
  const pki::TestLeaf person = Operator();
  leader_->membership().CommitElsewhere(RevokeUserCommand("alice"));
  EXPECT_THAT(Call(leader_->Tls(person), &Configs::UpdateConfig,
                   Setting("cluster.voters", "5")),
              HasReason("USER_REVOKED"));
  EXPECT_THAT(PassOn("node3", person.certificate.ToPem()),
              HasReason("USER_REVOKED"));
  EXPECT_THAT(leader_->membership().proposals(), IsEmpty());
}

TEST_F(AdministrationCheckTest, RootOnAVoterTakesCertificatesBack) {
  Operator(pki::OperatorRole::kAdmin);
  ASSERT_THAT(Set(*leader_, "cluster.administration", "certificates"), IsOk());
  const auto back = [this](const std::string& member, uint32_t uid,
                           const std::string& value) {
    grpc::ClientContext context;
    statepb::Asker asker;
    asker.set_uid(uid);
    context.AddMetadata("microovn-asker-bin", asker.SerializeAsString());
    v1::UpdateConfigResponse response;
    Configs stub(leader_->Tls(leader_->Certificate(member)));
    return FromGrpcStatus(stub.UpdateConfig(
        &context, Setting("cluster.administration", value), &response));
  };
  EXPECT_THAT(back("node2", 1000, "voters"),
              HasReason("ADMINISTERED_BY_CERTIFICATE"));
  EXPECT_THAT(back("node2", 0, "members"),
              HasReason("ADMINISTERED_BY_CERTIFICATE"));
  EXPECT_THAT(back("node3", 0, "voters"), HasReason(kRefused));
  EXPECT_THAT(back("node2", 0, "voters"), IsOk());
  EXPECT_EQ(leader_->membership().proposals().back().asker().uid(), 0u);
  EXPECT_THAT(Set(*leader_, "cluster.voters", "5"), IsOk());
}

TEST_F(AdministrationCheckTest, AMemberStillTakesItsUpgradeSlot) {
  Operator(pki::OperatorRole::kAdmin);
  ASSERT_THAT(Set(*leader_, "cluster.administration", "certificates"), IsOk());
  EXPECT_THAT(Set(asked_, "cluster.upgrade-slot", "node1"), IsOk());
  EXPECT_THAT(Set(asked_, "cluster.voters", "5"), HasReason(kRefused));
}

// A new leader has to have applied what was set before it led.
TEST_F(AdministrationCheckTest, WhatWasSetHoldsBeforeALeaderHasHeardOfIt) {
  leader_->membership().CommitElsewhere(
      SetConfigCommand("cluster.administration", "voters"));
  EXPECT_THAT(Set(asked_, "cluster.voters", "5"), HasReason(kRefused));
  leader_->membership().LoseQuorum();
  for (const char* other : {"node1", "node2"}) {
    leader_->membership().Answer(TestId(other), absl::UnavailableError("off"));
  }
  EXPECT_THAT(Set(asked_, "cluster.voters", "5"), HasReason("NO_QUORUM"));
}

TEST_F(AdministrationCheckTest, AWorkersTokenIsPlannedAndMadeAsSuch) {
  v1::CreateJoinTokenRequest create;
  create.set_member("node4");
  create.set_worker(true);
  create.set_validate_only(true);
  const auto planned =
      Ask(leader_->Socket(), &Cluster::CreateJoinToken, create);
  ASSERT_THAT(planned, IsOk());
  EXPECT_THAT(planned->plan().steps(0).description(),
              HasSubstr("node4, as a worker, valid for"));
  create.set_validate_only(false);
  EXPECT_THAT(Call(asked_.Socket(), &Cluster::CreateJoinToken, create), IsOk());
  create.set_worker(false);
  EXPECT_THAT(Call(asked_.Socket(), &Cluster::CreateJoinToken, create), IsOk());
  const auto made = leader_->membership().tokens();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_TRUE(made[0].worker());
  EXPECT_FALSE(made[1].worker());
  leader_->Change(
      [](ClusterState& state) { state.features.Erase(kFeatureWorkers); });
  LeadAtNode2();
  create.set_worker(true);
  EXPECT_THAT(Call(leader_->Socket(), &Cluster::CreateJoinToken, create),
              HasReason("FEATURE_NOT_SUPPORTED"));
}

}  // namespace
}  // namespace microovn::agent
