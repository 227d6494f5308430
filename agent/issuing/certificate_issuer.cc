#include "agent/issuing/certificate_issuer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/issuing/token_key.h"
#include "agent/state/values/config_keys.h"
#include "base/error.h"
#include "base/host_port.h"
#include "base/status_macros.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/profile.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/join/join_token.h"
#include "pki/join/token_issuer.h"
#include "pki/name/ovn_service.h"
#include "pki/sealing/sealed_key.h"

namespace microovn::agent {
namespace {

pki::Plane ToPki(statepb::Plane plane) {
  return plane == statepb::PLANE_OVN ? pki::Plane::kOvn : pki::Plane::kCluster;
}

absl::StatusOr<pki::MemberFacts> FactsOf(const ClusterState& state,
                                         const statepb::Member& member) {
  ASSIGN_OR_RETURN(const HostPort address, ParseHostPort(member.address()));
  return pki::MemberFacts{state.cluster().cluster_id(), member.member_id(),
                          member.name(), address.host};
}

absl::Status NotAvailable(statepb::Plane plane, absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("the ", pki::PlaneName(ToPki(plane)),
                                " CA cannot be used on this member: ", why),
                   {"CA_NOT_AVAILABLE", "try again when another member leads"});
}

std::vector<HostPort> JoinAddresses(const ClusterState& state) {
  std::vector<HostPort> endpoints;
  for (const statepb::Member* member : ActiveMembers(state)) {
    const auto endpoint = ParseHostPort(member->address());
    if (endpoint.ok()) endpoints.push_back(*endpoint);
  }
  return endpoints;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const pki::CertificateAuthority>>
CertificateIssuer::Open(const ClusterState& state, statepb::Plane plane) {
  const statepb::Authority* record =
      state.authorities.Find(AuthorityKey(plane));
  if (record == nullptr) return NotAvailable(plane, "there is none");
  MutexLock lock(&mu_);
  OpenAuthority& open = open_[plane];
  if (open.authority != nullptr && open.sealed_key == record->sealed_key()) {
    return open.authority;
  }
  ASSIGN_OR_RETURN(const pki::SealedKey sealed,
                   pki::SealedKey::FromDer(record->sealed_key()));
  auto key = sealed.Open(*sealing_key_);
  if (!key.ok()) return NotAvailable(plane, key.status().message());
  ASSIGN_OR_RETURN(std::vector<pki::Certificate> chain,
                   pki::Certificate::BundleFromPem(record->certificate_pem()));
  ASSIGN_OR_RETURN(pki::CertificateAuthority authority,
                   pki::CertificateAuthority::FromParts(
                       ToPki(plane), std::move(chain), *std::move(key)));
  open.sealed_key = record->sealed_key();
  open.authority =
      std::make_shared<const pki::CertificateAuthority>(std::move(authority));
  return open.authority;
}

absl::StatusOr<IssuedLeaf> CertificateIssuer::IssueMember(
    const ClusterState& state, const statepb::Member& member,
    absl::string_view request_pem) {
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_CLUSTER));
  ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                   pki::CertificateRequest::FromPem(request_pem));
  ASSIGN_OR_RETURN(const pki::MemberFacts facts, FactsOf(state, member));
  const auto lifetime =
      absl::Seconds(ConfigNumber(state, kConfigCertificateLifetime));
  ASSIGN_OR_RETURN(const pki::Profile profile,
                   pki::MemberProfile(facts, lifetime));
  ASSIGN_OR_RETURN(
      const pki::Certificate certificate,
      authority->Issue(profile, request.public_key(), clock_->Now(), *random_));
  return IssuedLeaf{certificate.ToPem(),
                    RecordOf(certificate, statepb::PLANE_CLUSTER,
                             member.member_id(), "member")};
}

absl::StatusOr<IssuedLeaf> CertificateIssuer::IssueOvn(
    const ClusterState& state, const statepb::Member& member,
    absl::string_view service, absl::string_view request_pem) {
  ASSIGN_OR_RETURN(const pki::OvnService ovn_service,
                   pki::ParseOvnService(service));
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_OVN));
  ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                   pki::CertificateRequest::FromPem(request_pem));
  ASSIGN_OR_RETURN(const pki::MemberFacts facts, FactsOf(state, member));
  ASSIGN_OR_RETURN(const pki::Profile profile,
                   pki::OvnServiceProfile(ovn_service, facts));
  ASSIGN_OR_RETURN(
      const pki::Certificate certificate,
      authority->Issue(profile, request.public_key(), clock_->Now(), *random_));
  return IssuedLeaf{
      certificate.ToPem(),
      RecordOf(certificate, statepb::PLANE_OVN, member.member_id(), service)};
}

absl::StatusOr<IssuedToken> CertificateIssuer::IssueToken(
    const ClusterState& state, const std::string& member_name,
    const std::string& request_id, absl::Duration lifetime) {
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_CLUSTER));
  const absl::Time now = clock_->Now();
  ASSIGN_OR_RETURN(
      const pki::JoinToken token,
      pki::IssueJoinToken(*authority,
                          {state.cluster().cluster_id(), member_name,
                           JoinAddresses(state), lifetime, request_id},
                          now, *random_));
  IssuedToken issued;
  issued.record.set_token_id(pki::TokenId(token.key.public_key()));
  issued.record.set_member_name(member_name);
  issued.record.set_public_key(RawTokenKey(token.key.public_key()));
  issued.record.set_life_seconds(absl::ToInt64Seconds(lifetime));
  issued.record.set_state(statepb::JoinToken::STATE_ACTIVE);
  ASSIGN_OR_RETURN(issued.encoded, pki::EncodeJoinToken(token));
  return issued;
}

absl::StatusOr<statepb::Authority> CertificateIssuer::Reseal(
    const statepb::Authority& authority,
    const std::vector<const statepb::Member*>& recipients) {
  std::vector<pki::Certificate> certificates;
  statepb::Authority resealed = authority;
  resealed.clear_sealed_for();
  for (const statepb::Member* member : recipients) {
    ASSIGN_OR_RETURN(
        pki::Certificate certificate,
        pki::Certificate::FromPem(member->sealing_certificate_pem()));
    certificates.push_back(std::move(certificate));
    resealed.add_sealed_for(member->member_id());
  }
  ASSIGN_OR_RETURN(const pki::SealedKey sealed,
                   pki::SealedKey::FromDer(authority.sealed_key()));
  ASSIGN_OR_RETURN(const pki::SealedKey rewrapped,
                   sealed.Rewrap(*sealing_key_, certificates));
  resealed.set_sealed_key(rewrapped.der());
  return resealed;
}

statepb::IssuedCertificate RecordOf(const pki::Certificate& certificate,
                                    statepb::Plane plane,
                                    const std::string& member_id,
                                    absl::string_view service) {
  statepb::IssuedCertificate record;
  record.set_serial(certificate.serial());
  record.set_plane(plane);
  record.set_member_id(member_id);
  record.set_service(std::string(service));
  record.set_spki_sha256(certificate.public_key().Fingerprint());
  record.set_not_after_seconds(absl::ToUnixSeconds(certificate.not_after()));
  return record;
}

absl::StatusOr<statepb::Authority> FoundAuthority(
    const pki::CertificateAuthority& authority, const std::string& recipient_id,
    const pki::Certificate& recipient, bool user_supplied) {
  ASSIGN_OR_RETURN(const pki::SealedKey sealed,
                   pki::SealedKey::Seal(
                       authority.key(pki::KeyAccess::Granted()), {recipient}));
  ASSIGN_OR_RETURN(const pki::TrustBundle bundle,
                   pki::TrustBundle::From(authority.chain()));
  statepb::Authority record;
  record.set_plane(authority.plane() == pki::Plane::kOvn
                       ? statepb::PLANE_OVN
                       : statepb::PLANE_CLUSTER);
  for (const pki::Certificate& certificate : authority.chain()) {
    record.mutable_certificate_pem()->append(certificate.ToPem());
  }
  record.set_sealed_key(sealed.der());
  record.add_sealed_for(recipient_id);
  record.set_user_supplied(user_supplied);
  record.set_generation(1);
  record.set_bundle_pem(bundle.ToPem());
  return record;
}

}  // namespace microovn::agent
