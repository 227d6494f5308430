#include "agent/service/peer_service.h"

#include <optional>
#include <string>
#include <utility>

#include "agent/errors/leader_errors.h"
#include "agent/state/cluster_state.h"
#include "base/error.h"
#include "base/status_macros.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

absl::Status NotYours() {
  return MakeError(absl::StatusCode::kPermissionDenied,
                   "a caller may only speak for itself",
                   {"IDENTITY_MISMATCH", ""});
}

absl::StatusOr<peerpb::AdmitResponse> Admit(
    const Caller& caller, Member& member, const peerpb::AdmitRequest& request) {
  // A joiner is what its certificate says; only a member passes on for others.
  if (caller.role == Role::kJoiner &&
      (caller.id != request.token_id() || request.forwarded())) {
    return NotYours();
  }
  if (member.leads()) return member.Admit(request);
  const std::optional<Peer> leader = member.leader();
  if (request.forwarded() || !leader.has_value()) return NoLeader();
  peerpb::AdmitRequest passed = request;
  passed.set_forwarded(true);
  return member.peers().Admit(*leader, passed, kProposeTimeout);
}

}  // namespace

grpc::Status PeerService::Admit(grpc::ServerContext* context,
                                const peerpb::AdmitRequest* request,
                                peerpb::AdmitResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Admit",
      [&](const Caller& caller, Member& member) -> absl::Status {
        ASSIGN_OR_RETURN(*response, agent::Admit(caller, member, *request));
        return absl::OkStatus();
      });
}

grpc::Status PeerService::Confirm(grpc::ServerContext* context,
                                  const peerpb::ConfirmRequest* request,
                                  peerpb::ConfirmResponse*) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Confirm",
      [&](const Caller& caller, Member& member) -> absl::Status {
        if (caller.id != request->member_id()) return NotYours();
        statepb::Command command;
        command.mutable_confirm_member()->set_member_id(caller.id);
        return member.Propose(std::move(command), kProposeTimeout).status();
      });
}

grpc::Status PeerService::Withdraw(grpc::ServerContext* context,
                                   const peerpb::WithdrawRequest* request,
                                   peerpb::WithdrawResponse*) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Withdraw",
      [&](const Caller& caller, Member& member) -> absl::Status {
        if (caller.id != request->member_id()) return NotYours();
        statepb::Command command;
        statepb::TakeBackMember* back = command.mutable_take_back_member();
        back->set_member_id(caller.id);
        back->set_reason(request->reason().substr(0, 200));
        return member.Propose(std::move(command), kProposeTimeout).status();
      });
}

grpc::Status PeerService::IssueCertificates(
    grpc::ServerContext* context,
    const peerpb::IssueCertificatesRequest* request,
    peerpb::IssueCertificatesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/IssueCertificates",
      [&](const Caller& caller, Member& member) -> absl::Status {
        // Always for the calling member, whatever it asks.
        ASSIGN_OR_RETURN(*response,
                         member.IssueCertificates(caller.id, *request));
        return absl::OkStatus();
      });
}

grpc::Status PeerService::IssueToken(grpc::ServerContext* context,
                                     const peerpb::IssueTokenRequest* request,
                                     peerpb::IssueTokenResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/IssueToken",
      [&](const Caller&, Member& member) -> absl::Status {
        ASSIGN_OR_RETURN(*response, member.IssueToken(*request));
        return absl::OkStatus();
      });
}

grpc::Status PeerService::Evict(grpc::ServerContext* context,
                                const peerpb::EvictRequest* request,
                                peerpb::EvictResponse*) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Evict",
      [&](const Caller& caller, Member& member) -> absl::Status {
        // Only who leads decides that another member is gone.
        const std::optional<Peer> leader = member.leader();
        if (!leader.has_value() || leader->member_id != caller.id) {
          return NotYours();
        }
        return member.Evict(*request);
      });
}

grpc::Status PeerService::GetLocalStatus(
    grpc::ServerContext* context, const peerpb::GetLocalStatusRequest*,
    peerpb::GetLocalStatusResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/GetLocalStatus",
      [&](const Caller&, Member& member) {
        *response = member.LocalStatus();
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
