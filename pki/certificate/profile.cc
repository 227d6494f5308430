// SPDX-License-Identifier: Apache-2.0
#include "pki/certificate/profile.h"

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/status/status_macros.h"
#include "base/text/host_port.h"
#include "glog/logging.h"
#include "pki/name/peer_identity.h"

namespace microovn::pki {
namespace {

constexpr char kOrganization[] = "MicroOVN";
// X.520's upper bound for a commonName.
// ub-common-name of RFC 5280, appendix A.1; OpenSSL refuses more.
constexpr size_t kMaxCommonName = 64;

absl::Status CheckId(absl::string_view what, absl::string_view id) {
  if (IsId(id)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the ", what, " id is not 32 hex digits"));
}

absl::Status CheckLifetime(absl::Duration lifetime) {
  // The upper bound keeps the sum with any sane time far from the last year
  // that ASN.1 can write, 9999.
  if (lifetime > absl::ZeroDuration() && lifetime <= kCaLifetime) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "a certificate cannot last ", absl::FormatDuration(lifetime)));
}

absl::Status Check(const MemberFacts& member) {
  RETURN_IF_ERROR(CheckId("cluster", member.cluster_id));
  return CheckId("member", member.member_id);
}

// A longer name is still in the alternative names.
std::string CommonName(const MemberFacts& member) {
  return member.name.text().size() <= kMaxCommonName ? member.name.text()
                                                     : member.member_id;
}

std::string MemberUri(const MemberFacts& member) {
  return ToUri({PeerKind::kMember, member.cluster_id, member.member_id});
}

}  // namespace

absl::string_view PlaneName(Plane plane) {
  return plane == Plane::kCluster ? "cluster" : "ovn";
}

absl::string_view OperatorRoleName(OperatorRole role) {
  switch (role) {
    case OperatorRole::kAdmin:
      return "admin";
    case OperatorRole::kOperator:
      return "operator";
    case OperatorRole::kViewer:
      return "viewer";
  }
  LOG(FATAL) << "no such role";
}

absl::StatusOr<Profile> MemberProfile(const MemberFacts& member,
                                      absl::Duration lifetime) {
  RETURN_IF_ERROR(Check(member));
  RETURN_IF_ERROR(CheckLifetime(lifetime));
  ASSIGN_OR_RETURN(const std::string ip, ParseIpAddress(member.address));
  Profile profile;
  profile.plane = Plane::kCluster;
  profile.subject = {CommonName(member), kOrganization, "member"};
  // The member's id is what our clients expect a server to be named: it
  // survives a change of name and of address. The URI is who the holder is.
  profile.names = {
      {member.member_id, member.name.text()}, {ip}, {MemberUri(member)}};
  profile.lifetime = lifetime;
  profile.server_auth = true;
  profile.client_auth = true;
  return profile;
}

absl::StatusOr<Profile> JoinerProfile(absl::string_view cluster_id,
                                      absl::string_view token_id,
                                      absl::Duration lifetime) {
  RETURN_IF_ERROR(CheckId("cluster", cluster_id));
  RETURN_IF_ERROR(CheckId("token", token_id));
  RETURN_IF_ERROR(CheckLifetime(lifetime));
  const PeerIdentity identity = {PeerKind::kJoiner, std::string(cluster_id),
                                 std::string(token_id)};
  Profile profile;
  profile.plane = Plane::kCluster;
  profile.subject = {std::string(token_id), kOrganization, "joiner"};
  profile.names.uri = {ToUri(identity)};
  profile.lifetime = lifetime;
  profile.client_auth = true;
  profile.key_rule = KeyRule::kEd25519;
  return profile;
}

absl::StatusOr<Profile> OperatorProfile(absl::string_view cluster_id,
                                        absl::string_view name,
                                        OperatorRole role,
                                        absl::Duration lifetime) {
  RETURN_IF_ERROR(CheckId("cluster", cluster_id));
  RETURN_IF_ERROR(MemberName::Parse(name).status());
  RETURN_IF_ERROR(CheckLifetime(lifetime));
  if (name.size() > kMaxCommonName) {
    return absl::InvalidArgumentError(
        "an operator's name is longer than 64 characters");
  }
  const PeerIdentity identity = {PeerKind::kOperator, std::string(cluster_id),
                                 std::string(name)};
  Profile profile;
  profile.plane = Plane::kCluster;
  profile.subject = {std::string(name), kOrganization,
                     std::string(OperatorRoleName(role))};
  profile.names.uri = {ToUri(identity)};
  profile.lifetime = lifetime;
  profile.client_auth = true;
  return profile;
}

absl::StatusOr<Profile> OvnServiceProfile(OvnService service,
                                          const MemberFacts& member,
                                          absl::Duration lifetime) {
  RETURN_IF_ERROR(Check(member));
  RETURN_IF_ERROR(CheckLifetime(lifetime));
  ASSIGN_OR_RETURN(const std::string ip, ParseIpAddress(member.address));
  Profile profile;
  profile.plane = Plane::kOvn;
  profile.subject = {CommonName(member), kOrganization,
                     std::string(OvnServiceName(service))};
  profile.names = {{member.name.text()}, {ip}, {MemberUri(member)}};
  profile.lifetime = lifetime;
  // ovsdb-server dials its Raft peers with the certificate it serves.
  profile.server_auth = true;
  profile.client_auth = true;
  return profile;
}

DistinguishedName CaSubject(Plane plane, const PublicKey& key) {
  return {plane == Plane::kCluster ? "MicroOVN Cluster CA" : "MicroOVN CA",
          kOrganization, key.Fingerprint().substr(0, 16)};
}

}  // namespace microovn::pki
