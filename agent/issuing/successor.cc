// SPDX-License-Identifier: Apache-2.0
#include "agent/issuing/successor.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/errors/authority_errors.h"
#include "agent/errors/cluster_errors.h"
#include "agent/issuing/certificate_issuer.h"
#include "agent/state/values/key_holders.h"
#include "base/status/status_macros.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/profile.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/key/key_access.h"
#include "pki/sealing/sealed_key.h"
#include "pki/trial/authority_trial.h"

namespace microovn::agent {
namespace {

std::string PemOf(const std::vector<pki::Certificate>& chain) {
  std::string pem;
  for (const pki::Certificate& certificate : chain) pem += certificate.ToPem();
  return pem;
}

std::vector<std::string> WarningsOf(const pki::CertificateAuthority& authority,
                                    absl::Time now) {
  absl::Time end = authority.certificate().not_after();
  for (const pki::Certificate& link : authority.chain()) {
    end = std::min(end, link.not_after());
  }
  if (end >= now + pki::kOvnServiceLifetime) return {};
  return {absl::StrCat(
      "the CA ends on ", absl::FormatTime("%Y-%m-%d", end, absl::UTCTimeZone()),
      ", and all that it issues ends with it: give its successor before that "
      "day")};
}

absl::StatusOr<pki::CertificateAuthority> Take(
    const std::optional<GivenAuthority>& given, absl::Time now,
    RandomSource& random) {
  if (!given.has_value()) {
    return pki::CertificateAuthority::Create(pki::Plane::kOvn,
                                             pki::KeyType::kP256, now, random);
  }
  return pki::CertificateAuthority::FromUser(
      pki::Plane::kOvn, given->certificate_pem, given->key_pem.Reveal(), now);
}

absl::Status Try(const ClusterState& state, const statepb::Authority& in_use,
                 const pki::CertificateAuthority& authority, absl::Time now,
                 RandomSource& random) {
  ASSIGN_OR_RETURN(std::vector<pki::Certificate> beside,
                   pki::Certificate::BundleFromPem(in_use.certificate_pem()));
  pki::AuthorityTrial trial = {authority, std::move(beside), {}, now};
  for (const statepb::Member* member : MembersInOrder(state)) {
    trial.members.push_back(FactsOf(state, *member));
  }
  return pki::TryAuthority(trial, random);
}

// What is sealed, and for whom.
struct Sealed {
  std::string key;
  std::vector<std::string> recipients;
};

absl::StatusOr<Sealed> SealFor(const Recipients& to,
                               const statepb::Authority& in_use,
                               const pki::PrivateKey& key) {
  Sealed sealed;
  if (!KeyHolders(to.state, in_use).empty()) {
    sealed.recipients.assign(in_use.sealed_for().begin(),
                             in_use.sealed_for().end());
  } else {
    for (const std::string& id : to.voters) {
      if (CanHoldKeys(to.state, id)) sealed.recipients.push_back(id);
    }
    if (sealed.recipients.empty()) return NobodyHoldsKeys();
  }
  std::vector<pki::Certificate> certificates;
  for (const std::string& id : sealed.recipients) {
    const statepb::Member* member = to.state.members.Find(id);
    if (member == nullptr) return AuthorityChanged();
    ASSIGN_OR_RETURN(
        pki::Certificate certificate,
        pki::Certificate::FromPem(member->sealing_certificate_pem()));
    certificates.push_back(std::move(certificate));
  }
  ASSIGN_OR_RETURN(const pki::SealedKey ciphertext,
                   pki::SealedKey::Seal(key, certificates));
  sealed.key = ciphertext.der();
  return sealed;
}

statepb::Authority RecordOf(const pki::CertificateAuthority& successor,
                            bool user_supplied) {
  statepb::Authority record;
  record.set_plane(successor.plane() == pki::Plane::kOvn
                       ? statepb::PLANE_OVN
                       : statepb::PLANE_CLUSTER);
  record.set_certificate_pem(PemOf(successor.chain()));
  record.set_user_supplied(user_supplied);
  return record;
}

absl::StatusOr<statepb::Authority> SealSuccessor(
    const Recipients& to, const statepb::Authority& in_use,
    const pki::CertificateAuthority& successor, bool user_supplied) {
  ASSIGN_OR_RETURN(
      Sealed sealed,
      SealFor(to, in_use, successor.key(pki::KeyAccess::Granted())));
  statepb::Authority record = RecordOf(successor, user_supplied);
  record.set_sealed_key(std::move(sealed.key));
  record.mutable_sealed_for()->Assign(sealed.recipients.begin(),
                                      sealed.recipients.end());
  return record;
}

const statepb::Authority* InUse(const ClusterState& state,
                                statepb::Plane plane) {
  return state.authorities.Find(AuthorityKey(plane));
}

}  // namespace

absl::StatusOr<Successor> MakeOvnSuccessor(
    const Recipients& to, const std::optional<GivenAuthority>& given,
    absl::Time now, RandomSource& random) {
  const statepb::Authority* in_use = InUse(to.state, statepb::PLANE_OVN);
  if (in_use == nullptr) return AuthorityChanged();
  ASSIGN_OR_RETURN(const pki::CertificateAuthority authority,
                   Take(given, now, random));
  if (PemOf(authority.chain()) == in_use->certificate_pem()) {
    return AuthorityInUse("OVN");
  }
  RETURN_IF_ERROR(Try(to.state, *in_use, authority, now, random));
  Successor successor;
  ASSIGN_OR_RETURN(successor.authority,
                   SealSuccessor(to, *in_use, authority, given.has_value()));
  successor.warnings = WarningsOf(authority, now);
  return successor;
}

absl::StatusOr<Successor> MakeClusterSuccessor(const Recipients& to,
                                               absl::Time now,
                                               RandomSource& random) {
  const statepb::Authority* in_use = InUse(to.state, statepb::PLANE_CLUSTER);
  if (in_use == nullptr) return AuthorityChanged();
  ASSIGN_OR_RETURN(const pki::CertificateAuthority authority,
                   pki::CertificateAuthority::Create(
                       pki::Plane::kCluster, pki::KeyType::kP256, now, random));
  Successor successor;
  ASSIGN_OR_RETURN(successor.authority, SealSuccessor(to, *in_use, authority,
                                                      /*user_supplied=*/false));
  return successor;
}

absl::StatusOr<statepb::RequestAuthority> MakeAuthorityRequest(
    const Recipients& to) {
  const statepb::Authority* in_use = InUse(to.state, statepb::PLANE_OVN);
  if (in_use == nullptr) return AuthorityChanged();
  ASSIGN_OR_RETURN(const pki::PrivateKey key,
                   pki::PrivateKey::Generate(pki::KeyType::kP256));
  ASSIGN_OR_RETURN(
      const pki::CertificateRequest request,
      pki::CertificateRequest::CreateForCa(
          key, pki::CaSubject(pki::Plane::kOvn, key.public_key())));
  ASSIGN_OR_RETURN(Sealed sealed, SealFor(to, *in_use, key));
  statepb::RequestAuthority body;
  body.set_plane(statepb::PLANE_OVN);
  body.set_sealed_key(std::move(sealed.key));
  body.mutable_sealed_for()->Assign(sealed.recipients.begin(),
                                    sealed.recipients.end());
  body.set_request_pem(request.ToPem());
  return body;
}

absl::StatusOr<Successor> MakeRequestedSuccessor(
    const ClusterState& state, pki::PrivateKey key,
    const std::string& certificate_pem, absl::Time now, RandomSource& random) {
  const statepb::Authority* in_use = InUse(state, statepb::PLANE_OVN);
  if (in_use == nullptr) return AuthorityChanged();
  if (!in_use->has_requested()) return AuthorityNotRequested();
  ASSIGN_OR_RETURN(const pki::CertificateAuthority authority,
                   pki::CertificateAuthority::FromUser(
                       pki::Plane::kOvn, certificate_pem, std::move(key), now));
  RETURN_IF_ERROR(Try(state, *in_use, authority, now, random));
  Successor successor;
  successor.authority = RecordOf(authority, /*user_supplied=*/true);
  successor.authority.set_sealed_key(in_use->requested().sealed_key());
  *successor.authority.mutable_sealed_for() = in_use->requested().sealed_for();
  successor.authority.set_from_request(true);
  successor.warnings = WarningsOf(authority, now);
  return successor;
}

}  // namespace microovn::agent
