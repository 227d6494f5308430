// SPDX-License-Identifier: Apache-2.0
#include "agent/service/peer_service.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/errors/leader_errors.h"
#include "agent/state/store/state_store.h"
#include "agent/state/values/cluster_state.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr absl::Duration kTakenBack = absl::Seconds(10);

absl::Status NotYours() {
  return MakeError(absl::StatusCode::kPermissionDenied,
                   "a caller may only speak for itself",
                   {"IDENTITY_MISMATCH", ""});
}

// Where the request came in, if it says so, is the caller's word; that the
// caller brought it is proved.
void NoteWhoPassedOn(const Caller& caller, statepb::Asker& asker) {
  if (asker.member_id().empty()) asker.set_member_id(caller.id);
  asker.set_via_member_id(caller.id);
}

absl::StatusOr<peerpb::AdmitResponse> Admit(
    const Caller& caller, Membership& member,
    const peerpb::AdmitRequest& request) {
  // A joiner is what its certificate says; only a member passes on for others.
  if (caller.role == Role::kJoiner &&
      (caller.id != request.token_id() || request.forwarded())) {
    return NotYours();
  }
  if (member.leads()) return member.issuance().Admit(request);
  const std::optional<Peer> leader = member.leader();
  if (request.forwarded() || !leader.has_value()) return NoLeader();
  peerpb::AdmitRequest passed = request;
  passed.set_forwarded(true);
  return member.peers().Admit(*leader, passed, kProposeTimeout);
}

// The leader forgets the member and makes the token good again; whoever is
// beside OVN's databases clears away what has joined them. Returns when the
// member is forgotten, or after a while; the rest needs nobody's waiting.
absl::Status Withdraw(Membership& member, const std::string& id,
                      absl::string_view reason) {
  statepb::Command command;
  statepb::WithdrawMember* body = command.mutable_withdraw_member();
  body->set_member_id(id);
  body->set_reason(reason.empty() ? "it gave up" : Shown(reason, 200));
  RETURN_IF_ERROR(member.Propose(std::move(command), kProposeTimeout).status());
  const absl::Time deadline = absl::Now() + kTakenBack;
  StateSnapshot state = member.store().Current();
  while (state->members.Find(id) != nullptr) {
    ASSIGN_OR_RETURN(
        state, member.store().WaitForChange(state, deadline - absl::Now()));
  }
  return absl::OkStatus();
}

}  // namespace

grpc::Status PeerService::Admit(grpc::ServerContext* context,
                                const peerpb::AdmitRequest* request,
                                peerpb::AdmitResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Admit",
      [&](const Caller& caller, Membership& member) -> absl::Status {
        ASSIGN_OR_RETURN(*response, agent::Admit(caller, member, *request));
        return absl::OkStatus();
      });
}

grpc::Status PeerService::Withdraw(grpc::ServerContext* context,
                                   const peerpb::WithdrawRequest* request,
                                   peerpb::WithdrawResponse*) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/Withdraw",
      [&](const Caller& caller, Membership& member) -> absl::Status {
        if (caller.id != request->member_id()) return NotYours();
        // Nobody else says for a joiner that it does not come: it asks its
        // members in turn until this is the leader.
        if (!member.leads()) return NotLeader();
        return agent::Withdraw(member, caller.id, request->reason());
      });
}

grpc::Status PeerService::IssueCertificates(
    grpc::ServerContext* context,
    const peerpb::IssueCertificatesRequest* request,
    peerpb::IssueCertificatesResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/IssueCertificates",
      [&](const Caller& caller, Membership& member) -> absl::Status {
        // OVN's certificates are for members in good standing.
        if (caller.expired && !IsRenewal(*request)) {
          return MakeError(absl::StatusCode::kUnauthenticated,
                           "the caller's certificate has expired: it may "
                           "renew that one only",
                           {"BAD_PEER_CERTIFICATE", ""});
        }
        // Always for the calling member, whatever it asks.
        peerpb::IssueCertificatesRequest asked = *request;
        if (asked.has_asker()) NoteWhoPassedOn(caller, *asked.mutable_asker());
        ASSIGN_OR_RETURN(*response,
                         member.issuance().IssueCertificates(caller.id, asked));
        return absl::OkStatus();
      });
}

grpc::Status PeerService::GetLocalStatus(
    grpc::ServerContext* context, const peerpb::GetLocalStatusRequest*,
    peerpb::GetLocalStatusResponse* response) {
  return guard_->RunOnMember(
      *context, "microovn.internal.peer.v1.PeerService/GetLocalStatus",
      [&](const Caller&, Membership& member) {
        *response = member.LocalStatus();
        return absl::OkStatus();
      });
}

}  // namespace microovn::agent
