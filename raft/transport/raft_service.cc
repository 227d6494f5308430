// SPDX-License-Identifier: Apache-2.0
#include "raft/transport/raft_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "base/status/grpc_status.h"
#include "base/status/status_macros.h"
#include "base/time/clock.h"
#include "raft/transport/proposal_errors.h"
#include "raft/transport/protocol_version.h"

namespace microovn::raft {
namespace {

// A caller that gave no deadline does not wait for ever.
constexpr absl::Duration kLongestProposal = absl::Minutes(1);

// To check a proof costs more than to send one.
constexpr absl::Duration kProofPause = absl::Seconds(1);

constexpr char kNotAllowed[] = "not for this member, or not by this caller";

absl::Duration TimeLeft(const grpc::CallbackServerContext& context) {
  // May be negative: the call is then answered at the next look at deadlines.
  return std::min(absl::FromChrono(context.deadline()) - absl::Now(),
                  kLongestProposal);
}

template <typename Reactor>
Reactor* Finished(Reactor* reactor, const absl::Status& status) {
  reactor->Finish(ToGrpcStatus(status));
  return reactor;
}

}  // namespace

// gRPC calls its On* functions; it lives until OnDone.
class RaftService::Stream final
    : public grpc::ServerBidiReactor<proto::DeliverRequest,
                                     proto::DeliverResponse> {
 public:
  Stream(RaftService* service, grpc::CallbackServerContext* context)
      : service_(service), context_(context) {}

  // Exactly one Finish for each stream, here or in OnReadDone: after a read has
  // failed or been refused none is begun again.
  void Begin(absl::StatusOr<MemberId> peer) {
    if (!peer.ok()) {
      Finish(ToGrpcStatus(peer.status()));
      return;
    }
    peer_ = *peer;
    // Tells the caller that it is connected to a member that listens.
    StartSendInitialMetadata();
    StartRead(&request_);
  }

  void Cancel() { context_->TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    // Ends the stream and not only the message: who sends in another's name, or
    // to another member, is set up wrongly and shall see it.
    if (!request_.voter_proof().empty()) HearProof();
    if (!service_->DeliverAll(peer_, voter_at_, request_)) {
      Finish(grpc::Status(grpc::StatusCode::PERMISSION_DENIED, kNotAllowed));
      return;
    }
    StartRead(&request_);
  }

  void OnDone() override {
    service_->Remove(this);
    delete this;
  }

 private:
  void HearProof() {
    const absl::Duration now = Clock::Real().Monotonic();
    if (now < next_proof_) return;
    next_proof_ = now + kProofPause;
    voter_at_ = service_->CheckProof(peer_, request_.voter_proof());
  }

  RaftService* const service_;
  grpc::CallbackServerContext* const context_;
  MemberId peer_;
  // Of the last proof that was checked.
  LogIndex voter_at_;
  absl::Duration next_proof_ = absl::ZeroDuration();
  proto::DeliverRequest request_;
};

void RaftService::Attach(const ClusterId& cluster, const MemberId& self,
                         Receiver* receiver,
                         std::function<void(const MemberId&)> heard) {
  MutexLock lock(&mu_);
  session_ = Session{cluster, self, receiver, std::move(heard)};
}

void RaftService::Detach() {
  MutexLock lock(&mu_);
  session_.reset();
  // They end on gRPC's threads and may outlast this; without a session they
  // deliver nothing more.
  for (const auto& [stream, peer] : streams_) stream->Cancel();
  while (inside_ > 0) left_.Wait(&mu_);
}

void RaftService::EndStreamsOf(const MemberId& peer) {
  MutexLock lock(&mu_);
  for (const auto& [stream, whose] : streams_) {
    if (whose == peer) stream->Cancel();
  }
}

grpc::ServerBidiReactor<proto::DeliverRequest, proto::DeliverResponse>*
RaftService::Deliver(grpc::CallbackServerContext* context) {
  auto* const stream = new Stream(this, context);
  Add(stream);
  // A Detach between the two finds the stream and cancels it.
  const std::optional<Session> session = Enter();
  if (session.has_value()) {
    const absl::StatusOr<MemberId> peer = Admit(*context, *session);
    if (peer.ok()) {
      Name(stream, *peer);
      if (session->heard != nullptr) session->heard(*peer);
    }
    stream->Begin(peer);
    Leave();
  } else {
    stream->Begin(StoppedError());
  }
  return stream;
}

grpc::ServerUnaryReactor* RaftService::Propose(
    grpc::CallbackServerContext* context, const proto::ProposeRequest* request,
    proto::ProposeResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  const std::optional<Session> session = Enter();
  if (!session.has_value()) return Finished(reactor, StoppedError());
  const absl::StatusOr<MemberId> peer = Admit(*context, *session);
  if (!peer.ok()) {
    Leave();
    return Finished(reactor, peer.status());
  }
  if (DecodeId<ClusterId>(request->cluster_id()) != session->cluster ||
      DecodeId<MemberId>(request->from()) != *peer ||
      DecodeId<MemberId>(request->to()) != session->self) {
    Leave();
    return Finished(reactor, absl::PermissionDeniedError(kNotAllowed));
  }
  // The answer may come after Leave, and after Detach: reactor and response are
  // gRPC's and live until Finish. The receiver answers each one, at the latest
  // when it stops.
  session->receiver->ProposeForPeer(
      *peer, request->command(), TimeLeft(*context),
      [reactor, response](absl::StatusOr<Proposed> proposed) {
        if (proposed.ok()) {
          response->set_index(proposed->index.value());
          response->set_result(std::move(proposed->result));
        }
        reactor->Finish(ToGrpcStatus(proposed.status()));
      });
  Leave();
  return reactor;
}

absl::StatusOr<MemberId> RaftService::Admit(
    const grpc::CallbackServerContext& context, const Session& session) const {
  ASSIGN_OR_RETURN(const MemberId peer, identity_(context));
  const auto spoken = context.client_metadata().find(kProtocolsKey);
  const absl::string_view protocols =
      spoken == context.client_metadata().end()
          ? absl::string_view()
          : absl::string_view(spoken->second.data(), spoken->second.size());
  const absl::Status agreed =
      AgreeOnProtocol(kOwnProtocols, protocols).status();
  if (agreed.ok()) return peer;
  // With each call, so that the node can show it as long as it lasts; it logs
  // the first only.
  session.receiver->ReportIncompatible(peer, agreed);
  return agreed;
}

std::optional<RaftService::Session> RaftService::Enter() {
  MutexLock lock(&mu_);
  // The count and not the lock keeps the receiver there: it works on this
  // thread, for long maybe.
  if (session_.has_value()) ++inside_;
  return session_;
}

void RaftService::Leave() {
  MutexLock lock(&mu_);
  --inside_;
  left_.SignalAll();
}

void RaftService::Add(Stream* stream) {
  MutexLock lock(&mu_);
  streams_.emplace(stream, MemberId());
}

void RaftService::Name(Stream* stream, const MemberId& peer) {
  MutexLock lock(&mu_);
  streams_[stream] = peer;
}

void RaftService::Remove(Stream* stream) {
  MutexLock lock(&mu_);
  streams_.erase(stream);
}

LogIndex RaftService::CheckProof(const MemberId& peer,
                                 const std::string& proof) {
  const std::optional<Session> session = Enter();
  if (!session.has_value()) return LogIndex(0);
  const LogIndex voter_at =
      proofs_ ? proofs_(session->cluster, peer, proof) : LogIndex(0);
  Leave();
  return voter_at;
}

bool RaftService::DeliverAll(const MemberId& peer, LogIndex voter_at,
                             const proto::DeliverRequest& request) {
  const std::optional<Session> session = Enter();
  if (!session.has_value()) return false;
  bool allowed = true;
  std::vector<Message> accepted;
  for (const proto::Message& each : request.messages()) {
    absl::StatusOr<Message> message = DecodeMessage(each);
    // From a later version, or damaged: as good as lost.
    if (!message.ok()) continue;
    const Header& header = message->header;
    // What came before the first that is not allowed is delivered: it was true
    // by itself.
    allowed = header.cluster == session->cluster && header.from == peer &&
              header.to == session->self;
    if (!allowed) break;
    accepted.push_back(*std::move(message));
  }
  if (!accepted.empty())
    session->receiver->Deliver(std::move(accepted), voter_at);
  Leave();
  return allowed;
}

}  // namespace microovn::raft
