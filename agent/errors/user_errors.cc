// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/user_errors.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/wording.h"
#include "base/text/text.h"

namespace microovn::agent {

absl::Status UserExists(absl::string_view name) {
  return Worded("USER_EXISTS", {{"user", std::string(name)}});
}

absl::Status UserUnknown(absl::string_view name) {
  return Worded("USER_UNKNOWN", {{"user", Shown(name, 80)}});
}

absl::Status UserRevoked(absl::string_view name) {
  return Worded("USER_REVOKED", {{"user", std::string(name)}});
}

absl::Status UserLifetimeInvalid(absl::Duration least, absl::Duration most) {
  return Worded("USER_LIFETIME_INVALID",
                {{"least", absl::FormatDuration(least)},
                 {"most", absl::FormatDuration(most)}});
}

absl::Status TooManyUsers(size_t limit) {
  return Worded("TOO_MANY_USERS", {{"limit", absl::StrCat(limit)}});
}

absl::Status UserKeyTaken() { return Worded("USER_KEY_TAKEN"); }

absl::Status UserInvalid(absl::string_view why) {
  return Worded("USER_INVALID", {{"why", Shown(why, 200)}});
}

absl::Status UserRequestInvalid(absl::string_view why) {
  return Worded("USER_REQUEST_INVALID", {{"why", Shown(why, 200)}});
}

absl::Status NoAdminCertificate() { return Worded("NO_ADMIN_CERTIFICATE"); }

absl::Status AdministeredByCertificate() {
  return Worded("ADMINISTERED_BY_CERTIFICATE");
}

absl::Status UsersNotSupported(const std::vector<std::string>& members) {
  // Both as of a setting that not all know.
  if (members.empty()) {
    return Worded("FEATURE_NOT_SUPPORTED", {{"key", "cluster user"}});
  }
  return Worded(
      "FEATURE_NOT_SUPPORTED",
      {{"key", "cluster user"}, {"members", absl::StrJoin(members, ", ")}});
}

}  // namespace microovn::agent
