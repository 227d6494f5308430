// SPDX-License-Identifier: Apache-2.0
// A peer that answers and ends each connection before there is any, as one does
// that trusts another authority: it is dialed ever more rarely, until it calls.
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/mutex.h"
#include "base/testing/loopback.h"
#include "base/text/host_port.h"
#include "base/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "raft/core/values/types.h"
#include "raft/transport/grpc_transport.h"
#include "raft/transport/peer_directory.h"
#include "raft/transport/protocol_version.h"
#include "raft/transport/raft_service.h"
#include "raft/transport/transport.h"

namespace microovn::raft {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(20);
const ClusterId kCluster(1, 1);
const MemberId kAlice(0xa, 1);
const MemberId kBob(0xb, 2);

// Ends what it accepts.
class Refuser {
 public:
  Refuser() {
    EXPECT_EQ(listen(socket_.fd.get(), 16), 0);
    thread_ = std::thread([this] {
      for (;;) {
        const int fd = accept(socket_.fd.get(), nullptr, nullptr);
        if (fd < 0) return;
        close(fd);
        MutexLock lock(&mu_);
        dials_.push_back(Clock::Real().Monotonic());
        changed_.SignalAll();
      }
    });
  }
  ~Refuser() {
    shutdown(socket_.fd.get(), SHUT_RDWR);
    thread_.join();
  }

  uint16_t port() const { return socket_.port; }

  // When it was dialed, as soon as that was `count` times.
  std::vector<absl::Duration> AwaitDials(size_t count) {
    MutexLock lock(&mu_);
    while (dials_.size() < count) {
      if (!changed_.WaitWithTimeout(&mu_, kPatience)) break;
    }
    return dials_;
  }

 private:
  LoopbackSocket socket_;
  std::thread thread_;
  Mutex mu_;
  CondVar changed_;
  std::vector<absl::Duration> dials_ ABSL_GUARDED_BY(mu_);
};

class Nobody final : public Receiver {
 public:
  void Deliver(std::vector<Message>, LogIndex) override {}
  void ReportPeer(MemberId, bool) override {}
  void ProposeForPeer(const MemberId&, std::string, absl::Duration,
                      ProposalDone done) override {
    done(absl::UnimplementedError(""));
  }
};

// Alice has a server and a transport; Bob is the one who refuses.
class RefusedPeerTest : public testing::Test, public PeerDirectory {
 protected:
  RefusedPeerTest() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
    transport_.Start(kCluster, kAlice, &nobody_);
    transport_.SetPeers({kBob});
  }
  ~RefusedPeerTest() override {
    transport_.Stop();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  static std::shared_ptr<grpc::Channel> ChannelTo(int port) {
    grpc::ChannelArguments arguments;
    SetChannelArguments(&arguments);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                     grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  std::optional<HostPort> AddressOf(const MemberId&) const override {
    return HostPort{"127.0.0.1", bob_.port()};
  }

  // One stream of Bob's, until it is admitted.
  void CallAsBob() {
    const auto stub = proto::RaftService::NewStub(ChannelTo(port_));
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
    const auto stream = stub->Deliver(&context);
    stream->WaitForInitialMetadata();
    context.TryCancel();
    (void)stream->Finish();
  }

  Refuser bob_;
  Nobody nobody_;
  RaftService service_{[](const grpc::ServerContextBase&) {
    return absl::StatusOr<MemberId>(kBob);
  }};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  GrpcTransport transport_{&service_, this, [](const PeerEndpoint& peer) {
                             return ChannelTo(peer.address.port);
                           }};
};

TEST_F(RefusedPeerTest, IsDialedEverMoreRarely) {
  const std::vector<absl::Duration> dials = bob_.AwaitDials(5);
  ASSERT_GE(dials.size(), 5u);
  // 0.2 s, 0.4 s, 0.8 s and 1.6 s, if each try is one dial.
  EXPECT_GE(dials[4] - dials[0], absl::Seconds(2));
}

TEST_F(RefusedPeerTest, IsDialedAtOnceWhenItHasCalled) {
  const absl::Duration last = bob_.AwaitDials(6).back();
  // Its pause is 6.4 s now.
  CallAsBob();
  const std::vector<absl::Duration> dials = bob_.AwaitDials(7);
  ASSERT_GE(dials.size(), 7u);
  EXPECT_LT(dials[6] - last, absl::Seconds(4));
}

}  // namespace
}  // namespace microovn::raft
