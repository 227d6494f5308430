// SPDX-License-Identifier: Apache-2.0
// What one member may take of a server that all share, over real connections.
#include "agent/server/live_calls.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "agent/server/key_registry.h"
#include "agent/server/peer_channels.h"
#include "agent/server/server.h"
#include "agent/server/testing/recording_server.h"
#include "agent/server/testing/socket_channel.h"
#include "agent/server/tls_identity.h"
#include "base/status/grpc_status.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "pki/certificate/profile.h"
#include "pki/name/peer_identity.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

namespace longrunning = ::google::longrunning;
namespace healthpb = ::grpc::health::v1;

constexpr absl::Duration kPatience = absl::Seconds(20);

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kPatience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

// As a service of ours; each call lasts until the test, or its client, ends it.
class Service final : public longrunning::Operations::Service {
 public:
  explicit Service(const LiveCalls* calls) : calls_(calls) {}

  grpc::Status GetOperation(grpc::ServerContext* context,
                            const longrunning::GetOperationRequest* request,
                            longrunning::Operation*) override {
    const absl::Status fair = calls_->Check(*context);
    if (!fair.ok()) return ToGrpcStatus(fair);
    if (request->name() != "wait") return grpc::Status::OK;
    ++waiting;
    while (!end.HasBeenNotified() && !context->IsCancelled()) {
      end.WaitForNotificationWithTimeout(absl::Milliseconds(10));
    }
    --waiting;
    return grpc::Status::OK;
  }

  std::atomic<size_t> waiting{0};
  absl::Notification end;

 private:
  const LiveCalls* const calls_;
};

struct Waiting {
  grpc::ClientContext context;
  longrunning::GetOperationRequest request;
  longrunning::Operation response;
  absl::Notification done;
  grpc::Status status;
};

struct Watching {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<healthpb::HealthCheckResponse>> reader;
};

class LiveCallsTest : public testing::Test {
 protected:
  LiveCallsTest() {
    identity_.Set(TestMaterial(pki_, pki_.Member(facts_)));
    KeyRegistry::Questions questions;
    questions.is_registered = [](const pki::Certificate&) { return true; };
    identity_.registry()->Set(std::move(questions));
    Server::Options options;
    options.socket_path = directory_.File("s");
    options.identity = &identity_;
    options.clock = &Clock::Real();
    options.services = {&service_};
    options.calls = &calls_;
    auto server = Server::Start(options);
    EXPECT_OK(server);
    server_ = *std::move(server);
    for (uint16_t port = 21'000; port < 21'200; ++port) {
      address_ = {"127.0.0.1", port};
      if (server_->Listen(address_).ok()) break;
    }
  }
  ~LiveCallsTest() override {
    if (!service_.end.HasBeenNotified()) service_.end.Notify();
  }

  std::shared_ptr<grpc::Channel> ChannelOf(const pki::MemberFacts& member) {
    ServerCheck check;
    check.clock = &Clock::Real();
    return MutualTlsChannel(TestMaterial(pki_, pki_.Member(member)), address_,
                            facts_.member_id, check, grpc::ChannelArguments());
  }

  std::unique_ptr<Waiting> Wait(const std::shared_ptr<grpc::Channel>& channel) {
    auto call = std::make_unique<Waiting>();
    call->request.set_name("wait");
    const auto stub = longrunning::Operations::NewStub(channel);
    stub->async()->GetOperation(&call->context, &call->request, &call->response,
                                [raw = call.get()](grpc::Status status) {
                                  raw->status = std::move(status);
                                  raw->done.Notify();
                                });
    return call;
  }
  grpc::Status Get(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
    longrunning::Operation response;
    return longrunning::Operations::NewStub(channel)->GetOperation(
        &context, longrunning::GetOperationRequest(), &response);
  }
  // A stream of a service that does not look at its callers; null if it ends.
  std::unique_ptr<Watching> Watch(
      const std::shared_ptr<grpc::Channel>& channel) {
    auto call = std::make_unique<Watching>();
    call->reader = healthpb::Health::NewStub(channel)->Watch(
        &call->context, healthpb::HealthCheckRequest());
    healthpb::HealthCheckResponse first;
    if (call->reader->Read(&first)) return call;
    ended_ = call->reader->Finish();
    return nullptr;
  }

  TempDir directory_;
  pki::TestPki pki_{absl::Now() - absl::Minutes(1)};
  const pki::MemberFacts facts_ = pki_.Facts("node1");
  const pki::MemberFacts greedy_ = pki_.Facts("node2");
  const pki::MemberFacts other_ = pki_.Facts("node3");
  TlsIdentity identity_;
  LiveCalls calls_;
  Service service_{&calls_};
  std::unique_ptr<Server> server_;
  HostPort address_;
  grpc::Status ended_;
};

TEST_F(LiveCallsTest, OneCallerHasItsShareAndOthersAreServed) {
  const auto greedy = ChannelOf(greedy_);
  std::vector<std::unique_ptr<Waiting>> calls;
  for (size_t i = 0; i < LiveCalls::kMost; ++i) calls.push_back(Wait(greedy));
  ASSERT_TRUE(
      Eventually([this] { return service_.waiting == LiveCalls::kMost; }));
  EXPECT_EQ(Get(greedy).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(FromGrpcStatus(Get(ChannelOf(greedy_))),
              HasReason("TOO_MANY_CALLS"))
      << "another connection is the same caller";
  EXPECT_TRUE(Get(ChannelOf(other_)).ok());
  service_.end.Notify();
  for (const auto& call : calls) {
    ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
    EXPECT_TRUE(call->status.ok()) << call->status.error_message();
  }
  EXPECT_TRUE(Eventually([this] { return calls_.size() == 0; }));
  EXPECT_TRUE(Get(greedy).ok());
}

TEST_F(LiveCallsTest, TheSocketIsServedWhateverComesOverTheNetwork) {
  std::vector<std::unique_ptr<Waiting>> calls;
  for (const char* name : {"a", "b", "c", "d"}) {
    const auto channel = ChannelOf(pki_.Facts(name));
    for (size_t i = 0; i < LiveCalls::kMost; ++i) {
      calls.push_back(Wait(channel));
    }
  }
  ASSERT_TRUE(Eventually([this] { return service_.waiting > 80; }));
  EXPECT_TRUE(Get(SocketChannel(directory_.File("s"))).ok());
  service_.end.Notify();
  for (const auto& call : calls) {
    ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
  }
}

TEST_F(LiveCallsTest, StreamsOfServicesThatLookAtNobodyAreBoundedToo) {
  const auto greedy = ChannelOf(greedy_);
  std::vector<std::unique_ptr<Watching>> streams;
  for (size_t i = 0; i < LiveCalls::kMost; ++i) {
    streams.push_back(Watch(greedy));
    ASSERT_NE(streams.back(), nullptr) << i << " " << ended_.error_message();
  }
  EXPECT_EQ(Watch(greedy), nullptr);
  EXPECT_EQ(ended_.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_NE(Watch(ChannelOf(other_)), nullptr);
}

TEST_F(LiveCallsTest, WhatAMemberHasOpenEndsWithItsMembership) {
  const auto call = Wait(ChannelOf(greedy_));
  const auto others = Wait(ChannelOf(other_));
  const auto stream = Watch(ChannelOf(greedy_));
  ASSERT_NE(stream, nullptr);
  ASSERT_TRUE(Eventually([this] { return service_.waiting == 2; }));
  calls_.EndWhere([this](const LiveCalls::Peer& peer) {
    return peer.id == greedy_.member_id;
  });
  ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
  EXPECT_EQ(call->status.error_code(), grpc::StatusCode::CANCELLED);
  healthpb::HealthCheckResponse next;
  EXPECT_FALSE(stream->reader->Read(&next));
  EXPECT_FALSE(others->done.HasBeenNotified());
  service_.end.Notify();
  ASSERT_TRUE(others->done.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(others->status.ok()) << others->status.error_message();
}

// By its key and its end, so that what a name had open before is told from what
// it has open with another certificate.
TEST_F(LiveCallsTest, OfAUserItIsKnownWhichCertificate) {
  const auto profile = pki::OperatorProfile(
      pki_.cluster_id(), "alice", pki::OperatorRole::kViewer, absl::Hours(1));
  ASSERT_OK(profile);
  const pki::TestLeaf leaf =
      pki_.Issue(pki_.cluster_ca(), *profile, pki_.now());
  ServerCheck check;
  check.clock = &Clock::Real();
  const auto call = Wait(MutualTlsChannel(TestMaterial(pki_, leaf), address_,
                                          facts_.member_id, check, {}));
  const auto members = Wait(ChannelOf(greedy_));
  ASSERT_TRUE(Eventually([this] { return service_.waiting == 2; }));
  std::vector<LiveCalls::Peer> seen;
  calls_.EndWhere([&seen](const LiveCalls::Peer& peer) {
    seen.push_back(peer);
    return peer.kind == pki::PeerKind::kOperator;
  });
  ASSERT_EQ(seen.size(), 2u);
  const LiveCalls::Peer& user =
      seen[seen[0].kind == pki::PeerKind::kOperator ? 0 : 1];
  EXPECT_EQ(user.id, "alice");
  EXPECT_EQ(user.spki_sha256, leaf.certificate.public_key().Fingerprint());
  EXPECT_EQ(user.not_after, leaf.certificate.not_after());
  ASSERT_TRUE(call->done.WaitForNotificationWithTimeout(kPatience));
  EXPECT_EQ(call->status.error_code(), grpc::StatusCode::CANCELLED);
  EXPECT_FALSE(members->done.HasBeenNotified());
  service_.end.Notify();
  ASSERT_TRUE(members->done.WaitForNotificationWithTimeout(kPatience));
}

TEST_F(LiveCallsTest, GrpcsOwnServicesAreForRegisteredKeys) {
  EXPECT_NE(Watch(ChannelOf(other_)), nullptr);
  identity_.registry()->Clear();
  EXPECT_EQ(Watch(ChannelOf(other_)), nullptr);
  EXPECT_EQ(ended_.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_NE(Watch(SocketChannel(directory_.File("s"))), nullptr);
}

}  // namespace
}  // namespace microovn::agent
