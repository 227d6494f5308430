// SPDX-License-Identifier: Apache-2.0
// The receiving side of the transport: the gRPC service that an agent registers
// on its server. It passes on only what is from the member that the caller's
// certificate names, of this cluster and for this member.
#ifndef MICROOVN_RAFT_TRANSPORT_RAFT_SERVICE_H_
#define MICROOVN_RAFT_TRANSPORT_RAFT_SERVICE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "grpcpp/server_context.h"
#include "microovn/internal/raft/v1/raft.grpc.pb.h"
#include "raft/core/values/types.h"
#include "raft/transport/message_codec.h"
#include "raft/transport/transport.h"

namespace microovn::raft {

// The member that a caller has proved to be; runs for each call, on gRPC's
// threads, and must not block.
using CallerIdentity =
    std::function<absl::StatusOr<MemberId>(const grpc::ServerContextBase&)>;

// By which configuration `proof`, which `peer` has shown, makes it a voter of
// the cluster; 0 if it proves nothing. Runs on gRPC's threads at most once a
// second for each stream, and must not block.
using VoterProofCheck = std::function<LogIndex(
    const ClusterId& cluster, const MemberId& peer, const std::string& proof)>;

// Thread-safe. Outlives the server it is registered on.
// Registered before the node is there and after it is gone, since a server's
// services cannot change: Attach and Detach open and close it. A receiver is
// called between Enter and Leave only, and Detach waits for these, so nobody is
// called who is being taken down.
class RaftService final : public proto::RaftService::CallbackService {
 public:
  // Without `proofs` nothing is proved.
  explicit RaftService(CallerIdentity identity, VoterProofCheck proofs = {})
      : identity_(std::move(identity)), proofs_(std::move(proofs)) {}

  // Until then, and after Detach, callers hear UNAVAILABLE.
  // By the transport, when it starts. `heard` is told whose streams
  // begin; called as the receiver is.
  void Attach(const ClusterId& cluster, const MemberId& self,
              Receiver* receiver,
              std::function<void(const MemberId&)> heard = nullptr);
  // Ends the streams; returns when `receiver` is not called any more.
  // Not from the receiver's functions: it would wait for itself.
  void Detach();
  // Ends the streams that `peer` has open here. It may open others, if its
  // certificate admits it still.
  void EndStreamsOf(const MemberId& peer);

  grpc::ServerBidiReactor<proto::DeliverRequest, proto::DeliverResponse>*
  Deliver(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Propose(grpc::CallbackServerContext* context,
                                    const proto::ProposeRequest* request,
                                    proto::ProposeResponse* response) override;

 private:
  class Stream;

  // What the service serves while attached.
  struct Session {
    ClusterId cluster;
    MemberId self;
    Receiver* receiver = nullptr;
    std::function<void(const MemberId&)> heard;
  };

  // Who calls, if it may and speaks a protocol that this program knows.
  // The certificate names the member; that it is one of the configuration, and
  // of this incarnation, is for the core to say (ADR 9).
  absl::StatusOr<MemberId> Admit(const grpc::CallbackServerContext& context,
                                 const Session& session) const;
  // None when detached; otherwise Leave must follow, and until then the
  // receiver is there.
  std::optional<Session> Enter();
  void Leave();
  void Add(Stream* stream);
  // Whose it is, once that is known.
  void Name(Stream* stream, const MemberId& peer);
  void Remove(Stream* stream);
  // False if `peer` may not send one of `request`; the rest is dropped.
  bool DeliverAll(const MemberId& peer, LogIndex voter_at,
                  const proto::DeliverRequest& request);
  LogIndex CheckProof(const MemberId& peer, const std::string& proof);

  const CallerIdentity identity_;
  const VoterProofCheck proofs_;

  Mutex mu_;
  CondVar left_;
  std::optional<Session> session_ ABSL_GUARDED_BY(mu_);
  int inside_ ABSL_GUARDED_BY(mu_) = 0;
  // With whose they are, so that they can be cancelled. Each leaves it before
  // it deletes itself.
  std::map<Stream*, MemberId> streams_ ABSL_GUARDED_BY(mu_);
};

}  // namespace microovn::raft

#endif  // MICROOVN_RAFT_TRANSPORT_RAFT_SERVICE_H_
