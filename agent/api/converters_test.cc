// SPDX-License-Identifier: Apache-2.0
#include "agent/api/converters.h"

#include "base/testing/status_matchers.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

TEST(Converters, ResourceNamesTable) {
  EXPECT_THAT(ResourceId("members/node1", "members"),
              IsOkAndHolds(std::string("node1")));
  const std::string bad[] = {"",
                             "members",
                             "members/",
                             "node1",
                             "tokens/node1",
                             "members/a/b",
                             "members/" + std::string(600, 'x')};
  for (const std::string& name : bad) {
    EXPECT_THAT(ResourceId(name, "members"), HasReason("BAD_RESOURCE_NAME"))
        << name;
  }
}

TEST(Converters, StepStatesHaveTheSameNumbers) {
  const auto* ours = statepb::OperationStep::State_descriptor();
  const auto* api = v1::Step::State_descriptor();
  ASSERT_EQ(ours->value_count(), api->value_count());
  for (int i = 0; i < ours->value_count(); ++i) {
    EXPECT_EQ(ours->value(i)->name(), api->value(i)->name());
    EXPECT_EQ(ours->value(i)->number(), api->value(i)->number());
  }
}

TEST(Converters, ServicesRoundTripAndOthersAreRefused) {
  for (const auto service : {statepb::SERVICE_CENTRAL, statepb::SERVICE_CHASSIS,
                             statepb::SERVICE_SWITCH}) {
    EXPECT_THAT(FromApi(ToApi(service)), IsOkAndHolds(service));
  }
  EXPECT_THAT(FromApi(v1::SERVICE_BGP), HasReason("UNKNOWN_SERVICE"));
}

TEST(Converters, AFailedOperationCarriesItsReason) {
  statepb::Operation operation;
  operation.set_operation_id("7");
  operation.set_kind(statepb::Operation::KIND_DISABLE_SERVICE);
  operation.set_member_name("node1");
  operation.set_service(statepb::SERVICE_CENTRAL);
  operation.set_done(true);
  operation.set_error_code(9);
  operation.set_error_reason("LAST_CENTRAL");
  operation.set_error_message("no");
  const google::longrunning::Operation api = ToApi(operation);
  EXPECT_EQ(api.name(), "operations/7");
  ASSERT_TRUE(api.has_error());
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(api.error().details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "LAST_CENTRAL");
  v1::OperationMetadata metadata;
  ASSERT_TRUE(api.metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.target(), "members/node1/services/central");
}

TEST(Converters, AMemberSaysWhetherItComesOrGoes) {
  statepb::Member member;
  const std::pair<statepb::Member::State, v1::Member::Status> kStates[] = {
      {statepb::Member::STATE_JOINING, v1::Member::STATUS_JOINING},
      {statepb::Member::STATE_LEAVING, v1::Member::STATUS_LEAVING},
      {statepb::Member::STATE_ACTIVE, v1::Member::STATUS_UNSPECIFIED}};
  for (const auto& [state, status] : kStates) {
    member.set_state(state);
    EXPECT_EQ(ToApi(member).status(), status);
  }
}

TEST(Converters, ATokenSaysWhetherItIsLocked) {
  statepb::JoinToken token;
  token.set_token_id("t");
  token.set_state(statepb::JoinToken::STATE_ACTIVE);
  EXPECT_FALSE(ToApi(token).locked());
  token.set_state(statepb::JoinToken::STATE_LOCKED);
  token.set_failed_attempts(5);
  EXPECT_TRUE(ToApi(token).locked());
  EXPECT_EQ(ToApi(token).failed_attempts(), 5u);
}

TEST(Converters, OnlyWhatIsDoneHasAnEnd) {
  statepb::Operation operation;
  operation.set_operation_id("7");
  v1::OperationMetadata metadata;
  ASSERT_TRUE(ToApi(operation).metadata().UnpackTo(&metadata));
  EXPECT_FALSE(metadata.has_end_time());
  operation.set_done(true);
  operation.set_ended_seconds(9);
  ASSERT_TRUE(ToApi(operation).metadata().UnpackTo(&metadata));
  EXPECT_EQ(metadata.end_time().seconds(), 9);
}

}  // namespace
}  // namespace microovn::agent
