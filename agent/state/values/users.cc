// SPDX-License-Identifier: Apache-2.0
#include "agent/state/values/users.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "agent/errors/user_errors.h"
#include "base/crypto/digest.h"
#include "base/status/error.h"

namespace microovn::agent {
namespace {

using statepb::User;

// The one in use, and the one that it replaces as long as that is trusted. A
// successor has issued nothing yet.
bool IsTrustedIssuer(const ClusterState& state, const std::string& digest) {
  const statepb::Authority* authority =
      state.authorities.Find(AuthorityKey(statepb::PLANE_CLUSTER));
  if (authority == nullptr) return false;
  return digest == IssuerDigest(authority->certificate_pem()) ||
         (authority->has_other() &&
          digest == IssuerDigest(authority->other().certificate_pem()));
}

}  // namespace

std::string UserRoleName(User::Role role) {
  switch (role) {
    case User::ROLE_VIEWER:
      return "viewer";
    case User::ROLE_OPERATOR:
      return "operator";
    case User::ROLE_ADMIN:
      return "admin";
    default:
      return "unknown";
  }
}

std::string UserResource(absl::string_view name) {
  return absl::StrCat("users/", name);
}

std::string IssuerDigest(absl::string_view ca_certificate_pem) {
  DigestBuilder digest;
  digest.Add(ca_certificate_pem);
  return absl::BytesToHexString(digest.Finish());
}

UserStanding StandingOf(const ClusterState& state, const User& user,
                        absl::Time now) {
  if (user.revoked_seconds() != 0) return UserStanding::kRevoked;
  if (now > absl::FromUnixSeconds(user.not_after_seconds())) {
    return UserStanding::kExpired;
  }
  return IsTrustedIssuer(state, user.issuer_sha256())
             ? UserStanding::kValid
             : UserStanding::kSuperseded;
}

bool HasAdmin(const ClusterState& state, absl::Time now) {
  const auto& users = state.users.records();
  return std::any_of(users.begin(), users.end(), [&](const auto& each) {
    return each.second->role() == User::ROLE_ADMIN &&
           StandingOf(state, *each.second, now) == UserStanding::kValid;
  });
}

absl::Status CheckUser(const ClusterState& state, const ShownUser& shown) {
  const User* user = state.users.Find(shown.name);
  const bool known =
      user != nullptr && user->spki_sha256() == shown.spki_sha256;
  if (known && user->revoked_seconds() != 0) return UserRevoked(shown.name);
  if (known && UserRoleName(user->role()) == shown.role) {
    return absl::OkStatus();
  }
  return MakeError(absl::StatusCode::kUnauthenticated,
                   "the caller's certificate is not registered",
                   {"CERTIFICATE_NOT_REGISTERED",
                    "use the certificate that was issued last for this name"});
}

bool HasAccess(const ClusterState& state, absl::string_view name,
               absl::string_view spki_sha256) {
  const User* user = state.users.Find(name);
  return user != nullptr && user->revoked_seconds() == 0 &&
         user->spki_sha256() == spki_sha256;
}

bool IsUserKey(const ClusterState& state, absl::string_view spki_sha256) {
  const auto& users = state.users.records();
  return std::any_of(users.begin(), users.end(), [&](const auto& each) {
    return each.second->spki_sha256() == spki_sha256 &&
           each.second->revoked_seconds() == 0;
  });
}

}  // namespace microovn::agent
