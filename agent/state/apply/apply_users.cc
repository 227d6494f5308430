// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "agent/errors/cluster_errors.h"
#include "agent/errors/user_errors.h"
#include "agent/state/apply/apply_context.h"
#include "agent/state/apply/certificate_rules.h"
#include "agent/state/apply/validate.h"
#include "agent/state/values/limits.h"
#include "agent/state/values/stamp.h"
#include "agent/state/values/users.h"
#include "base/status/status_macros.h"
#include "google/protobuf/repeated_field.h"

namespace microovn::agent {
namespace {

using statepb::Result;
using statepb::User;

Arguments Of(const User& user) {
  return {{"user", user.name()}, {"role", UserRoleName(user.role())}};
}

absl::Status CheckUserRecord(const User& user) {
  RETURN_IF_ERROR(CheckName(user.name()));
  if (user.name().size() > kMaxUserName) {
    return CommandMalformed("too-long", "user-name");
  }
  if (user.role() < User::ROLE_VIEWER || user.role() > User::ROLE_ADMIN) {
    return CommandMalformed("unknown", "role");
  }
  RETURN_IF_ERROR(CheckSerial(user.serial()));
  RETURN_IF_ERROR(CheckDigest("user-key", user.spki_sha256()));
  RETURN_IF_ERROR(CheckDigest("user-issuer", user.issuer_sha256()));
  if (user.not_after_seconds() <= 0 || user.not_after_seconds() > kMaxSeconds) {
    return CommandMalformed("out-of-range", "user");
  }
  google::protobuf::RepeatedPtrField<std::string> key;
  *key.Add() = user.spki_sha256();
  return CheckMemberCertificate(user.certificate_pem(), key,
                                CertificateReading::kInFull);
}

// A key stands for one holder, and for one that is gone for nobody.
bool IsKeyTaken(const ClusterState& state, const User& user) {
  if (FindMemberByKey(state, user.spki_sha256()) != nullptr) return true;
  for (const auto& [name, other] : state.users.records()) {
    if (other->spki_sha256() == user.spki_sha256()) return true;
  }
  for (const auto& [id, tombstone] : state.tombstones.records()) {
    for (const std::string& key : tombstone->spki_sha256()) {
      if (key == user.spki_sha256()) return true;
    }
  }
  return false;
}

// The one that was revoked first goes. False when nobody was.
bool ForgetRevoked(ClusterState& state) {
  const User* first = nullptr;
  for (const auto& [name, user] : state.users.records()) {
    if (user->revoked_seconds() == 0) continue;
    if (first == nullptr ||
        user->revoked_seconds() < first->revoked_seconds()) {
      first = user.get();
    }
  }
  return first != nullptr && state.users.Erase(first->name());
}

}  // namespace

Applied ApplyAddUser(ApplyContext& context, const statepb::AddUser& body) {
  ClusterState& state = context.state();
  RETURN_IF_ERROR(CheckUserRecord(body.user()));
  const User* known = state.users.Find(body.user().name());
  if (known != nullptr && known->revoked_seconds() == 0 &&
      known->serial() != body.follows_serial()) {
    return UserExists(body.user().name());
  }
  if (IsKeyTaken(state, body.user())) return UserKeyTaken();
  if (known == nullptr && state.users.size() >= kMaxUsers &&
      !ForgetRevoked(state)) {
    return TooManyUsers(kMaxUsers);
  }
  User user = body.user();
  user.set_created_seconds(context.now());
  user.clear_revoked_seconds();
  state.users.Put(user.name(), user);
  context.Record("USER_ADDED", UserResource(user.name()), Of(user));
  Result result;
  *result.mutable_user() = std::move(user);
  return result;
}

Applied ApplyRevokeUser(ApplyContext& context,
                        const statepb::RevokeUser& body) {
  ClusterState& state = context.state();
  const User* known = state.users.Find(body.name());
  if (known == nullptr) return UserUnknown(body.name());
  User user = *known;
  if (user.revoked_seconds() == 0) {
    // Whatever the clock says, it is set: 0 would be none.
    user.set_revoked_seconds(std::max<int64_t>(context.now(), 1));
    state.users.Put(user.name(), user);
    context.Record("USER_REVOKED", UserResource(user.name()), Of(user));
  }
  Result result;
  *result.mutable_user() = std::move(user);
  return result;
}

}  // namespace microovn::agent
