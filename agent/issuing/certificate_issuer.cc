// SPDX-License-Identifier: Apache-2.0
#include "agent/issuing/certificate_issuer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/authority_errors.h"
#include "agent/errors/user_errors.h"
#include "agent/state/values/config_keys.h"
#include "agent/state/values/member_view.h"
#include "agent/state/values/token_key.h"
#include "agent/state/values/users.h"
#include "base/status/error.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/authority/voter_proof.h"
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

absl::Status NotAvailable(statepb::Plane plane, absl::string_view why) {
  return MakeError(absl::StatusCode::kFailedPrecondition,
                   absl::StrCat("the ", pki::PlaneName(ToPki(plane)),
                                " CA cannot be used on this member: ", why),
                   {"CA_NOT_AVAILABLE",
                    "try again in a few seconds; if it stays, \"microovn "
                    "status\" says which member is to be mended"});
}

// A CA that was made under a clock that was ahead: nobody would accept what it
// issues now.
absl::Status CheckBegun(const pki::Certificate& ca, absl::Time now) {
  if (now >= ca.not_before()) return absl::OkStatus();
  return NotAvailable(
      statepb::PLANE_OVN,
      absl::StrCat("it is valid from ",
                   absl::FormatTime(absl::RFC3339_sec, ca.not_before(),
                                    absl::UTCTimeZone()),
                   " on"));
}

pki::OperatorRole OperatorRoleOf(statepb::User::Role role) {
  switch (role) {
    case statepb::User::ROLE_ADMIN:
      return pki::OperatorRole::kAdmin;
    case statepb::User::ROLE_OPERATOR:
      return pki::OperatorRole::kOperator;
    default:
      return pki::OperatorRole::kViewer;
  }
}

std::vector<HostPort> JoinAddresses(const ClusterState& state) {
  std::vector<HostPort> endpoints;
  for (const statepb::Member* member : ActiveMembers(state)) {
    endpoints.push_back(AddressOf(*member));
  }
  return endpoints;
}

}  // namespace

void CertificateIssuer::UseSealingKey(const pki::SealingKey* key) {
  MutexLock lock(&mu_);
  sealing_key_ = key;
}

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
  if (sealing_key_ == nullptr) {
    return NotAvailable(plane, "its sealing key is out of reach");
  }
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

absl::StatusOr<pki::PrivateKey> CertificateIssuer::OpenRequested(
    const ClusterState& state) {
  const statepb::Authority* record =
      state.authorities.Find(AuthorityKey(statepb::PLANE_OVN));
  if (record == nullptr || !record->has_requested()) {
    return AuthorityNotRequested();
  }
  ASSIGN_OR_RETURN(const pki::SealedKey sealed,
                   pki::SealedKey::FromDer(record->requested().sealed_key()));
  MutexLock lock(&mu_);
  if (sealing_key_ == nullptr) {
    return NotAvailable(statepb::PLANE_OVN, "its sealing key is out of reach");
  }
  auto key = sealed.Open(*sealing_key_);
  if (!key.ok()) {
    return NotAvailable(statepb::PLANE_OVN, key.status().message());
  }
  return key;
}

absl::StatusOr<std::string> CertificateIssuer::CrossCertify(
    const ClusterState& state) {
  ASSIGN_OR_RETURN(const auto in_use, Open(state, statepb::PLANE_CLUSTER));
  const statepb::Authority* record =
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  ASSIGN_OR_RETURN(
      const pki::Certificate successor,
      pki::Certificate::FromPem(record->other().certificate_pem()));
  ASSIGN_OR_RETURN(const pki::Certificate cross,
                   in_use->CrossCertify(successor, clock_->Now(), *random_));
  return cross.ToPem();
}

absl::StatusOr<IssuedLeaf> CertificateIssuer::IssueMember(
    const ClusterState& state, const statepb::Member& member,
    absl::string_view request_pem) {
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_CLUSTER));
  ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                   pki::CertificateRequest::FromPem(request_pem));
  const pki::MemberFacts facts = FactsOf(state, member);
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
  RETURN_IF_ERROR(CheckBegun(authority->certificate(), clock_->Now()));
  ASSIGN_OR_RETURN(const pki::CertificateRequest request,
                   pki::CertificateRequest::FromPem(request_pem));
  const pki::MemberFacts facts = FactsOf(state, member);
  ASSIGN_OR_RETURN(
      const pki::Profile profile,
      pki::OvnServiceProfile(
          ovn_service, facts,
          absl::Seconds(ConfigNumber(state, kConfigOvnCertificateLifetime))));
  ASSIGN_OR_RETURN(
      const pki::Certificate certificate,
      authority->Issue(profile, request.public_key(), clock_->Now(), *random_));
  return IssuedLeaf{
      certificate.ToPem(),
      RecordOf(certificate, statepb::PLANE_OVN, member.member_id(), service)};
}

absl::StatusOr<statepb::User> CertificateIssuer::IssueUser(
    const ClusterState& state, const statepb::User& user,
    absl::string_view request_pem, absl::Duration lifetime) {
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_CLUSTER));
  ASSIGN_OR_RETURN(
      const pki::Profile profile,
      pki::OperatorProfile(state.cluster().cluster_id(), user.name(),
                           OperatorRoleOf(user.role()), lifetime));
  const auto request = pki::CertificateRequest::FromPem(request_pem);
  if (!request.ok()) return UserRequestInvalid(request.status().message());
  const auto certificate =
      authority->Issue(profile, request->public_key(), clock_->Now(), *random_);
  if (!certificate.ok()) {
    return UserRequestInvalid(certificate.status().message());
  }
  statepb::User issued;
  issued.set_name(user.name());
  issued.set_role(user.role());
  issued.set_serial(certificate->serial());
  issued.set_spki_sha256(certificate->public_key().Fingerprint());
  issued.set_certificate_pem(certificate->ToPem());
  issued.set_issuer_sha256(
      IssuerDigest(state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER))
                       ->certificate_pem()));
  issued.set_not_after_seconds(absl::ToUnixSeconds(certificate->not_after()));
  return issued;
}

absl::StatusOr<IssuedToken> CertificateIssuer::IssueToken(
    const ClusterState& state, const pki::MemberName& member_name,
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
  issued.record.set_member_name(member_name.text());
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
  const pki::SealingKey* own = nullptr;
  {
    MutexLock lock(&mu_);
    own = sealing_key_;
  }
  if (own == nullptr) {
    return NotAvailable(authority.plane(), "its sealing key is out of reach");
  }
  ASSIGN_OR_RETURN(const pki::SealedKey rewrapped,
                   sealed.Rewrap(*own, certificates));
  resealed.set_sealed_key(rewrapped.der());
  for (statepb::Authority* beside :
       {authority.has_other() ? resealed.mutable_other() : nullptr,
        authority.has_requested() ? resealed.mutable_requested() : nullptr}) {
    if (beside == nullptr) continue;
    ASSIGN_OR_RETURN(const pki::SealedKey key,
                     pki::SealedKey::FromDer(beside->sealed_key()));
    const auto beside_rewrapped = key.Rewrap(*own, certificates);
    // A CA is rotated away from though nobody can open its key.
    if (!beside_rewrapped.ok()) continue;
    beside->set_sealed_key(beside_rewrapped->der());
    *beside->mutable_sealed_for() = resealed.sealed_for();
  }
  return resealed;
}

absl::StatusOr<std::string> CertificateIssuer::ProveVoter(
    const ClusterState& state, const std::string& member_id,
    uint64_t configuration) {
  ASSIGN_OR_RETURN(const auto authority, Open(state, statepb::PLANE_CLUSTER));
  return pki::SignVoterStatement(
      *authority, {state.cluster().cluster_id(), member_id, configuration},
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER))
          ->cross_certificate_pem());
}

pki::MemberFacts FactsOf(const ClusterState& state,
                         const statepb::Member& member) {
  return {state.cluster().cluster_id(), member.member_id(),
          MemberNameOf(member), AddressOf(member).host};
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
