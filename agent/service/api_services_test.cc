// SPDX-License-Identifier: Apache-2.0
// What the handlers do with a request, over the local socket.
#include "agent/service/api_services.h"

#include <string>
#include <vector>

#include "agent/errors/leader_errors.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/features.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace longrunning = ::google::longrunning;

using Certificates = v1::CertificateService::Stub;
using Cluster = v1::ClusterService::Stub;
using Configs = v1::ConfigService::Stub;
using Operations = longrunning::Operations::Stub;
using Ovn = v1::OvnService::Stub;
using StatusStub = v1::StatusService::Stub;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

const std::string kTooLong(65, 'r');

class ApiTest : public testing::Test {
 protected:
  v1::UpdateConfigRequest Update(const std::string& value) {
    v1::UpdateConfigRequest request;
    request.mutable_config()->set_name(absl::StrCat("configs/", kConfigVoters));
    request.mutable_config()->set_value(value);
    return request;
  }

  // Without asking anybody.
  std::string Value() {
    const auto state = api_.membership().committed();
    const auto* entry = state.configs.Find(kConfigVoters);
    return entry == nullptr ? "" : entry->value();
  }

  TestApi api_;
  FakeMembership& membership_ = api_.membership();
  std::shared_ptr<grpc::Channel> socket_ = api_.Socket();
};

using ConfigTest = ApiTest;

TEST_F(ConfigTest, IsSetReadAndDeleted) {
  const auto set = Ask(socket_, &Configs::UpdateConfig, Update("3"));
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->config().value(), "3");
  EXPECT_TRUE(set->config().set());
  EXPECT_THAT(set->config().etag(), Not(IsEmpty()));
  v1::GetConfigRequest get;
  get.set_name(absl::StrCat("configs/", kConfigVoters));
  const auto got = Ask(socket_, &Configs::GetConfig, get);
  ASSERT_THAT(got, IsOk());
  EXPECT_EQ(got->config().etag(), set->config().etag());
  EXPECT_EQ(got->config().key(), kConfigVoters);
  v1::DeleteConfigRequest erase;
  erase.set_name(get.name());
  ASSERT_THAT(Ask(socket_, &Configs::DeleteConfig, erase), IsOk());
  EXPECT_FALSE(Ask(socket_, &Configs::GetConfig, get)->config().set());
}

TEST_F(ConfigTest, AnOldEtagChangesNothing) {
  const auto first = Ask(socket_, &Configs::UpdateConfig, Update("3"));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("5")), IsOk());
  v1::UpdateConfigRequest update = Update("3");
  update.mutable_config()->set_etag(first->config().etag());
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              HasReason("CONFIG_CHANGED"));
  v1::DeleteConfigRequest erase;
  erase.set_name(update.config().name());
  erase.set_etag(first->config().etag());
  EXPECT_THAT(Ask(socket_, &Configs::DeleteConfig, erase),
              HasReason("CONFIG_CHANGED"));
  EXPECT_EQ(Value(), "5");
  for (const char* etag : {"x", "0", "-1", "99999999999999999999"}) {
    update.mutable_config()->set_etag(etag);
    EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
                HasReason("CONFIG_CHANGED"));
    erase.set_etag(etag);
    EXPECT_THAT(Ask(socket_, &Configs::DeleteConfig, erase),
                HasReason("CONFIG_CHANGED"));
  }
  EXPECT_EQ(Value(), "5");
}

TEST_F(ConfigTest, ValidateOnlyChangesNothing) {
  v1::UpdateConfigRequest update = Update("3");
  update.set_validate_only(true);
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, update), IsOk());
  update.mutable_config()->set_value("4");
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              HasReason("CONFIG_VALUE_INVALID"));
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(ConfigTest, APlanWarnsOfWhatIsWorseThen) {
  v1::UpdateConfigRequest update = Update("vxlan");
  update.mutable_config()->set_name(
      absl::StrCat("configs/", kConfigEncapsulation));
  update.set_validate_only(true);
  const auto planned = Ask(socket_, &Configs::UpdateConfig, update);
  ASSERT_THAT(planned, IsOk());
  EXPECT_EQ(planned->plan().warnings_size(), 1);
  update.set_validate_only(false);
  const auto done = Ask(socket_, &Configs::UpdateConfig, update);
  ASSERT_THAT(done, IsOk());
  EXPECT_EQ(done->plan().warnings_size(), 1) << "and when it is done";
  EXPECT_EQ(done->plan().steps_size(), 0);
  update.mutable_config()->set_value("geneve");
  update.set_validate_only(true);
  EXPECT_EQ(
      Ask(socket_, &Configs::UpdateConfig, update)->plan().warnings_size(), 0);
}

TEST_F(ConfigTest, WhatNotAllAgentsKnowIsRefusedBeforeTheLog) {
  api_.Change(
      [](ClusterState& state) { state.features.Erase(kFeatureOvnSettings); });
  v1::UpdateConfigRequest update = Update("vxlan");
  update.mutable_config()->set_name(
      absl::StrCat("configs/", kConfigEncapsulation));
  EXPECT_THAT(Ask(api_.Socket(), &Configs::UpdateConfig, update),
              HasReason("FEATURE_NOT_SUPPORTED"));
  EXPECT_THAT(api_.membership().proposals(), IsEmpty());
}

TEST_F(ConfigTest, WhatIsNotValidIsRefusedBeforeTheLog) {
  v1::UpdateConfigRequest update = Update("4");
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              HasReason("CONFIG_VALUE_INVALID"));
  for (const char* name : {"", "configs/", "configs/no.such", "voters",
                           "members/node1", "configs/\n"}) {
    update.mutable_config()->set_name(name);
    EXPECT_FALSE(Ask(socket_, &Configs::UpdateConfig, update).ok()) << name;
    v1::GetConfigRequest get;
    get.set_name(name);
    EXPECT_FALSE(Ask(socket_, &Configs::GetConfig, get).ok()) << name;
    v1::DeleteConfigRequest erase;
    erase.set_name(name);
    EXPECT_FALSE(Ask(socket_, &Configs::DeleteConfig, erase).ok()) << name;
  }
  update = Update("3");
  update.set_request_id(kTooLong);
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              HasReason("BAD_REQUEST_ID"));
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(ConfigTest, ARepeatedRequestIsAnsweredLikeItsFirstTry) {
  v1::UpdateConfigRequest update = Update("3");
  update.set_request_id("once");
  membership_.LoseAnswers(1);
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("5")), IsOk());
  const auto again = Ask(socket_, &Configs::UpdateConfig, update);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->config().value(), "3");
  EXPECT_EQ(Value(), "5");
  update.mutable_config()->set_value("5");
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, update),
              HasReason("REQUEST_ID_REUSED"));
}

TEST_F(ConfigTest, AReadSeesWhatWasAcknowledgedElsewhere) {
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("3")), IsOk());
  membership_.FallBehind();
  v1::GetConfigRequest get;
  get.set_name(absl::StrCat("configs/", kConfigVoters));
  EXPECT_EQ(Ask(socket_, &Configs::GetConfig, get)->config().value(), "3");
  membership_.LoseQuorum();
  // It may be old then, and says so.
  EXPECT_THAT(Ask(socket_, &Configs::GetConfig, get), IsOk());
  EXPECT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("5")),
              StatusIs(absl::StatusCode::kUnavailable));
  // A list of what there is needs nobody.
  EXPECT_THAT(Ask(socket_, &Configs::ListConfigs, v1::ListConfigsRequest()),
              IsOk());
}

TEST_F(ConfigTest, ListsInPages) {
  v1::ListConfigsRequest list;
  list.set_page_size(2);
  std::vector<std::string> keys;
  do {
    const auto page = Ask(socket_, &Configs::ListConfigs, list);
    ASSERT_THAT(page, IsOk());
    ASSERT_LE(page->configs_size(), 2);
    for (const v1::Config& config : page->configs()) {
      keys.push_back(config.key());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_EQ(keys.size(), ConfigKeys().size());
  list.set_page_token("99");
  EXPECT_THAT(Ask(socket_, &Configs::ListConfigs, list), HasReason("BAD_PAGE"));
  list.set_page_token("");
  list.set_page_size(-1);
  EXPECT_THAT(Ask(socket_, &Configs::ListConfigs, list), HasReason("BAD_PAGE"));
}

using ClusterTest = ApiTest;

TEST_F(ClusterTest, BootstrapAndJoinAreTheNodes) {
  v1::JoinClusterRequest join;
  join.set_token("t");
  ASSERT_THAT(Ask(socket_, &Cluster::JoinCluster, join), IsOk());
  ASSERT_EQ(api_.node().joins.size(), 1u);
  EXPECT_EQ(api_.node().joins[0].token(), "t");
  ASSERT_THAT(
      Ask(socket_, &Cluster::BootstrapCluster, v1::BootstrapClusterRequest()),
      IsOk());
  EXPECT_EQ(api_.node().bootstraps.size(), 1u);
  const auto cluster =
      Ask(socket_, &Cluster::GetCluster, v1::GetClusterRequest());
  ASSERT_THAT(cluster, IsOk());
  EXPECT_EQ(cluster->member(), "node1");
  EXPECT_EQ(cluster->cluster_id(), api_.pki().cluster_id());
  EXPECT_EQ(cluster->ovn_version(), "24.03");
}

TEST_F(ClusterTest, AMemberThatDoesNotAnswerIsARow) {
  membership_.Answer(TestId("node2"), absl::UnavailableError("off"));
  const auto list =
      Ask(socket_, &Cluster::ListMembers, v1::ListMembersRequest());
  ASSERT_THAT(list, IsOk());
  EXPECT_EQ(list->members_size(), 3);
  EXPECT_THAT(list->unreachable(), ElementsAre("members/node2"));
  EXPECT_FALSE(list->stale());
  v1::GetMemberRequest get;
  get.set_name("members/node2");
  EXPECT_THAT(Ask(socket_, &Cluster::GetMember, get), IsOk());
  get.set_name("members/node9");
  EXPECT_THAT(Ask(socket_, &Cluster::GetMember, get),
              HasReason("MEMBER_NOT_FOUND"));
  get.set_name("node2");
  EXPECT_FALSE(Ask(socket_, &Cluster::GetMember, get).ok());
}

TEST_F(ClusterTest, AListWithoutAQuorumSaysSo) {
  membership_.LoseQuorum();
  const auto list =
      Ask(socket_, &Cluster::ListMembers, v1::ListMembersRequest());
  ASSERT_THAT(list, IsOk());
  EXPECT_TRUE(list->stale());
  EXPECT_EQ(list->members_size(), 3);
}

TEST_F(ClusterTest, AStaleReadDoesNotAskTheQuorum) {
  membership_.FallBehind();
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("3")), IsOk());
  v1::ListMembersRequest list;
  list.set_read_consistency(v1::READ_CONSISTENCY_STALE_OK);
  list.set_page_size(2);
  const auto page = Ask(socket_, &Cluster::ListMembers, list);
  ASSERT_THAT(page, IsOk());
  EXPECT_TRUE(page->stale());
  EXPECT_EQ(page->members_size(), 2);
  EXPECT_EQ(page->next_page_token(), "2");
}

TEST_F(ClusterTest, RemovalIsPlannedAndStartedOnce) {
  v1::RemoveMemberRequest remove;
  remove.set_name("members/node3");
  remove.set_validate_only(true);
  for (const char* risk : {"QUORUM", "LAST_CENTRAL"}) {
    remove.add_accept_risks(risk);
  }
  const auto planned = Ask(socket_, &Cluster::RemoveMember, remove);
  ASSERT_THAT(planned, IsOk());
  EXPECT_TRUE(planned->done());
  EXPECT_EQ(planned->name(), "operations/planned");
  EXPECT_THAT(membership_.proposals(), IsEmpty());
  remove.set_validate_only(false);
  remove.set_request_id("once");
  const auto first = Ask(socket_, &Cluster::RemoveMember, remove);
  ASSERT_THAT(first, IsOk());
  const auto again = Ask(socket_, &Cluster::RemoveMember, remove);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->name(), first->name());
  EXPECT_EQ(membership_.committed().operations.size(), 1u);
}

TEST_F(ClusterTest, RemovalOfWhoIsNotThere) {
  v1::RemoveMemberRequest remove;
  EXPECT_FALSE(Ask(socket_, &Cluster::RemoveMember, remove).ok());
  remove.set_name("members/node9");
  EXPECT_THAT(Ask(socket_, &Cluster::RemoveMember, remove),
              HasReason("MEMBER_NOT_FOUND"));
  remove.set_request_id(kTooLong);
  EXPECT_THAT(Ask(socket_, &Cluster::RemoveMember, remove),
              HasReason("BAD_REQUEST_ID"));
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(ClusterTest, ATokenIsMadeByTheLeader) {
  v1::CreateJoinTokenRequest create;
  create.set_member("node4");
  create.mutable_ttl()->set_seconds(300);
  create.set_request_id("once");
  const auto token = Ask(socket_, &Cluster::CreateJoinToken, create);
  ASSERT_THAT(token, IsOk());
  EXPECT_EQ(token->token(), "token-of-node4");
  ASSERT_EQ(membership_.tokens().size(), 1u);
  EXPECT_EQ(membership_.tokens()[0].ttl_seconds(), 300);
  EXPECT_EQ(membership_.tokens()[0].request_id(), "once");
  membership_.Follow(std::nullopt);
  EXPECT_THAT(Ask(socket_, &Cluster::CreateJoinToken, create),
              HasReason("NO_LEADER"));
}

TEST_F(ClusterTest, ATokensRequestIsCheckedFirst) {
  v1::CreateJoinTokenRequest create;
  for (const char* name : {"", "a b", "-a", "a..b", "\xff"}) {
    create.set_member(name);
    EXPECT_FALSE(Ask(socket_, &Cluster::CreateJoinToken, create).ok()) << name;
  }
  create.set_member("node4");
  create.clear_ttl();
  create.set_request_id(kTooLong);
  EXPECT_THAT(Ask(socket_, &Cluster::CreateJoinToken, create),
              HasReason("BAD_REQUEST_ID"));
  create.set_request_id("");
  create.set_validate_only(true);
  EXPECT_THAT(Ask(socket_, &Cluster::CreateJoinToken, create), IsOk());
  create.set_member("node2");
  EXPECT_THAT(Ask(socket_, &Cluster::CreateJoinToken, create),
              HasReason("MEMBER_NAME_TAKEN"));
  EXPECT_THAT(membership_.tokens(), IsEmpty());
}

TEST_F(ClusterTest, UsedTokensAreNotListedAndOthersCanBeDeleted) {
  for (const char* name : {"node8", "node7"}) {
    ASSERT_THAT(membership_.Propose(CreateTokenCommand(name), kProposeTimeout),
                IsOk());
  }
  const auto list =
      Ask(socket_, &Cluster::ListJoinTokens, v1::ListJoinTokensRequest());
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->join_tokens_size(), 2);
  EXPECT_EQ(list->join_tokens(0).member(), "node7");
  EXPECT_EQ(list->join_tokens(1).member(), "node8");
  v1::DeleteJoinTokenRequest erase;
  erase.set_name(list->join_tokens(0).name());
  ASSERT_THAT(Ask(socket_, &Cluster::DeleteJoinToken, erase), IsOk());
  EXPECT_EQ(Ask(socket_, &Cluster::ListJoinTokens, v1::ListJoinTokensRequest())
                ->join_tokens_size(),
            1);
  erase.set_name("tokens/x");
  EXPECT_FALSE(Ask(socket_, &Cluster::DeleteJoinToken, erase).ok());
}

using OvnTest = ApiTest;

TEST_F(OvnTest, ServicesChangeOnTheMemberThatIsNamed) {
  v1::DisableServiceRequest disable;
  disable.set_service(v1::SERVICE_CHASSIS);
  disable.set_member("members/node2");
  disable.set_validate_only(true);
  ASSERT_THAT(Ask(socket_, &Ovn::DisableService, disable), IsOk());
  EXPECT_THAT(membership_.proposals(), IsEmpty());
  disable.set_validate_only(false);
  disable.set_request_id("once");
  const auto first = Ask(socket_, &Ovn::DisableService, disable);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(Ask(socket_, &Ovn::DisableService, disable)->name(), first->name());
  const auto state = membership_.committed();
  ASSERT_EQ(state.operations.size(), 1u);
  const auto& operation = *state.operations.records().begin()->second;
  EXPECT_EQ(operation.member_id(), TestId("node2"));
  EXPECT_EQ(operation.service(), statepb::SERVICE_CHASSIS);
  EXPECT_EQ(operation.kind(), statepb::Operation::KIND_DISABLE_SERVICE);
}

TEST_F(OvnTest, AServiceRequestIsCheckedFirst) {
  v1::EnableServiceRequest enable;
  EXPECT_FALSE(Ask(socket_, &Ovn::EnableService, enable).ok());
  enable.set_service(v1::SERVICE_CENTRAL);
  enable.set_member("members/node9");
  EXPECT_FALSE(Ask(socket_, &Ovn::EnableService, enable).ok());
  enable.set_member("");
  enable.set_request_id(kTooLong);
  EXPECT_THAT(Ask(socket_, &Ovn::EnableService, enable),
              HasReason("BAD_REQUEST_ID"));
  enable.set_request_id("");
  EXPECT_FALSE(Ask(socket_, &Ovn::EnableService, enable).ok())
      << "it runs already";
  EXPECT_THAT(membership_.proposals(), IsEmpty());
}

TEST_F(OvnTest, ListsServicesOfOneOrAll) {
  membership_.Answer(TestId("node3"), absl::UnavailableError("off"));
  v1::ListServicesRequest list;
  list.set_parent("members/-");
  const auto all = Ask(socket_, &Ovn::ListServices, list);
  ASSERT_THAT(all, IsOk());
  EXPECT_THAT(all->unreachable(), ElementsAre("members/node3"));
  list.set_parent("members/node2");
  const auto one = Ask(socket_, &Ovn::ListServices, list);
  ASSERT_THAT(one, IsOk());
  EXPECT_LT(one->services_size(), all->services_size());
  for (const v1::MemberService& row : one->services()) {
    EXPECT_EQ(row.name().rfind("members/node2/services/", 0), 0u) << row.name();
    EXPECT_FALSE(row.ready());
  }
  list.set_parent("members/node9");
  EXPECT_FALSE(Ask(socket_, &Ovn::ListServices, list).ok());
}

using OperationsTest = ApiTest;

TEST_F(OperationsTest, AreReadWaitedForAndNeverCancelled) {
  v1::DisableServiceRequest disable;
  disable.set_service(v1::SERVICE_CHASSIS);
  disable.set_member("members/node2");
  const auto started = Ask(socket_, &Ovn::DisableService, disable);
  ASSERT_THAT(started, IsOk());
  longrunning::GetOperationRequest get;
  get.set_name(started->name());
  membership_.FallBehind();
  const auto got = Ask(socket_, &Operations::GetOperation, get);
  ASSERT_THAT(got, IsOk());
  EXPECT_FALSE(got->done());
  longrunning::WaitOperationRequest wait;
  wait.set_name(started->name());
  wait.mutable_timeout()->set_nanos(1'000'000);
  EXPECT_FALSE(Ask(socket_, &Operations::WaitOperation, wait)->done());
  EXPECT_EQ(Ask(socket_, &Operations::ListOperations,
                longrunning::ListOperationsRequest())
                ->operations_size(),
            1);
  longrunning::CancelOperationRequest cancel;
  EXPECT_THAT(Ask(socket_, &Operations::CancelOperation, cancel),
              HasReason("BAD_RESOURCE_NAME"));
  cancel.set_name("operations/none");
  EXPECT_THAT(Ask(socket_, &Operations::CancelOperation, cancel),
              HasReason("OPERATION_NOT_FOUND"));
  cancel.set_name(started->name());
  EXPECT_THAT(Ask(socket_, &Operations::CancelOperation, cancel), IsOk());
  EXPECT_TRUE(Ask(socket_, &Operations::GetOperation, get)->done());
  EXPECT_THAT(Ask(socket_, &Operations::CancelOperation, cancel),
              HasReason("OPERATION_ENDED"));
  longrunning::DeleteOperationRequest erase;
  EXPECT_THAT(Ask(socket_, &Operations::DeleteOperation, erase),
              HasReason("OPERATION_NOT_DELETABLE"));
  get.set_name("operations/none");
  EXPECT_THAT(Ask(socket_, &Operations::GetOperation, get),
              HasReason("OPERATION_NOT_FOUND"));
  wait.set_name("operations/none");
  EXPECT_THAT(Ask(socket_, &Operations::WaitOperation, wait),
              HasReason("OPERATION_NOT_FOUND"));
}

using CertificatesTest = ApiTest;

TEST_F(CertificatesTest, AreReissuedHere) {
  v1::ReissueCertificatesRequest reissue;
  reissue.set_service("client");
  reissue.set_validate_only(true);
  ASSERT_THAT(Ask(socket_, &Certificates::ReissueCertificates, reissue),
              IsOk());
  EXPECT_THAT(membership_.reissued(), IsEmpty());
  reissue.set_validate_only(false);
  const auto done = Ask(socket_, &Certificates::ReissueCertificates, reissue);
  ASSERT_THAT(done, IsOk());
  EXPECT_THAT(done->reissued(), ElementsAre("client"));
  membership_.FailReissue(absl::UnavailableError("no leader"));
  const auto failed = Ask(socket_, &Certificates::ReissueCertificates, reissue);
  ASSERT_THAT(failed, IsOk());
  EXPECT_THAT(failed->reissued(), IsEmpty());
  EXPECT_THAT(failed->failed(), ElementsAre("client"));
  EXPECT_THAT(failed->errors(), ElementsAre("no leader"));
}

TEST_F(CertificatesTest, WhatIsNotIssuedIsNotReissued) {
  v1::ReissueCertificatesRequest reissue;
  for (const char* service : {"", "nothing", "\xc3\xa4"}) {
    reissue.set_service(service);
    EXPECT_FALSE(
        Ask(socket_, &Certificates::ReissueCertificates, reissue).ok());
  }
  reissue.set_service("all");
  reissue.set_request_id(kTooLong);
  EXPECT_THAT(Ask(socket_, &Certificates::ReissueCertificates, reissue),
              HasReason("BAD_REQUEST_ID"));
  reissue.set_request_id("");
  reissue.set_parent("members/node9");
  EXPECT_THAT(Ask(socket_, &Certificates::ReissueCertificates, reissue),
              HasReason("MEMBER_NOT_FOUND"));
  // Another member is asked, and cannot be.
  reissue.set_parent("members/node2");
  EXPECT_FALSE(Ask(socket_, &Certificates::ReissueCertificates, reissue).ok());
  EXPECT_THAT(membership_.reissued(), IsEmpty());
}

TEST_F(CertificatesTest, MissingFilesAreListedAsMissing) {
  const auto list = Ask(socket_, &Certificates::ListCertificates,
                        v1::ListCertificatesRequest());
  ASSERT_THAT(list, IsOk());
  ASSERT_GT(list->certificates_size(), 1);
  for (const v1::Certificate& row : list->certificates()) {
    EXPECT_EQ(row.certificate_state(), v1::Certificate::FILE_STATE_MISSING);
    EXPECT_FALSE(row.verified());
    EXPECT_FALSE(row.problem().empty());
  }
}

using StatusTest = ApiTest;

TEST_F(StatusTest, IsToldWithoutAQuorum) {
  const auto well =
      Ask(socket_, &StatusStub::GetStatus, v1::GetStatusRequest());
  ASSERT_THAT(well, IsOk());
  EXPECT_FALSE(well->status().stale());
  membership_.LoseQuorum();
  const auto ill = Ask(socket_, &StatusStub::GetStatus, v1::GetStatusRequest());
  ASSERT_THAT(ill, IsOk());
  EXPECT_TRUE(ill->status().stale());
  EXPECT_THAT(Ask(socket_, &StatusStub::GetLog, v1::GetLogRequest()), IsOk());
}

TEST_F(ApiTest, EventsComeInOrderFromWhereOneLeftOff) {
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("3")), IsOk());
  const auto read = [&](uint64_t after) {
    v1::EventService::Stub stub(socket_);
    grpc::ClientContext context;
    v1::WatchEventsRequest request;
    request.set_after_revision(after);
    auto reader = stub.WatchEvents(&context, request);
    std::vector<uint64_t> revisions;
    v1::WatchEventsResponse response;
    while (reader->Read(&response)) {
      revisions.push_back(response.event().revision());
    }
    EXPECT_TRUE(reader->Finish().ok());
    return revisions;
  };
  const std::vector<uint64_t> all = read(0);
  ASSERT_GT(all.size(), 2u);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_THAT(read(all[all.size() - 2]), ElementsAre(all.back()));
  EXPECT_THAT(read(all.back()), IsEmpty());
}

TEST_F(ApiTest, AWatcherHearsOfWhatComes) {
  v1::EventService::Stub stub(socket_);
  grpc::ClientContext context;
  v1::WatchEventsRequest request;
  request.set_after_revision(membership_.state()->revision());
  request.set_follow(true);
  auto reader = stub.WatchEvents(&context, request);
  ASSERT_THAT(Ask(socket_, &Configs::UpdateConfig, Update("3")), IsOk());
  v1::WatchEventsResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_GT(response.event().revision(), request.after_revision());
  context.TryCancel();
  while (reader->Read(&response)) {
  }
}

}  // namespace
}  // namespace microovn::agent
