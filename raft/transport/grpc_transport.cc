// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/grpc_transport.h"

#include <pthread.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "base/status/error.h"
#include "base/status/grpc_status.h"
#include "base/time/clock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/support/channel_arguments.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "raft/transport/lane.h"
#include "raft/transport/message_codec.h"
#include "raft/transport/peer_link.h"
#include "raft/transport/proposal_errors.h"
#include "raft/transport/protocol_version.h"
#include "raft/transport/raft_service.h"

namespace microovn::raft {
namespace {

constexpr int kKeepaliveMilliseconds = 5000;
constexpr int kKeepaliveTimeoutMilliseconds = 2000;
constexpr int kFirstReconnectMilliseconds = 50;
constexpr int kLongestReconnectMilliseconds = 200;
// One attempt, TLS included: long enough for a busy machine, short enough that
// a host which was off is found soon after it is back.
constexpr int kConnectTimeoutMilliseconds = 2000;

// How often addresses are looked at again.
constexpr absl::Duration kLookAround = absl::Seconds(1);
// A peer that is not a member any more is let go after this, so that it still
// hears of its removal.
constexpr absl::Duration kGrace = absl::Seconds(5);

}  // namespace

void SetChannelArguments(grpc::ChannelArguments* arguments) {
  arguments->SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMilliseconds);
  arguments->SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                    kKeepaliveTimeoutMilliseconds);
  arguments->SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments->SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                    kFirstReconnectMilliseconds);
  // Despite its name the least time that an attempt is given.
  arguments->SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS,
                    kConnectTimeoutMilliseconds);
  arguments->SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
                    kLongestReconnectMilliseconds);
  // gRPC's own retries copy what is sent; here nothing is sent twice by it.
  arguments->SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
}

void SetServerArguments(grpc::ServerBuilder* builder) {
  builder->AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kKeepaliveMilliseconds / 2);
}

// One proposal on its way; deletes itself when it is answered.
class GrpcTransport::Forwarded {
 public:
  Forwarded(std::shared_ptr<grpc::Channel> channel, Receiver::ProposalDone done)
      : stub_(proto::RaftService::NewStub(std::move(channel))),
        done_(std::move(done)) {}

  // `left` runs last, after the answer was given.
  void Begin(absl::Duration timeout, const std::function<void()>& left) {
    context_.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    context_.AddMetadata(kProtocolsKey, EncodeProtocols(kOwnProtocols));
    stub_->async()->Propose(&context_, &request, &response_,
                            [this, left](const grpc::Status& status) {
                              done_(Outcome(status));
                              left();
                              delete this;
                            });
  }

  void Refuse() {
    done_(StoppedError());
    delete this;
  }

  void Cancel() { context_.TryCancel(); }

  proto::ProposeRequest request;

 private:
  absl::StatusOr<Proposed> Outcome(const grpc::Status& status) {
    if (status.ok()) {
      return Proposed{LogIndex(response_.index()),
                      std::move(*response_.mutable_result())};
    }
    const absl::Status error = FromGrpcStatus(status);
    // With a reason the leader has answered; without, the connection has.
    if (!ReasonOf(error).empty()) return error;
    return OutcomeUnknownError(error.message());
  }

  const std::unique_ptr<proto::RaftService::Stub> stub_;
  const Receiver::ProposalDone done_;
  grpc::ClientContext context_;
  proto::ProposeResponse response_;
};

GrpcTransport::GrpcTransport(RaftService* service,
                             const PeerDirectory* directory,
                             ChannelFactory channels)
    : service_(service),
      directory_(directory),
      channels_(std::move(channels)) {}

GrpcTransport::~GrpcTransport() { Stop(); }

void GrpcTransport::Start(const ClusterId& cluster, const MemberId& self,
                          Receiver* receiver) {
  cluster_ = cluster;
  self_ = self;
  receiver_ = receiver;
  thread_ = std::thread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "raft-transport");
  service_->Attach(cluster, self, receiver,
                   [this](const MemberId& member) { HearFrom(member); });
}

void GrpcTransport::Stop() {
  service_->Detach();
  std::map<MemberId, std::shared_ptr<PeerLink>> peers;
  {
    MutexLock lock(&mu_);
    stopped_ = true;
    // Also one that has not begun: its context keeps the cancellation.
    for (Forwarded* forwarded : forwarded_) forwarded->Cancel();
    wake_.SignalAll();
    while (!forwarded_.empty()) wake_.Wait(&mu_);
    peers.swap(peers_);
  }
  if (thread_.joinable()) thread_.join();
  for (const auto& [member, peer] : peers) peer->Close();
}

void GrpcTransport::SetPeers(const std::vector<MemberId>& peers) {
  {
    MutexLock lock(&mu_);
    wanted_ = std::set<MemberId>(peers.begin(), peers.end());
    wanted_.erase(self_);
  }
  for (const MemberId& peer : peers) {
    if (peer != self_) PeerOf(peer);
  }
}

void GrpcTransport::Send(std::vector<Message> messages) {
  // One write per peer and round, in the order in which the core gave them.
  std::map<MemberId, std::vector<Message>> by_peer;
  for (Message& message : messages) {
    const MemberId to = message.header.to;
    by_peer[to].push_back(std::move(message));
  }
  for (auto& [to, mine] : by_peer) {
    const std::shared_ptr<PeerLink> peer = PeerOf(to);
    if (peer != nullptr) peer->Send(std::move(mine));
  }
}

void GrpcTransport::ForwardPropose(const MemberId& to,
                                   const std::string& command,
                                   absl::Duration timeout,
                                   Receiver::ProposalDone done) {
  const std::shared_ptr<PeerLink> peer = PeerOf(to);
  if (peer == nullptr) {
    done(StoppedError());
    return;
  }
  // A proposal is not even begun while the leader cannot be reached.
  const std::shared_ptr<grpc::Channel> channel = peer->Channel();
  if (channel == nullptr ||
      channel->GetState(/*try_to_connect=*/true) != GRPC_CHANNEL_READY) {
    done(NoLeaderError("the leader cannot be reached"));
    return;
  }
  auto* const forwarded = new Forwarded(channel, std::move(done));
  forwarded->request.set_cluster_id(EncodeId(cluster_));
  forwarded->request.set_from(EncodeId(self_));
  forwarded->request.set_to(EncodeId(to));
  forwarded->request.set_command(command);
  if (Register(forwarded)) {
    forwarded->Begin(timeout, [this, forwarded] { Unregister(forwarded); });
  } else {
    forwarded->Refuse();
  }
}

bool GrpcTransport::Register(Forwarded* forwarded) {
  MutexLock lock(&mu_);
  if (stopped_) return false;
  forwarded_.insert(forwarded);
  return true;
}

void GrpcTransport::Unregister(Forwarded* forwarded) {
  MutexLock lock(&mu_);
  forwarded_.erase(forwarded);
  wake_.SignalAll();
}

std::shared_ptr<PeerLink> GrpcTransport::PeerOf(const MemberId& member) {
  MutexLock lock(&mu_);
  if (stopped_) return nullptr;
  std::shared_ptr<PeerLink>& peer = peers_[member];
  if (peer == nullptr) {
    peer = std::make_shared<PeerLink>(
        member, directory_, channels_,
        [this, member](Lane::Event event) { Change(member, event); }, &proof_);
    dirty_ = true;
    wake_.SignalAll();
  }
  return peer;
}

void GrpcTransport::Change(const MemberId& member, Lane::Event event) {
  MutexLock lock(&mu_);
  if (event == Lane::Event::kUp || event == Lane::Event::kLost) {
    changes_.emplace_back(member, event == Lane::Event::kUp);
  }
  dirty_ = true;
  wake_.SignalAll();
}

void GrpcTransport::HearFrom(const MemberId& member) {
  std::shared_ptr<PeerLink> peer;
  {
    MutexLock lock(&mu_);
    const auto found = peers_.find(member);
    if (found == peers_.end()) return;
    peer = found->second;
  }
  if (!peer->TrustAgain()) return;
  MutexLock lock(&mu_);
  dirty_ = true;
  wake_.SignalAll();
}

std::vector<std::shared_ptr<PeerLink>> GrpcTransport::Peers() {
  MutexLock lock(&mu_);
  std::vector<std::shared_ptr<PeerLink>> peers;
  for (const auto& [member, peer] : peers_) peers.push_back(peer);
  return peers;
}

void GrpcTransport::Run() {
  for (;;) {
    ReportChanges();
    const absl::Duration now = Clock::Real().Monotonic();
    absl::Duration wait = kLookAround;
    for (const std::shared_ptr<PeerLink>& peer : Peers()) {
      wait = std::min(wait, peer->Maintain(now));
    }
    LetGo(now);
    MutexLock lock(&mu_);
    if (stopped_) return;
    if (!dirty_) wake_.WaitWithTimeout(&mu_, wait);
    dirty_ = false;
  }
}

void GrpcTransport::ReportChanges() {
  std::deque<std::pair<MemberId, bool>> changes;
  {
    MutexLock lock(&mu_);
    changes.swap(changes_);
  }
  for (const auto& [member, up] : changes) receiver_->ReportPeer(member, up);
}

void GrpcTransport::LetGo(absl::Duration now) {
  // Closed when the lock is released: closing waits for gRPC's threads, which
  // take it.
  std::map<MemberId, std::shared_ptr<PeerLink>> gone;
  {
    MutexLock lock(&mu_);
    // Before the first SetPeers.
    if (wanted_.empty()) return;
    for (auto at = peers_.begin(); at != peers_.end();) {
      if (wanted_.count(at->first) > 0 ||
          now - at->second->last_used() < kGrace) {
        ++at;
      } else {
        gone.insert(*at);
        at = peers_.erase(at);
      }
    }
  }
  // The way back as well: it may be one that was removed and does not let go.
  for (const auto& [member, peer] : gone) service_->EndStreamsOf(member);
}

}  // namespace microovn::raft
