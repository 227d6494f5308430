// SPDX-License-Identifier: Apache-2.0
#include "agent/service/operations_service.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/cluster/testing/fake_membership.h"
#include "agent/service/testing/test_api.h"
#include "agent/state/testing/commands.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace longrunning = ::google::longrunning;

using Operations = longrunning::Operations::Stub;
using testing::ElementsAre;
using testing::SizeIs;

// Long enough that nothing ends by it.
constexpr absl::Duration kPatience = absl::Seconds(20);

class OperationsServiceTest : public testing::Test {
 protected:
  FakeMembership& membership() { return api_.membership(); }

  // Of one member's service each; returns its resource.
  std::string Begin(const std::string& member, const std::string& word) {
    statepb::Command command = ServiceCommand(member, statepb::SERVICE_CHASSIS,
                                              /*enable=*/false, word);
    EXPECT_THAT(membership().Propose(command, kProposeTimeout), IsOk());
    api_.clock().Advance(absl::Seconds(1));
    return absl::StrCat("operations/", TestId(word));
  }
  // As the leader's runner does; a reason stands for a failure.
  void End(const std::string& word, const std::string& reason = "") {
    statepb::Command command;
    statepb::UpdateOperation* update = command.mutable_update_operation();
    update->set_operation_id(TestId(word));
    update->set_done(true);
    if (!reason.empty()) {
      update->set_error_code(
          static_cast<int>(absl::StatusCode::kFailedPrecondition));
      update->set_error_reason(reason);
      update->set_error_message("it could not be done");
    }
    EXPECT_THAT(membership().Propose(command, kProposeTimeout), IsOk());
  }

  absl::StatusOr<longrunning::Operation> Get(const std::string& name) {
    longrunning::GetOperationRequest request;
    request.set_name(name);
    return Ask(socket_, &Operations::GetOperation, request);
  }
  absl::StatusOr<longrunning::Operation> Wait(const std::string& name,
                                              absl::Duration timeout) {
    longrunning::WaitOperationRequest request;
    request.set_name(name);
    request.mutable_timeout()->set_seconds(absl::ToInt64Seconds(timeout));
    return Ask(socket_, &Operations::WaitOperation, request);
  }

  TestApi api_;
  std::shared_ptr<grpc::Channel> socket_ = api_.Socket();
};

TEST_F(OperationsServiceTest, WhoWaitsHearsOfTheEndAtOnce) {
  const std::string name = Begin("node2", "op");
  std::thread runner([this] { End("op"); });
  const absl::Time start = absl::Now();
  const auto done = Wait(name, absl::Minutes(1));
  runner.join();
  ASSERT_THAT(done, IsOk());
  EXPECT_TRUE(done->done());
  EXPECT_TRUE(done->has_response());
  EXPECT_LT(absl::Now() - start, kPatience);
}

TEST_F(OperationsServiceTest, AWaitEndsWithItsTime) {
  const std::string name = Begin("node2", "op");
  const auto still = Wait(name, absl::ZeroDuration());
  ASSERT_THAT(still, IsOk());
  EXPECT_FALSE(still->done());
  // What lies before now is as short as nothing.
  const auto negative = Wait(name, absl::Seconds(-5));
  ASSERT_THAT(negative, IsOk());
  EXPECT_FALSE(negative->done());
}

// A waiter that is not there any more must not hold a thread of the server.
TEST_F(OperationsServiceTest, AWaitEndsWithItsClient) {
  const std::string name = Begin("node2", "op");
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([this, &name] {
      Operations stub(socket_);
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(50));
      longrunning::WaitOperationRequest request;
      request.set_name(name);
      longrunning::Operation response;
      EXPECT_EQ(stub.WaitOperation(&context, request, &response).error_code(),
                grpc::StatusCode::DEADLINE_EXCEEDED);
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_THAT(Get(name), IsOk());
}

TEST_F(OperationsServiceTest, AFailureSaysWhy) {
  const std::string name = Begin("node2", "op");
  End("op", "CHASSIS_BUSY");
  const auto failed = Get(name);
  ASSERT_THAT(failed, IsOk());
  EXPECT_TRUE(failed->done());
  ASSERT_TRUE(failed->has_error());
  EXPECT_FALSE(failed->has_response());
  EXPECT_EQ(failed->error().message(), "it could not be done");
  EXPECT_EQ(failed->error().code(),
            static_cast<int>(absl::StatusCode::kFailedPrecondition));
}

TEST_F(OperationsServiceTest, TheNewestComesFirst) {
  const std::string first = Begin("node1", "first");
  const std::string second = Begin("node2", "second");
  const std::string third = Begin("node3", "third");
  End("third");
  longrunning::ListOperationsRequest list;
  list.set_page_size(2);
  std::vector<std::string> names;
  std::vector<bool> done;
  do {
    const auto page = Ask(socket_, &Operations::ListOperations, list);
    ASSERT_THAT(page, IsOk());
    ASSERT_LE(page->operations_size(), 2);
    for (const longrunning::Operation& operation : page->operations()) {
      names.push_back(operation.name());
      done.push_back(operation.done());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  EXPECT_THAT(names, ElementsAre(third, second, first));
  EXPECT_THAT(done, ElementsAre(true, false, false));
  list.set_page_token("x");
  EXPECT_THAT(Ask(socket_, &Operations::ListOperations, list),
              HasReason("BAD_PAGE"));
}

// Who asks another member than the one that has started it.
TEST_F(OperationsServiceTest, WhatWasStartedElsewhereIsFound) {
  membership().FallBehind();
  const std::string name = Begin("node2", "op");
  membership().CommitElsewhere(ServiceCommand("node3", statepb::SERVICE_CHASSIS,
                                              /*enable=*/false, "other"));
  const std::string other = absl::StrCat("operations/", TestId("other"));
  ASSERT_EQ(membership().state()->operations.Find(TestId("other")), nullptr);
  EXPECT_THAT(Get(other), IsOk());
  EXPECT_THAT(Get(name), IsOk());
}

// That it may be old is said beside the answer, see quorum_test.cc.
TEST_F(OperationsServiceTest, WithoutAQuorumWhatIsKnownIsShown) {
  const std::string name = Begin("node2", "op");
  membership().LoseQuorum();
  EXPECT_THAT(Get(name), IsOk());
  EXPECT_THAT(Ask(socket_, &Operations::ListOperations,
                  longrunning::ListOperationsRequest()),
              IsOk());
  const auto known = Wait(name, absl::ZeroDuration());
  ASSERT_THAT(known, IsOk());
  EXPECT_FALSE(known->done());
}

TEST_F(OperationsServiceTest, ANameOfSomethingElseIsNoOperation) {
  for (const char* name :
       {"", "operations/", "members/node2", "operations/a/b", "\n"}) {
    EXPECT_FALSE(Get(name).ok()) << name;
    EXPECT_FALSE(Wait(name, absl::ZeroDuration()).ok()) << name;
  }
}

}  // namespace
}  // namespace microovn::agent
