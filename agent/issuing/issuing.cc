// SPDX-License-Identifier: Apache-2.0
#include "agent/issuing/issuing.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/cluster_errors.h"
#include "agent/errors/leader_errors.h"
#include "agent/errors/token_errors.h"
#include "agent/issuing/successor.h"
#include "agent/server/peer_channels.h"
#include "agent/state/completed_requests.h"
#include "agent/state/values/certificate_needs.h"
#include "agent/state/values/result.h"
#include "agent/state/values/users.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "grpcpp/support/channel_arguments.h"
#include "pki/join/token_issuer.h"
#include "pki/name/member_name.h"
#include "pki/name/ovn_service.h"

namespace microovn::agent {
namespace {

namespace peerpb = ::microovn::internal::peer::v1;

constexpr int kMaxDemands = 16;
// For one voter of several that may be asked in turn.
constexpr absl::Duration kVoterTimeout = absl::Seconds(2);

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

// `issued` is the token of `record`, or one for the same key.
absl::StatusOr<peerpb::IssueTokenResponse> TokenResponse(
    const statepb::JoinToken& record, const IssuedToken& issued) {
  if (record.token_id() != issued.record.token_id()) {
    // Another CA signs since.
    return MakeError(absl::StatusCode::kAborted,
                     "this request has made a token already, and it cannot be "
                     "told again",
                     {"TOKEN_ALREADY_ISSUED", "ask for a new token"});
  }
  peerpb::IssueTokenResponse response;
  *response.mutable_token() = record;
  response.set_encoded(std::string(issued.encoded.Reveal()));
  return response;
}

// The answer was lost: the same token, for as long as it lasts.
absl::StatusOr<peerpb::IssueTokenResponse> RepeatToken(
    const ClusterState& state, CertificateIssuer& issuer,
    const pki::MemberName& name, const peerpb::IssueTokenRequest& request,
    const statepb::Result& first) {
  RETURN_IF_ERROR(StatusOfResult(first));
  const statepb::JoinToken& record = first.token();
  const int64_t left =
      record.expire_clock_seconds() - state.cluster().clock_seconds();
  ASSIGN_OR_RETURN(
      const IssuedToken issued,
      issuer.IssueToken(state, name, request.request_id(),
                        absl::Seconds(std::max<int64_t>(left, 1))));
  return TokenResponse(record, issued);
}

absl::StatusOr<peerpb::IssueCertificatesResponse> RenewForMember(
    Membership& leader, CertificateIssuer& issuer, const std::string& member_id,
    const peerpb::IssueCertificatesRequest& request) {
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  const statepb::Member* member = state->members.Find(member_id);
  if (member == nullptr) return MemberNotFound(member_id);
  const std::string& in_use = request.key_in_use();
  if (std::find(member->spki_sha256().begin(), member->spki_sha256().end(),
                in_use) == member->spki_sha256().end()) {
    return MakeError(absl::StatusCode::kPermissionDenied,
                     "the key in use is not registered",
                     {"CERTIFICATE_NOT_REGISTERED", ""});
  }
  ASSIGN_OR_RETURN(
      const IssuedLeaf leaf,
      issuer.IssueMember(*state, *member,
                         request.demands(0).certificate_request_pem()));
  statepb::Command command;
  statepb::RenewMember* body = command.mutable_renew_member();
  body->set_member_id(member_id);
  body->set_certificate_pem(leaf.certificate_pem);
  // A key of an earlier try that was never used goes.
  body->add_spki_sha256(in_use);
  body->add_spki_sha256(leaf.record.spki_sha256());
  *body->mutable_certificate() = leaf.record;
  RETURN_IF_ERROR(leader.Propose(std::move(command), kProposeTimeout).status());
  peerpb::IssueCertificatesResponse response;
  response.add_certificates_pem(leaf.certificate_pem);
  response.set_cluster_bundle_pem(
      state->authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER))
          ->bundle_pem());
  return response;
}

}  // namespace

absl::StatusOr<peerpb::IssueCertificatesResponse> IssueForMember(
    Membership& leader, CertificateIssuer& issuer, const std::string& member_id,
    const peerpb::IssueCertificatesRequest& request) {
  if (!leader.leads()) return NotLeader();
  if (IsRenewal(request)) {
    return RenewForMember(leader, issuer, member_id, request);
  }
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
  if (request.has_asker()) *command.mutable_asker() = request.asker();
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
    Membership& leader, CertificateIssuer& issuer,
    const peerpb::IssueTokenRequest& request) {
  if (!leader.leads()) return NotLeader();
  const absl::Duration lifetime = absl::Seconds(request.ttl_seconds());
  if (lifetime <= absl::ZeroDuration() || lifetime > pki::kMaxTokenLifetime) {
    return TokenLifetimeInvalid(pki::kMaxTokenLifetime);
  }
  ASSIGN_OR_RETURN(const pki::MemberName name,
                   pki::MemberName::Parse(request.member_name()));
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  peerpb::IssueTokenRequest asked = request;
  asked.clear_asker();
  const RequestIdentity identity = {request.request_id(), RequestDigest(asked),
                                    request.asker()};
  const auto first =
      FirstAnswer(*state, identity, statepb::Command::kCreateToken);
  if (first.has_value()) {
    return RepeatToken(*state, issuer, name, request, *first);
  }
  ASSIGN_OR_RETURN(IssuedToken issued,
                   issuer.IssueToken(*state, name, identity.id, lifetime));
  issued.record.set_worker(request.worker());
  statepb::Command command;
  command.set_request_id(identity.id);
  command.set_request_digest(identity.digest);
  *command.mutable_asker() = identity.asker;
  *command.mutable_create_token()->mutable_token() = issued.record;
  ASSIGN_OR_RETURN(const statepb::Result result,
                   leader.Propose(std::move(command), kProposeTimeout));
  return TokenResponse(result.token(), issued);
}

absl::StatusOr<peerpb::IssueUserResponse> IssueUserFor(
    Membership& leader, CertificateIssuer& issuer,
    const peerpb::IssueUserRequest& request) {
  if (!leader.leads()) return NotLeader();
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  peerpb::IssueUserRequest asked = request;
  asked.clear_asker();
  const RequestIdentity identity = {request.request_id(), RequestDigest(asked),
                                    request.asker()};
  peerpb::IssueUserResponse response;
  response.set_cluster_bundle_pem(
      state->authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER))
          ->bundle_pem());
  if (auto first = FirstAnswer(*state, identity, statepb::Command::kAddUser)) {
    RETURN_IF_ERROR(StatusOfResult(*first));
    *response.mutable_user() = first->user();
    return response;
  }
  statepb::User user;
  user.set_name(request.name());
  user.set_role(request.role());
  statepb::Command command;
  command.set_request_id(identity.id);
  command.set_request_digest(identity.digest);
  *command.mutable_asker() = identity.asker;
  statepb::AddUser* body = command.mutable_add_user();
  ASSIGN_OR_RETURN(
      *body->mutable_user(),
      issuer.IssueUser(*state, user, request.certificate_request_pem(),
                       absl::Seconds(request.ttl_seconds())));
  const statepb::User* known = state->users.Find(request.name());
  if (known != nullptr && StandingOf(*state, *known, issuer.clock().Now()) !=
                              UserStanding::kValid) {
    body->set_follows_serial(known->serial());
  }
  ASSIGN_OR_RETURN(const statepb::Result result,
                   leader.Propose(std::move(command), kProposeTimeout));
  *response.mutable_user() = result.user();
  return response;
}

absl::StatusOr<peerpb::TryAuthorityResponse> TryRequested(
    Membership& leader, CertificateIssuer& issuer,
    const peerpb::TryAuthorityRequest& request) {
  if (!leader.leads()) return NotLeader();
  RETURN_IF_ERROR(leader.Barrier(kProposeTimeout));
  const auto state = leader.state();
  ASSIGN_OR_RETURN(pki::PrivateKey key, issuer.OpenRequested(*state));
  ASSIGN_OR_RETURN(Successor successor,
                   MakeRequestedSuccessor(
                       *state, std::move(key), request.ca_certificate_pem(),
                       issuer.clock().Now(), issuer.random()));
  peerpb::TryAuthorityResponse response;
  *response.mutable_successor() = std::move(successor.authority);
  response.mutable_warnings()->Assign(successor.warnings.begin(),
                                      successor.warnings.end());
  return response;
}

absl::StatusOr<peerpb::IssueCertificatesResponse> AskLeader(
    Membership& member, const peerpb::IssueCertificatesRequest& request,
    absl::Duration timeout) {
  if (member.leads()) {
    RETURN_IF_ERROR(member.Barrier(timeout));
    return member.issuance().IssueCertificates(member.id(), request);
  }
  const std::optional<Peer> leader = member.leader();
  if (!leader.has_value()) return NoLeader();
  return member.peers().IssueCertificates(*leader, request, timeout);
}

absl::StatusOr<IssuedCertificates> DemandFromLeader(
    Membership& member, const std::vector<CertificateDemand>& demands,
    const statepb::Asker& asker, absl::Duration timeout) {
  peerpb::IssueCertificatesRequest request;
  if (asker.ByteSizeLong() > 0) *request.mutable_asker() = asker;
  for (const CertificateDemand& demand : demands) {
    peerpb::CertificateDemand* added = request.add_demands();
    added->set_service(std::string(pki::OvnServiceName(demand.service)));
    added->set_certificate_request_pem(demand.request_pem);
  }
  ASSIGN_OR_RETURN(const peerpb::IssueCertificatesResponse response,
                   AskLeader(member, request, timeout));
  IssuedCertificates issued;
  issued.certificates_pem.assign(response.certificates_pem().begin(),
                                 response.certificates_pem().end());
  issued.bundle_pem = response.ovn_bundle_pem();
  return issued;
}

absl::StatusOr<peerpb::IssueCertificatesResponse> AskForRenewal(
    Membership& member, const peerpb::IssueCertificatesRequest& request) {
  if (member.leads() || member.leader().has_value()) {
    return AskLeader(member, request, kProposeTimeout);
  }
  const ClusterFacts facts = member.Gather(
      /*linearizable=*/false, /*probe=*/false, absl::ZeroDuration());
  absl::StatusOr<peerpb::IssueCertificatesResponse> answer = NoLeader();
  for (const std::string& id : facts.voters) {
    const statepb::Member* voter = facts.state->members.Find(id);
    if (voter == nullptr || id == member.id()) continue;
    answer = member.peers().IssueCertificates(PeerOf(*voter), request,
                                              kVoterTimeout);
    if (answer.ok()) break;
  }
  return answer;
}

raft::ChannelFactory LogChannels(const TlsIdentity* tls, const Clock* clock) {
  ServerCheck check;
  check.clock = clock;
  check.accepts_expired = [registry = tls->registry()](
                              const std::string& member_id,
                              const pki::Certificate& certificate) {
    return registry->Accepts(ExpiredUse::kLog, member_id, certificate);
  };
  return [tls, check](
             const raft::PeerEndpoint& peer) -> std::shared_ptr<grpc::Channel> {
    const auto material = tls->Current();
    if (material == nullptr) return nullptr;
    grpc::ChannelArguments arguments;
    raft::SetChannelArguments(&arguments);
    return MutualTlsChannel(*material, peer.address, peer.member.ToHex(), check,
                            arguments);
  };
}

}  // namespace microovn::agent
