// SPDX-License-Identifier: Apache-2.0
// What each kind of certificate looks like, made from registry facts.
//
// Pure: the only input is what the replicated state says about the holder;
// nothing comes from a request.
// Each field of a certificate has one origin, so whoever reads a certificate
// knows which fact was true when it was issued.
#ifndef MICROOVN_PKI_CERTIFICATE_PROFILE_H_
#define MICROOVN_PKI_CERTIFICATE_PROFILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "pki/key/public_key.h"
#include "pki/name/distinguished_name.h"
#include "pki/name/member_name.h"
#include "pki/name/ovn_service.h"

namespace microovn::pki {

// The two authorities. They share no root, so that a certificate of one plane
// opens nothing on the other.
// Thus who steals the key of an OVN daemon has no key to the agents' API.
enum class Plane { kCluster, kOvn };

// "cluster", "ovn".
absl::string_view PlaneName(Plane plane);

// Ten years, as MicroOVN's; rotation replaces the OVN CA at any time.
inline constexpr absl::Duration kCaLifetime = absl::Hours(3650 * 24);
// Of the cluster CA. Its leaves end with it at the latest and nothing renews
// it, so its end would be the end of the cluster.
inline constexpr absl::Duration kClusterCaLifetime = absl::Hours(36500 * 24);
// Two years for OVN's daemons, as MicroOVN's: they reconnect when theirs is
// replaced. A month for members, whose renewal nobody notices.
inline constexpr absl::Duration kOvnServiceLifetime = absl::Hours(730 * 24);
inline constexpr absl::Duration kMemberLifetime = absl::Hours(30 * 24);

// Which keys a certificate may be for.
enum class KeyRule {
  // P-256, P-384 or P-521: what OVS and `openssl ec` take.
  kEc,
  // The one-time key of a join token.
  kEd25519,
};

struct Profile {
  Plane plane = Plane::kCluster;
  DistinguishedName subject;
  AlternativeNames names;
  absl::Duration lifetime;
  bool server_auth = false;
  bool client_auth = false;
  KeyRule key_rule = KeyRule::kEc;
};

struct MemberFacts {
  std::string cluster_id;
  std::string member_id;
  MemberName name;
  // IPv4 or IPv6, without port.
  std::string address;
};

// A role an operator's certificate carries in its OU.
// The OU is trusted as far as the CA is: no request can set it.
enum class OperatorRole { kAdmin, kOperator, kViewer };
absl::string_view OperatorRoleName(OperatorRole role);

// INVALID_ARGUMENT when a fact is not well formed or the lifetime is not
// positive.
absl::StatusOr<Profile> MemberProfile(
    const MemberFacts& member, absl::Duration lifetime = kMemberLifetime);
// For a client only, so a stolen token cannot pose as a member's server.
absl::StatusOr<Profile> JoinerProfile(absl::string_view cluster_id,
                                      absl::string_view token_id,
                                      absl::Duration lifetime);
// For a client only, as a joiner's: a person is no member, whatever its name.
absl::StatusOr<Profile> OperatorProfile(absl::string_view cluster_id,
                                        absl::string_view name,
                                        OperatorRole role,
                                        absl::Duration lifetime);
absl::StatusOr<Profile> OvnServiceProfile(
    OvnService service, const MemberFacts& member,
    absl::Duration lifetime = kOvnServiceLifetime);

// The subject of our own CA of a plane: "MicroOVN Cluster CA", "MicroOVN CA".
// Its unit is the key's: a CA and its successor have different names, because
// servers tell their clients no more of the CAs that they trust.
DistinguishedName CaSubject(Plane plane, const PublicKey& key);

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_CERTIFICATE_PROFILE_H_
