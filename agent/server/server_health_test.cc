// SPDX-License-Identifier: Apache-2.0
// grpc.health.v1 as a client of a real server meets it, at the local socket.
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "agent/server/server.h"
#include "agent/server/testing/socket_channel.h"
#include "agent/server/tls_identity.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace healthpb = ::grpc::health::v1;
using Answer = healthpb::HealthCheckResponse;

constexpr char kConfigs[] = "microovn.v1.ConfigService";
constexpr char kStatus[] = "microovn.v1.StatusService";
constexpr char kCluster[] = "microovn.v1.ClusterService";

class ServerHealthTest : public testing::Test {
 protected:
  ServerHealthTest() {
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &identity_;
    options.clock = &Clock::Real();
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    stub_ = healthpb::Health::NewStub(SocketChannel(directory_.File("s")));
  }

  // UNKNOWN stands for a service that the server does not know.
  Answer::ServingStatus Check(const std::string& service) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(20));
    healthpb::HealthCheckRequest request;
    request.set_service(service);
    Answer answer;
    const grpc::Status status = stub_->Check(&context, request, &answer);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
      return Answer::UNKNOWN;
    }
    EXPECT_TRUE(status.ok()) << status.error_message();
    return answer.status();
  }

  TempDir directory_;
  TlsIdentity identity_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<healthpb::Health::Stub> stub_;
};

TEST_F(ServerHealthTest, TheAgentServesFromTheStart) {
  EXPECT_EQ(Check(""), Answer::SERVING);
  EXPECT_EQ(Check(kCluster), Answer::SERVING) << "it can be bootstrapped";
  EXPECT_EQ(Check(kStatus), Answer::NOT_SERVING);
  EXPECT_EQ(Check(kConfigs), Answer::NOT_SERVING);
}

TEST_F(ServerHealthTest, EachServiceIsJudgedByWhatItNeeds) {
  server_->SetMember(true);
  EXPECT_EQ(Check(kStatus), Answer::SERVING);
  EXPECT_EQ(Check(kConfigs), Answer::NOT_SERVING);
  EXPECT_EQ(Check(kCluster), Answer::NOT_SERVING);
  server_->SetQuorum(true);
  EXPECT_EQ(Check(kConfigs), Answer::SERVING);
  EXPECT_EQ(Check(kCluster), Answer::SERVING);
  server_->SetQuorum(false);
  EXPECT_EQ(Check(kStatus), Answer::SERVING);
  EXPECT_EQ(Check(kConfigs), Answer::NOT_SERVING);
  EXPECT_EQ(Check(""), Answer::SERVING);
}

// The next membership begins without what the last one had.
TEST_F(ServerHealthTest, AnEndedMembershipLeavesNoQuorum) {
  server_->SetMember(true);
  server_->SetQuorum(true);
  server_->SetMember(false);
  EXPECT_EQ(Check(kStatus), Answer::NOT_SERVING);
  server_->SetMember(true);
  EXPECT_EQ(Check(kConfigs), Answer::NOT_SERVING);
}

TEST_F(ServerHealthTest, WhatIsNotServedIsNotKnown) {
  EXPECT_EQ(Check("microovn.v1.NoSuchService"), Answer::UNKNOWN);
  EXPECT_EQ(Check("ConfigService"), Answer::UNKNOWN) << "the full name counts";
}

TEST_F(ServerHealthTest, AWatcherHearsOfEachChange) {
  server_->SetMember(true);
  grpc::ClientContext context;
  healthpb::HealthCheckRequest request;
  request.set_service(kConfigs);
  const auto watch = stub_->Watch(&context, request);
  Answer answer;
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Answer::NOT_SERVING) << "how it is now";
  server_->SetQuorum(true);
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Answer::SERVING);
  server_->SetQuorum(false);
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Answer::NOT_SERVING);
  context.TryCancel();
  while (watch->Read(&answer)) {
  }
}

// A client behind a balancer goes elsewhere before calls fail.
TEST_F(ServerHealthTest, AWatcherHearsThatTheAgentEnds) {
  grpc::ClientContext context;
  const auto watch = stub_->Watch(&context, healthpb::HealthCheckRequest());
  Answer answer;
  ASSERT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Answer::SERVING);
  std::thread end([this] { server_->Shutdown(absl::Seconds(5)); });
  EXPECT_TRUE(watch->Read(&answer));
  EXPECT_EQ(answer.status(), Answer::NOT_SERVING);
  context.TryCancel();
  while (watch->Read(&answer)) {
  }
  end.join();
}

}  // namespace
}  // namespace microovn::agent
