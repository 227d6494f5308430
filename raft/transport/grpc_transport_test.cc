// SPDX-License-Identifier: Apache-2.0
// Two ends over gRPC on loopback: who may send what, and what a peer that goes
// and comes back does to the connection.
#include "raft/transport/grpc_transport.h"

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/mutex.h"
#include "base/status/grpc_status.h"
#include "base/testing/status_matchers.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "raft/transport/answer.h"
#include "raft/transport/message_codec.h"
#include "raft/transport/proposal_errors.h"
#include "raft/transport/protocol_version.h"
#include "raft/transport/raft_service.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
const ClusterId kCluster(1, 1);
const MemberId kAlice(0xa, 1);
const MemberId kBob(0xb, 2);
const MemberId kEve(0xe, 3);

// A node that remembers what it was told.
class Listener final : public Receiver {
 public:
  void Deliver(std::vector<Message> messages, LogIndex voter_at) override {
    MutexLock lock(&mu_);
    voter_at_ = voter_at;
    for (Message& message : messages) messages_.push_back(std::move(message));
    changed_.SignalAll();
  }
  void ReportPeer(MemberId peer, bool up) override {
    MutexLock lock(&mu_);
    reports_.emplace_back(peer, up);
    changed_.SignalAll();
  }
  void ReportIncompatible(MemberId peer, const absl::Status&) override {
    MutexLock lock(&mu_);
    incompatible_.insert(peer);
  }
  void ProposeForPeer(const MemberId& from, std::string command, absl::Duration,
                      ProposalDone done) override {
    if (command == "never") {
      MutexLock lock(&mu_);
      hanging_.push_back(std::move(done));
      changed_.SignalAll();
    } else if (command == "refused") {
      done(OverloadedError());
    } else if (command == "who") {
      done(Proposed{LogIndex(7), from.ToHex()});
    } else {
      done(Proposed{LogIndex(7), command + "!"});
    }
  }

  std::optional<Message> NextMessage() {
    MutexLock lock(&mu_);
    while (messages_.empty()) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) return std::nullopt;
    }
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

  std::optional<std::pair<MemberId, bool>> NextReport() {
    MutexLock lock(&mu_);
    while (reports_.empty()) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) return std::nullopt;
    }
    const auto report = reports_.front();
    reports_.pop_front();
    return report;
  }

  // Of the last messages.
  LogIndex voter_at() {
    MutexLock lock(&mu_);
    return voter_at_;
  }

  std::set<MemberId> incompatible() {
    MutexLock lock(&mu_);
    return incompatible_;
  }

  bool AwaitHanging() {
    MutexLock lock(&mu_);
    while (hanging_.empty()) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) return false;
    }
    return true;
  }

  void AnswerHanging() {
    std::vector<ProposalDone> hanging;
    {
      MutexLock lock(&mu_);
      hanging.swap(hanging_);
    }
    for (const ProposalDone& done : hanging) done(StoppedError());
  }

 private:
  Mutex mu_;
  CondVar changed_;
  std::deque<Message> messages_ ABSL_GUARDED_BY(mu_);
  std::deque<std::pair<MemberId, bool>> reports_ ABSL_GUARDED_BY(mu_);
  LogIndex voter_at_ ABSL_GUARDED_BY(mu_);
  std::set<MemberId> incompatible_ ABSL_GUARDED_BY(mu_);
  std::vector<ProposalDone> hanging_ ABSL_GUARDED_BY(mu_);
};

// The server of one member. Who calls is in the user agent's place.
class Endpoint {
 public:
  explicit Endpoint(int port = 0) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port),
                             grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&service_);
    SetServerArguments(&builder);
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
  }
  ~Endpoint() { server_->Shutdown(std::chrono::system_clock::now()); }

  RaftService& service() { return service_; }
  int port() const { return port_; }

 private:
  static absl::StatusOr<MemberId> Caller(
      const grpc::ServerContextBase& context) {
    const auto agent = context.client_metadata().find("user-agent");
    const std::string name(agent->second.data(), agent->second.size());
    const auto member = MemberId::FromHex(name.substr(0, 32));
    if (!member.has_value()) return absl::UnauthenticatedError("who?");
    return *member;
  }

  // Its length is what a proof proves.
  static LogIndex Proves(const ClusterId& cluster, const MemberId& peer,
                         const std::string& proof) {
    const bool alices = cluster == kCluster && peer == kAlice;
    return LogIndex(alices ? proof.size() : 0);
  }

  RaftService service_{Caller, Proves};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

std::shared_ptr<grpc::Channel> ChannelAs(const std::string& caller, int port) {
  grpc::ChannelArguments arguments;
  SetChannelArguments(&arguments);
  arguments.SetUserAgentPrefix(caller);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                   grpc::InsecureChannelCredentials(),
                                   arguments);
}

Message MessageOf(const MemberId& from, const MemberId& to, uint64_t term) {
  Message message;
  message.header = {kCluster, from, to, Incarnation(1), Term(term)};
  message.body = Heartbeat{LogIndex(term), ReadNumber(0)};
  return message;
}

// Bob listens; Alice calls him through a transport.
class GrpcTransportTest : public testing::Test, public PeerDirectory {
 protected:
  GrpcTransportTest() {
    StartBob();
    transport_.Start(kCluster, kAlice, &alice_);
  }
  ~GrpcTransportTest() override {
    bob_.AnswerHanging();
    transport_.Stop();
  }

  void StartBob() {
    bobs_end_ = std::make_unique<Endpoint>(bobs_port_);
    bobs_port_ = bobs_end_->port();
    bobs_end_->service().Attach(kCluster, kBob, &bob_);
  }
  void StopBob() {
    bobs_end_->service().Detach();
    bobs_end_ = nullptr;
  }

  absl::StatusOr<Proposed> Forward(const MemberId& to,
                                   const std::string& command,
                                   absl::Duration timeout) {
    const auto answer = std::make_shared<Answer<absl::StatusOr<Proposed>>>();
    transport_.ForwardPropose(to, command, timeout,
                              [answer](absl::StatusOr<Proposed> proposed) {
                                answer->Set(std::move(proposed));
                              });
    auto proposed = answer->Wait(kPatience);
    if (!proposed.has_value()) return absl::InternalError("no answer");
    return *std::move(proposed);
  }

  std::optional<HostPort> AddressOf(const MemberId& member) const override {
    if (member != kBob) return std::nullopt;
    return HostPort{"127.0.0.1", static_cast<uint16_t>(bobs_port_.load())};
  }

  uint64_t CredentialsGeneration() const override { return generation_; }

  std::atomic<uint64_t> generation_{0};
  std::atomic<int> channels_made_{0};
  Listener alice_;
  Listener bob_;
  Endpoint alices_end_;
  std::atomic<int> bobs_port_{0};
  std::unique_ptr<Endpoint> bobs_end_;
  GrpcTransport transport_{
      &alices_end_.service(), this, [this](const PeerEndpoint& peer) {
        ++channels_made_;
        return ChannelAs(kAlice.ToHex(), peer.address.port);
      }};
};

TEST_F(GrpcTransportTest, DeliversInOrderAlsoWhatWasSentBeforeItConnected) {
  for (uint64_t term = 1; term <= 20; ++term) {
    transport_.Send({MessageOf(kAlice, kBob, term)});
  }
  for (uint64_t term = 1; term <= 20; ++term) {
    const auto message = bob_.NextMessage();
    ASSERT_TRUE(message.has_value()) << term;
    EXPECT_EQ(*message, MessageOf(kAlice, kBob, term));
  }
}

TEST_F(GrpcTransportTest, SnapshotChunksArriveBesideMessages) {
  Message chunk = MessageOf(kAlice, kBob, 1);
  SnapshotChunk body;
  body.snapshot.configuration.voters = {kAlice};
  body.bytes = Payload(std::string(256 << 10, 'x'));
  chunk.body = body;
  transport_.Send({chunk});
  const auto message = bob_.NextMessage();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(*message, chunk);
}

TEST_F(GrpcTransportTest, ReportsAPeerThatGoesAndFindsItAgain) {
  transport_.SetPeers({kAlice, kBob});
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  StopBob();
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, false));
  EXPECT_THAT(Forward(kBob, "a", kPatience), HasReason(kNoLeaderReason));
  StartBob();
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  transport_.Send({MessageOf(kAlice, kBob, 1)});
  EXPECT_TRUE(bob_.NextMessage().has_value());
}

TEST_F(GrpcTransportTest, FollowsAPeerThatMoves) {
  transport_.SetPeers({kBob});
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  Listener moved;
  Endpoint elsewhere;
  elsewhere.service().Attach(kCluster, kBob, &moved);
  bobs_port_ = elsewhere.port();
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, false));
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  transport_.Send({MessageOf(kAlice, kBob, 1)});
  EXPECT_TRUE(moved.NextMessage().has_value());
  elsewhere.service().Detach();
  bobs_end_->service().Detach();
}

TEST_F(GrpcTransportTest, ConnectsAnewWithNewCredentials) {
  transport_.SetPeers({kBob});
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  const int before = channels_made_;
  EXPECT_GE(before, 1);
  ++generation_;
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, false));
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  EXPECT_EQ(channels_made_, before + 1);
  transport_.Send({MessageOf(kAlice, kBob, 1)});
  EXPECT_TRUE(bob_.NextMessage().has_value());
}

TEST_F(GrpcTransportTest, ForwardsProposalsAndTellsOutcomesApart) {
  transport_.SetPeers({kBob});
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  const auto proposed = Forward(kBob, "do", kPatience);
  ASSERT_OK(proposed);
  EXPECT_EQ(proposed->index, LogIndex(7));
  EXPECT_EQ(proposed->result, "do!");
  const auto who = Forward(kBob, "who", kPatience);
  ASSERT_OK(who);
  EXPECT_EQ(who->result, kAlice.ToHex());
  EXPECT_THAT(Forward(kBob, "refused", kPatience),
              HasReason(kOverloadedReason));
  EXPECT_THAT(Forward(kBob, "never", absl::Milliseconds(200)),
              HasReason(kOutcomeUnknownReason));
  EXPECT_THAT(Forward(kEve, "do", kPatience), HasReason(kNoLeaderReason));
  bobs_end_->service().Detach();
  EXPECT_THAT(Forward(kBob, "do", kPatience), HasReason(kStoppedReason));
}

TEST_F(GrpcTransportTest, StopEndsWhatWaits) {
  transport_.SetPeers({kBob});
  EXPECT_EQ(alice_.NextReport(), std::make_pair(kBob, true));
  std::thread waiting([this] {
    EXPECT_THAT(Forward(kBob, "never", kPatience),
                HasReason(kOutcomeUnknownReason));
  });
  EXPECT_TRUE(bob_.AwaitHanging());
  transport_.Stop();
  waiting.join();
  EXPECT_THAT(Forward(kBob, "do", kPatience), HasReason(kStoppedReason));
  transport_.Send({MessageOf(kAlice, kBob, 1)});
}

TEST_F(GrpcTransportTest, WhatAMemberProvesGoesWithItsMessages) {
  const auto voter_at = [this](uint64_t term) {
    transport_.Send({MessageOf(kAlice, kBob, term)});
    EXPECT_TRUE(bob_.NextMessage().has_value());
    return bob_.voter_at();
  };
  EXPECT_EQ(voter_at(1), LogIndex(0));
  transport_.ShowProof("seven..");
  EXPECT_EQ(voter_at(2), LogIndex(7));
  // Until the stream ends, and in the next one anew.
  EXPECT_EQ(voter_at(3), LogIndex(7));
  StopBob();
  StartBob();
  for (std::pair<MemberId, bool> report(kBob, true); report.second;) {
    const auto next = alice_.NextReport();
    ASSERT_TRUE(next.has_value());
    report = *next;
  }
  EXPECT_EQ(voter_at(4), LogIndex(7));
}

// Or a caller could keep a thread busy with them.
TEST_F(GrpcTransportTest, ProofsAreCheckedOnceASecond) {
  const auto stub =
      proto::RaftService::NewStub(ChannelAs(kAlice.ToHex(), bobs_port_));
  grpc::ClientContext context;
  context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
  const auto stream = stub->Deliver(&context);
  for (const char* proof : {"seven..", "eight..."}) {
    proto::DeliverRequest request;
    *request.add_messages() = EncodeMessage(MessageOf(kAlice, kBob, 5));
    request.set_voter_proof(proof);
    EXPECT_TRUE(stream->Write(request));
    EXPECT_TRUE(bob_.NextMessage().has_value());
    EXPECT_EQ(bob_.voter_at(), LogIndex(7));
  }
  context.TryCancel();
  stream->Finish();
}

// One that was removed may well keep its end open, and who is a member is not
// disturbed by that.
TEST_F(GrpcTransportTest, WhoIsLetGoIsHeardNoMore) {
  const auto stub =
      proto::RaftService::NewStub(ChannelAs(kBob.ToHex(), alices_end_.port()));
  grpc::ClientContext context;
  context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
  const auto stream = stub->Deliver(&context);
  const auto staying_stub =
      proto::RaftService::NewStub(ChannelAs(kEve.ToHex(), alices_end_.port()));
  grpc::ClientContext staying_context;
  staying_context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
  const auto staying = staying_stub->Deliver(&staying_context);
  transport_.SetPeers({kBob, kEve});
  proto::DeliverRequest request;
  *request.add_messages() = EncodeMessage(MessageOf(kBob, kAlice, 1));
  ASSERT_TRUE(stream->Write(request));
  ASSERT_TRUE(alice_.NextMessage().has_value());

  transport_.SetPeers({kEve});
  const absl::Duration begun = Clock::Real().Monotonic();
  proto::DeliverResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  const absl::Duration took = Clock::Real().Monotonic() - begun;
  EXPECT_LT(took, absl::Seconds(10)) << "five seconds, and a look around";
  RecordProperty("closed_after", absl::FormatDuration(took));

  request.Clear();
  *request.add_messages() = EncodeMessage(MessageOf(kEve, kAlice, 2));
  ASSERT_TRUE(staying->Write(request));
  EXPECT_TRUE(alice_.NextMessage().has_value());
  staying_context.TryCancel();
  staying->Finish();
}

// Only what a caller's certificate allows reaches the node.
TEST_F(GrpcTransportTest, RefusesWhatIsNotTheCallersToSend) {
  Message other_cluster = MessageOf(kAlice, kBob, 1);
  other_cluster.header.cluster = ClusterId(9, 9);
  struct {
    const char* what;
    std::string caller;
    Message message;
    grpc::StatusCode code;
  } const cases[] = {
      {"no identity", "nobody", MessageOf(kAlice, kBob, 1),
       grpc::StatusCode::UNAUTHENTICATED},
      {"in another's name", kEve.ToHex(), MessageOf(kAlice, kBob, 1),
       grpc::StatusCode::PERMISSION_DENIED},
      {"for another member", kAlice.ToHex(), MessageOf(kAlice, kEve, 1),
       grpc::StatusCode::PERMISSION_DENIED},
      {"of another cluster", kAlice.ToHex(), other_cluster,
       grpc::StatusCode::PERMISSION_DENIED},
  };
  for (const auto& each : cases) {
    const auto stub =
        proto::RaftService::NewStub(ChannelAs(each.caller, bobs_port_));
    grpc::ClientContext context;
    context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
    const auto stream = stub->Deliver(&context);
    proto::DeliverRequest request;
    *request.add_messages() = EncodeMessage(each.message);
    stream->Write(request);
    proto::DeliverResponse response;
    EXPECT_FALSE(stream->Read(&response)) << each.what;
    EXPECT_EQ(stream->Finish().error_code(), each.code) << each.what;

    proto::ProposeRequest proposal;
    proposal.set_cluster_id(EncodeId(each.message.header.cluster));
    proposal.set_from(EncodeId(each.message.header.from));
    proposal.set_to(EncodeId(each.message.header.to));
    proto::ProposeResponse answer;
    grpc::ClientContext propose_context;
    propose_context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
    EXPECT_EQ(stub->Propose(&propose_context, proposal, &answer).error_code(),
              each.code)
        << each.what;
  }
  // A message that does not decode is dropped; the stream goes on.
  const auto stub =
      proto::RaftService::NewStub(ChannelAs(kAlice.ToHex(), bobs_port_));
  grpc::ClientContext context;
  context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
  const auto stream = stub->Deliver(&context);
  proto::DeliverRequest request;
  request.add_messages()->set_from("garbage");
  *request.add_messages() = EncodeMessage(MessageOf(kAlice, kBob, 5));
  EXPECT_TRUE(stream->Write(request));
  const auto message = bob_.NextMessage();
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->header.term, Term(5));
  context.TryCancel();
  stream->Finish();
}

// A program from another time is told so, and so is the node.
TEST_F(GrpcTransportTest, RefusesCallersThatSpeakAnotherProtocol) {
  const std::vector<std::string> spoken = {"", "2-7", "nonsense"};
  for (const std::string& protocols : spoken) {
    const auto stub =
        proto::RaftService::NewStub(ChannelAs(kEve.ToHex(), bobs_port_));
    grpc::ClientContext context;
    grpc::ClientContext propose_context;
    if (!protocols.empty()) {
      context.AddMetadata(kProtocolsKey, protocols);
      propose_context.AddMetadata(kProtocolsKey, protocols);
    }
    const auto stream = stub->Deliver(&context);
    proto::DeliverResponse response;
    EXPECT_FALSE(stream->Read(&response));
    const grpc::Status ended = stream->Finish();
    EXPECT_THAT(FromGrpcStatus(ended), HasReason(kProtocolUnknownReason));
    EXPECT_THAT(ended.error_message(), testing::HasSubstr("1-1"));
    EXPECT_THAT(ended.error_message(), testing::HasSubstr(protocols));

    proto::ProposeResponse answer;
    EXPECT_THAT(FromGrpcStatus(stub->Propose(&propose_context, {}, &answer)),
                HasReason(kProtocolUnknownReason));
  }
  EXPECT_THAT(bob_.incompatible(), testing::ElementsAre(kEve));
}

}  // namespace
}  // namespace microovn::raft
