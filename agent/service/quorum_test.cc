// SPDX-License-Identifier: Apache-2.0
// What the API answers while the members that answer have no quorum: changes
// are refused with the cause before anything is proposed, reads are served and
// say that they may be old. And plans name members as people do.
#include <chrono>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "agent/service/requests.h"
#include "agent/service/testing/test_api.h"
#include "base/status/error.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "microovn/v1/certificate.grpc.pb.h"
#include "microovn/v1/cluster.grpc.pb.h"
#include "microovn/v1/config.grpc.pb.h"
#include "microovn/v1/service.grpc.pb.h"

namespace microovn::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace longrunning = ::google::longrunning;
using Certificates = v1::CertificateService::Stub;
using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using Operations = longrunning::Operations::Stub;
using Services = v1::OvnService::Stub;

class QuorumTest : public testing::Test {
 protected:
  void LoseQuorum() {
    membership_.LoseQuorum();
    membership_.Follow(std::nullopt);
    for (const char* name : {"node2", "node3"}) {
      membership_.Answer(FindMember(*membership_.state(), name)->member_id(),
                         absl::UnavailableError("no route to host"));
    }
  }

  template <typename Stub, typename Request, typename Response>
  absl::Status Change(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                   const Request&, Response*),
                      const Request& request) {
    return Call(socket_, method, request);
  }

  // Whether the answer says that it may be old; nothing for a failure.
  template <typename Stub, typename Request, typename Response>
  std::optional<bool> Stale(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                         const Request&,
                                                         Response*),
                            const Request& request) {
    Stub stub(socket_);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    Response response;
    if (!(stub.*method)(&context, request, &response).ok()) return std::nullopt;
    return context.GetServerTrailingMetadata().count(kStaleMetadata) > 0;
  }

  TestApi api_;
  FakeMembership& membership_ = api_.membership();
  std::shared_ptr<grpc::Channel> socket_ = api_.Socket();
};

MATCHER(SaysNoQuorum, "") {
  const absl::Status& status = arg;
  return ReasonOf(status) == "NO_QUORUM" &&
         status.message() ==
             "the cluster has no quorum and cannot change: 1 of 3 voters "
             "answers" &&
         DetailOf(status).remedy == "start the agents of node2 and node3";
}

TEST_F(QuorumTest, ChangesAreRefusedWithTheCauseAndNotProposed) {
  LoseQuorum();
  for (const bool dry : {true, false}) {
    v1::UpdateConfigRequest set;
    set.mutable_config()->set_name("configs/cluster.voters");
    set.mutable_config()->set_value("5");
    set.set_validate_only(dry);
    EXPECT_THAT(Change(&Configs::UpdateConfig, set), SaysNoQuorum());
    v1::EnableServiceRequest enable;
    enable.set_service(v1::SERVICE_CENTRAL);
    enable.set_validate_only(dry);
    EXPECT_THAT(Change(&Services::EnableService, enable), SaysNoQuorum());
    v1::RecoverDatabaseRequest recover;
    recover.set_name("databases/nb");
    recover.set_validate_only(dry);
    EXPECT_THAT(Change(&Services::RecoverDatabase, recover), SaysNoQuorum());
    v1::RemoveMemberRequest remove;
    remove.set_name("members/node3");
    remove.set_force(true);
    remove.set_validate_only(dry);
    remove.add_accept_risks("quorum-loss");
    EXPECT_THAT(Change(&Cluster::RemoveMember, remove), SaysNoQuorum());
    v1::CreateJoinTokenRequest add;
    add.set_member("node9");
    add.set_validate_only(dry);
    EXPECT_THAT(Change(&Cluster::CreateJoinToken, add), SaysNoQuorum());
    v1::TransferLeaderRequest transfer;
    transfer.set_validate_only(dry);
    EXPECT_THAT(Change(&Cluster::TransferLeader, transfer), SaysNoQuorum());
    v1::UpdateMemberRequest update;
    update.mutable_member()->set_encap_ip("10.1.0.1");
    update.mutable_update_mask()->add_paths("encap_ip");
    update.set_force(true);
    update.set_validate_only(dry);
    EXPECT_THAT(Change(&Cluster::UpdateMember, update), SaysNoQuorum());
    v1::ReissueCertificatesRequest reissue;
    reissue.set_service("client");
    reissue.set_validate_only(dry);
    EXPECT_THAT(Change(&Certificates::ReissueCertificates, reissue),
                SaysNoQuorum());
  }
  v1::DeleteConfigRequest erase;
  erase.set_name("configs/cluster.voters");
  EXPECT_THAT(Change(&Configs::DeleteConfig, erase), SaysNoQuorum());
  v1::DeleteJoinTokenRequest revoke;
  revoke.set_name("joinTokens/1");
  EXPECT_THAT(Change(&Cluster::DeleteJoinToken, revoke), SaysNoQuorum());
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(QuorumTest, ReadsAreServedAndSayThatTheyMayBeOld) {
  v1::GetConfigRequest get;
  get.set_name("configs/cluster.voters");
  const auto all = [&] {
    return std::vector<std::optional<bool>>{
        Stale(&Configs::GetConfig, get),
        Stale(&Configs::ListConfigs, v1::ListConfigsRequest()),
        Stale(&Cluster::ListJoinTokens, v1::ListJoinTokensRequest()),
        Stale(&Operations::ListOperations,
              longrunning::ListOperationsRequest())};
  };
  EXPECT_THAT(all(), testing::Each(std::optional<bool>(false)));
  LoseQuorum();
  EXPECT_THAT(all(), testing::Each(std::optional<bool>(true)));
}

TEST_F(QuorumTest, AClusterThatChoosesALeaderHasAQuorum) {
  membership_.LoseQuorum();
  membership_.Follow(std::nullopt);
  v1::UpdateConfigRequest set;
  set.mutable_config()->set_name("configs/cluster.voters");
  set.mutable_config()->set_value("5");
  EXPECT_THAT(Change(&Configs::UpdateConfig, set), HasReason("NO_LEADER"))
      << "all answer, so it was proposed";
}

TEST_F(QuorumTest, APlanNamesMembersAndHasNoTimes) {
  v1::RemoveMemberRequest remove;
  remove.set_name("members/node3");
  remove.set_validate_only(true);
  longrunning::Operation planned;
  ASSERT_OK(Call(socket_, &Cluster::RemoveMember, remove, &planned));
  v1::OperationMetadata metadata;
  ASSERT_TRUE(planned.metadata().UnpackTo(&metadata));
  EXPECT_FALSE(metadata.has_create_time());
  EXPECT_FALSE(metadata.has_end_time());
  ASSERT_GT(metadata.plan().steps_size(), 2);
  EXPECT_THAT(metadata.plan().steps(0).members(), ElementsAre("node3"));
  remove.set_validate_only(false);
  longrunning::Operation started;
  ASSERT_OK(Call(socket_, &Cluster::RemoveMember, remove, &started));
  longrunning::GetOperationRequest get;
  get.set_name(started.name());
  longrunning::Operation now;
  ASSERT_OK(Call(socket_, &Operations::GetOperation, get, &now));
  for (const longrunning::Operation* operation : {&started, &now}) {
    ASSERT_TRUE(operation->metadata().UnpackTo(&metadata));
    for (const v1::Step& step : metadata.plan().steps()) {
      for (const std::string& member : step.members()) {
        EXPECT_THAT(member, HasSubstr("node"));
      }
    }
  }
}

}  // namespace
}  // namespace microovn::agent
