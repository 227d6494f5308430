// SPDX-License-Identifier: Apache-2.0
// microovn.internal.peer.v1.PeerService: what agents do for each other.
// Thread-safe.
#ifndef MICROOVN_AGENT_SERVICE_PEER_SERVICE_H_
#define MICROOVN_AGENT_SERVICE_PEER_SERVICE_H_

#include "agent/service/call_guard.h"
#include "microovn/internal/peer/v1/peer.grpc.pb.h"

namespace microovn::agent {

class PeerService final : public internal::peer::v1::PeerService::Service {
 public:
  // Borrowed; outlives the server.
  explicit PeerService(const CallGuard* guard) : guard_(guard) {}

  grpc::Status Admit(grpc::ServerContext* context,
                     const internal::peer::v1::AdmitRequest* request,
                     internal::peer::v1::AdmitResponse* response) override;
  grpc::Status Withdraw(
      grpc::ServerContext* context,
      const internal::peer::v1::WithdrawRequest* request,
      internal::peer::v1::WithdrawResponse* response) override;
  grpc::Status IssueCertificates(
      grpc::ServerContext* context,
      const internal::peer::v1::IssueCertificatesRequest* request,
      internal::peer::v1::IssueCertificatesResponse* response) override;
  grpc::Status GetLocalStatus(
      grpc::ServerContext* context,
      const internal::peer::v1::GetLocalStatusRequest* request,
      internal::peer::v1::GetLocalStatusResponse* response) override;

 private:
  const CallGuard* const guard_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_SERVICE_PEER_SERVICE_H_
