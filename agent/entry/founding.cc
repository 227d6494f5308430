// SPDX-License-Identifier: Apache-2.0
#include "agent/entry/founding.h"

#include <utility>

#include "agent/issuing/certificate_issuer.h"
#include "agent/state/values/features.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/profile.h"
#include "pki/key/private_key.h"
#include "pki/trial/authority_trial.h"

namespace microovn::agent {
namespace {

using internal::node::v1::NodeIdentity;

absl::StatusOr<pki::CertificateAuthority> OvnAuthority(
    const FoundingRequest& request, const Clock& clock, RandomSource& random) {
  if (request.ovn_ca_pem.empty()) {
    return pki::CertificateAuthority::Create(
        pki::Plane::kOvn, pki::KeyType::kP256, clock.Now(), random);
  }
  return pki::CertificateAuthority::FromUser(
      pki::Plane::kOvn, request.ovn_ca_pem, request.ovn_ca_key_pem.Reveal(),
      clock.Now());
}

// Before anything is made: a node with a CA that cannot serve would be a member
// of a cluster that cannot work.
absl::Status TryOvnAuthority(const FoundingRequest& request,
                             const pki::CertificateAuthority& authority,
                             const NodeIdentity& identity, const Clock& clock,
                             RandomSource& random) {
  if (request.ovn_ca_pem.empty()) return absl::OkStatus();
  return pki::TryAuthority({authority,
                            {},
                            {{identity.cluster_id(), identity.member_id(),
                              request.node.name, request.node.address.host}},
                            clock.Now()},
                           random);
}

NodeIdentity MintIdentity(const NodeSettings& node, RandomSource& random) {
  NodeIdentity identity;
  identity.set_phase(NodeIdentity::PHASE_FOUNDING);
  identity.set_cluster_id(random.Id());
  identity.set_member_id(random.Id());
  identity.set_name(node.name.text());
  identity.set_address(FormatHostPort(node.address));
  return identity;
}

statepb::Member FirstMember(const FoundingRequest& request,
                            const NodeIdentity& identity,
                            const pki::SealingKey& sealing_key) {
  statepb::Member member;
  member.set_member_id(identity.member_id());
  member.set_name(identity.name());
  member.set_address(identity.address());
  member.set_state(statepb::Member::STATE_ACTIVE);
  member.set_encap_ip(request.node.encap_ip);
  for (const statepb::Service service : request.node.services) {
    member.add_services(service);
  }
  member.set_sealing_certificate_pem(sealing_key.certificate().ToPem());
  member.set_version(request.version);
  *member.mutable_features() = AnnouncedFeatures();
  return member;
}

}  // namespace

absl::StatusOr<Founding> FoundCluster(const FoundingRequest& request,
                                      const pki::SealingKey& sealing_key,
                                      const Clock& clock,
                                      RandomSource& random) {
  // First what a user's mistake can make fail.
  ASSIGN_OR_RETURN(const pki::CertificateAuthority ovn_ca,
                   OvnAuthority(request, clock, random));
  ASSIGN_OR_RETURN(
      const pki::CertificateAuthority cluster_ca,
      pki::CertificateAuthority::Create(
          pki::Plane::kCluster, pki::KeyType::kP256, clock.Now(), random));
  Founding founding;
  founding.identity = MintIdentity(request.node, random);
  const NodeIdentity& identity = founding.identity;
  RETURN_IF_ERROR(TryOvnAuthority(request, ovn_ca, identity, clock, random));

  ASSIGN_OR_RETURN(const pki::PrivateKey key, pki::PrivateKey::Generate());
  ASSIGN_OR_RETURN(
      const pki::Profile profile,
      pki::MemberProfile({identity.cluster_id(), identity.member_id(),
                          request.node.name, request.node.address.host}));
  ASSIGN_OR_RETURN(
      const pki::Certificate certificate,
      cluster_ca.Issue(profile, key.public_key(), clock.Now(), random));
  founding.credentials.certificate_pem = certificate.ToPem();
  ASSIGN_OR_RETURN(founding.credentials.key_pem,
                   key.ToPem(pki::KeyAccess::Granted()));
  founding.credentials.cluster_ca_pem = cluster_ca.certificate().ToPem();

  statepb::Bootstrap* bootstrap = founding.command.mutable_bootstrap();
  bootstrap->set_cluster_id(identity.cluster_id());
  *founding.command.mutable_asker() = request.asker;
  founding.command.mutable_asker()->set_member_id(identity.member_id());
  statepb::Member member = FirstMember(request, identity, sealing_key);
  member.set_certificate_pem(certificate.ToPem());
  member.add_spki_sha256(certificate.public_key().Fingerprint());
  *bootstrap->mutable_member() = std::move(member);
  for (const auto* authority : {&cluster_ca, &ovn_ca}) {
    ASSIGN_OR_RETURN(
        *bootstrap->add_authorities(),
        FoundAuthority(*authority, identity.member_id(),
                       sealing_key.certificate(),
                       authority == &ovn_ca && !request.ovn_ca_pem.empty()));
  }
  *bootstrap->add_certificates() = RecordOf(certificate, statepb::PLANE_CLUSTER,
                                            identity.member_id(), "member");
  return founding;
}

}  // namespace microovn::agent
