// SPDX-License-Identifier: Apache-2.0
// What one client may ask of a server: sizes, and calls at once.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "agent/server/caller.h"
#include "agent/server/caller_context.h"
#include "agent/server/server.h"
#include "agent/server/testing/socket_channel.h"
#include "agent/server/tls_identity.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gtest/gtest.h"

namespace microovn::agent {
namespace {

namespace longrunning = ::google::longrunning;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Says who called; a call of the name "wait" lasts until the test ends it, or
// its client.
class Service final : public longrunning::Operations::Service {
 public:
  grpc::Status GetOperation(grpc::ServerContext* context,
                            const longrunning::GetOperationRequest* request,
                            longrunning::Operation* response) override {
    const auto caller = CallerOf(*context, "", absl::Now());
    response->set_name(caller.ok() ? std::string(RoleName(caller->role))
                                   : caller.status().ToString());
    most_users = std::max(most_users.load(), UsersOf(*context));
    if (request->name() != "wait") return grpc::Status::OK;
    ++waiting;
    while (!end.HasBeenNotified() && !context->IsCancelled()) {
      end.WaitForNotificationWithTimeout(absl::Milliseconds(10));
    }
    --waiting;
    return grpc::Status::OK;
  }

  // How often a connection says who it is.
  static size_t UsersOf(const grpc::ServerContext& context) {
    return context.auth_context()->FindPropertyValues(kUidProperty).size();
  }

  std::atomic<int> waiting{0};
  std::atomic<size_t> most_users{0};
  absl::Notification end;
};

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

class ServerLimitsTest : public testing::Test {
 protected:
  ServerLimitsTest() {
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &identity_;
    options.clock = &Clock::Real();
    options.services = {&service_};
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    stub_ =
        longrunning::Operations::NewStub(SocketChannel(directory_.File("s")));
  }
  ~ServerLimitsTest() override {
    if (!service_.end.HasBeenNotified()) service_.end.Notify();
  }

  grpc::StatusCode Get(const std::string& name,
                       const std::string& metadata = "") {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    if (!metadata.empty()) context.AddMetadata("x", metadata);
    longrunning::GetOperationRequest request;
    request.set_name(name);
    return stub_->GetOperation(&context, request, &operation_).error_code();
  }

  // One call under way, whose outcome the test may look at.
  struct Waiting {
    grpc::ClientContext context;
    longrunning::GetOperationRequest request;
    longrunning::Operation response;
    absl::Notification done;
    grpc::Status status;
  };
  std::unique_ptr<Waiting> Wait() {
    auto call = std::make_unique<Waiting>();
    call->request.set_name("wait");
    stub_->async()->GetOperation(&call->context, &call->request,
                                 &call->response,
                                 [raw = call.get()](grpc::Status status) {
                                   raw->status = std::move(status);
                                   raw->done.Notify();
                                 });
    return call;
  }

  TempDir directory_;
  TlsIdentity identity_;
  Service service_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<longrunning::Operations::Stub> stub_;
  longrunning::Operation operation_;
};

TEST_F(ServerLimitsTest, WhoIsAtTheSocketIsAnAdministrator) {
  ASSERT_EQ(Get("a"), grpc::StatusCode::OK);
  EXPECT_EQ(operation_.name(), "admin");
}

// Else a connection grows with each call, and a call reads what another one
// is adding, which ends the process.
TEST_F(ServerLimitsTest, AConnectionSaysOnceWhoItIs) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Get("a"), grpc::StatusCode::OK);
  std::vector<std::unique_ptr<Waiting>> calls;
  for (int i = 0; i < 30; ++i) calls.push_back(Wait());
  EXPECT_TRUE(Eventually([this] { return service_.waiting == 30; }));
  service_.end.Notify();
  for (const auto& call : calls) {
    ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
    EXPECT_TRUE(call->status.ok()) << call->status.error_message();
  }
  EXPECT_EQ(service_.most_users, 1u);
}

TEST_F(ServerLimitsTest, AMessageIsAMebibyteAtMost) {
  EXPECT_EQ(Get(std::string(1000 << 10, 'x')), grpc::StatusCode::OK);
  EXPECT_EQ(Get(std::string(1 << 20, 'x')),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Get("a"), grpc::StatusCode::OK) << "others are served on";
}

TEST_F(ServerLimitsTest, MetadataIsBounded) {
  EXPECT_EQ(Get("a", std::string(8 << 10, 'x')), grpc::StatusCode::OK);
  EXPECT_NE(Get("a", std::string(64 << 10, 'x')), grpc::StatusCode::OK);
  // gRPC may end the connection over it, and then makes another.
  EXPECT_TRUE(Eventually([this] { return Get("a") == grpc::StatusCode::OK; }));
}

// More calls than threads: what is beyond is refused and does not wait in the
// memory, and the server is well when they have ended.
TEST_F(ServerLimitsTest, CallsAtOnceAreBounded) {
  std::vector<std::unique_ptr<Waiting>> calls;
  for (int i = 0; i < 120; ++i) calls.push_back(Wait());
  EXPECT_TRUE(Eventually([this] { return service_.waiting > 60; }));
  EXPECT_LE(service_.waiting, 96);
  service_.end.Notify();
  int served = 0;
  for (const auto& call : calls) {
    ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
    if (call->status.ok()) {
      ++served;
    } else {
      EXPECT_EQ(call->status.error_code(),
                grpc::StatusCode::RESOURCE_EXHAUSTED);
    }
  }
  EXPECT_GE(served, 60);
  EXPECT_EQ(Get("a"), grpc::StatusCode::OK);
}

TEST_F(ServerLimitsTest, AShutdownLetsWhatRunsEnd) {
  const auto call = Wait();
  ASSERT_TRUE(Eventually([this] { return service_.waiting == 1; }));
  std::thread end([this] { server_->Shutdown(kPatience); });
  // It takes no new ones from the first moment.
  EXPECT_TRUE(
      Eventually([this] { return Get("a") == grpc::StatusCode::UNAVAILABLE; }));
  EXPECT_FALSE(call->done.HasBeenNotified());
  service_.end.Notify();
  end.join();
  ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(call->status.ok()) << call->status.error_message();
}

TEST_F(ServerLimitsTest, AShutdownDoesNotWaitForEver) {
  const auto call = Wait();
  ASSERT_TRUE(Eventually([this] { return service_.waiting == 1; }));
  server_->Shutdown(absl::Milliseconds(50));
  ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
  EXPECT_FALSE(call->status.ok());
}

// An agent that was killed has left its socket; one that runs keeps its own.
TEST_F(ServerLimitsTest, AnotherServerTakesASocketThatIsLeft) {
  ASSERT_EQ(Get("a"), grpc::StatusCode::OK);
  server_ = nullptr;
  EXPECT_EQ(Get("a"), grpc::StatusCode::UNAVAILABLE);
  Server::Options options;
  options.socket_path = directory_.File("s");
  options.identity = &identity_;
  options.clock = &Clock::Real();
  options.services = {&service_};
  auto next = Server::Start(options);
  ASSERT_OK(next);
  EXPECT_TRUE(Eventually([this] { return Get("a") == grpc::StatusCode::OK; }));
}

}  // namespace
}  // namespace microovn::agent
