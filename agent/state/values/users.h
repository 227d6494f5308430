// SPDX-License-Identifier: Apache-2.0
// People with certificates: what the replicated state says of them.
//
// A certificate opens what its user's record says, and nothing without one: the
// CA's signature alone makes nobody a user. Whether its time is over is judged
// by who looks, with the clock that it has. Pure.
#ifndef MICROOVN_AGENT_STATE_VALUES_USERS_H_
#define MICROOVN_AGENT_STATE_VALUES_USERS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/state/values/cluster_state.h"

namespace microovn::agent {

// "viewer", "operator", "admin", as certificates have it in their unit.
std::string UserRoleName(statepb::User::Role role);

// "users/NAME", as the API names it.
std::string UserResource(absl::string_view name);

// Of a CA's certificate as its record has it: User.issuer_sha256.
std::string IssuerDigest(absl::string_view ca_certificate_pem);

enum class UserStanding {
  kValid,
  kExpired,
  kRevoked,
  // The CA that signed its certificate is trusted no more.
  kSuperseded,
};
UserStanding StandingOf(const ClusterState& state, const statepb::User& user,
                        absl::Time now);

// Whether an administrator's certificate is valid at that time; InfinitePast
// leaves its end out of account.
bool HasAdmin(const ClusterState& state, absl::Time now);

// What a certificate says of its holder.
struct ShownUser {
  std::string name;
  // As UserRoleName.
  std::string role;
  std::string spki_sha256;
};

// Whether it is the one that the state knows: USER_REVOKED, or
// CERTIFICATE_NOT_REGISTERED for one that was issued behind the log's back.
// Its dates and its CA are for TLS and the caller's rules.
absl::Status CheckUser(const ClusterState& state, const ShownUser& shown);

// The same of one that has been let in before, by its name and key.
bool HasAccess(const ClusterState& state, absl::string_view name,
               absl::string_view spki_sha256);

// Whether this key (hex SHA-256 of its SPKI) is that of a user who was not
// revoked.
bool IsUserKey(const ClusterState& state, absl::string_view spki_sha256);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_STATE_VALUES_USERS_H_
