#include "agent/member/issuing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/leader_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/server/peer_channels.h"
#include "agent/state/certificate_needs.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "grpcpp/support/channel_arguments.h"
#include "pki/ovn_service.h"
#include "pki/token_issuer.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr int kMaxDemands = 16;

// A member gets certificates for what it is wanted to run and nothing else.
absl::Status CheckDemand(const statepb::Member& member,
                         const peerpb::CertificateDemand& demand) {
  ASSIGN_OR_RETURN(const pki::OvnService service,
                   pki::ParseOvnService(demand.service()));
  const std::vector<pki::OvnService> needed = EnabledCertificates(member);
  if (std::find(needed.begin(), needed.end(), service) != needed.end()) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat(member.name(), " does not run ", demand.service()),
      {"CERTIFICATE_SERVICE_NOT_ENABLED", ""});
}

}  // namespace

absl::StatusOr<peerpb::IssueCertificatesResponse> IssueForMember(
    Member& leader, CertificateIssuer& issuer, const std::string& member_id,
    const peerpb::IssueCertificatesRequest& request) {
  // The caller may know of a change that is not applied here yet.
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  const statepb::Member* member = state->members.Find(member_id);
  if (member == nullptr) return MemberNotFound(member_id);
  if (request.demands_size() > kMaxDemands) {
    return absl::InvalidArgumentError("too many certificates in one request");
  }
  peerpb::IssueCertificatesResponse response;
  statepb::Command command;
  for (const peerpb::CertificateDemand& demand : request.demands()) {
    RETURN_IF_ERROR(CheckDemand(*member, demand));
    ASSIGN_OR_RETURN(IssuedLeaf leaf,
                     issuer.IssueOvn(*state, *member, demand.service(),
                                     demand.certificate_request_pem()));
    response.add_certificates_pem(std::move(leaf.certificate_pem));
    *command.mutable_record_certificates()->add_certificates() =
        std::move(leaf.record);
  }
  RETURN_IF_ERROR(leader.Propose(std::move(command), kProposeTimeout).status());
  const statepb::Authority* authority =
      state->authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  response.set_ovn_bundle_pem(authority->bundle_pem());
  return response;
}

absl::StatusOr<peerpb::IssueTokenResponse> IssueTokenFor(
    Member& leader, CertificateIssuer& issuer,
    const peerpb::IssueTokenRequest& request) {
  const absl::Duration lifetime = absl::Seconds(request.ttl_seconds());
  if (lifetime <= absl::ZeroDuration() || lifetime > pki::kMaxTokenLifetime) {
    return TokenLifetimeInvalid(pki::kMaxTokenLifetime);
  }
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  ASSIGN_OR_RETURN(
      const IssuedToken issued,
      issuer.IssueToken(*leader.state(), request.member_name(), lifetime));
  statepb::Command command;
  command.set_request_id(request.request_id());
  *command.mutable_create_token()->mutable_token() = issued.record;
  ASSIGN_OR_RETURN(const statepb::Result result,
                   leader.Propose(std::move(command), kProposeTimeout));
  // A retried request finds the token of its first try, whose secret is gone.
  if (result.token().token_id() != issued.record.token_id()) {
    return MakeError(absl::StatusCode::kAborted,
                     "this request has made a token already, and its secret is "
                     "not kept",
                     {"TOKEN_ALREADY_ISSUED", "ask for a new token"});
  }
  peerpb::IssueTokenResponse response;
  *response.mutable_token() = issued.record;
  response.set_encoded(std::string(issued.encoded.Reveal()));
  return response;
}

absl::StatusOr<IssuedCertificates> DemandFromLeader(
    Member& member, const std::vector<CertificateDemand>& demands) {
  peerpb::IssueCertificatesRequest request;
  for (const CertificateDemand& demand : demands) {
    peerpb::CertificateDemand* added = request.add_demands();
    added->set_service(std::string(pki::OvnServiceName(demand.service)));
    added->set_certificate_request_pem(demand.request_pem);
  }
  peerpb::IssueCertificatesResponse response;
  if (member.leads()) {
    ASSIGN_OR_RETURN(response, member.IssueCertificates(member.id(), request));
  } else {
    const std::optional<Peer> leader = member.leader();
    if (!leader.has_value()) return NoLeader();
    ASSIGN_OR_RETURN(response, member.peers().IssueCertificates(
                                   *leader, request, kProposeTimeout));
  }
  IssuedCertificates issued;
  issued.certificates_pem.assign(response.certificates_pem().begin(),
                                 response.certificates_pem().end());
  issued.bundle_pem = response.ovn_bundle_pem();
  return issued;
}

raft::ChannelFactory LogChannels(const TlsIdentity* tls) {
  return
      [tls](const raft::PeerEndpoint& peer) -> std::shared_ptr<grpc::Channel> {
        const auto material = tls->Current();
        if (material == nullptr) return nullptr;
        grpc::ChannelArguments arguments;
        raft::SetChannelArguments(&arguments);
        return MutualTlsChannel(*material, peer.address, peer.member.ToHex(),
                                arguments);
      };
}

}  // namespace microovn::agent
