// SPDX-License-Identifier: Apache-2.0
#include "agent/errors/token_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/errors/wording.h"
#include "base/text/text.h"

namespace microovn::agent {

absl::Status TokenUnknown() { return Worded("TOKEN_UNKNOWN"); }

absl::Status TokenUsed(absl::string_view member_name) {
  return Worded("TOKEN_USED", {{"member", std::string(member_name)}});
}

absl::Status TokenLocked(absl::string_view member_name) {
  return Worded("TOKEN_LOCKED", {{"member", std::string(member_name)}});
}

absl::Status TokenExpiredAt(absl::string_view member_name, absl::Time at) {
  return Worded(
      "TOKEN_EXPIRED",
      {{"member", std::string(member_name)},
       {"at", absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone())}});
}

absl::Status TokenForOtherMember(absl::string_view token_name,
                                 absl::string_view joiner_name) {
  return Worded("TOKEN_NAME_MISMATCH", {{"token", std::string(token_name)},
                                        {"member", Shown(joiner_name, 80)}});
}

absl::Status TokenLifetimeInvalid(absl::Duration limit) {
  return Worded("TOKEN_LIFETIME_INVALID",
                {{"limit", absl::FormatDuration(limit)}});
}

absl::Status TooManyTokens(size_t limit) {
  return Worded("TOO_MANY_TOKENS", {{"limit", absl::StrCat(limit)}});
}

absl::Status JoinNotSupported(const std::vector<std::string>& members) {
  return Worded("FEATURE_NOT_SUPPORTED",
                {{"lacking", members.empty() ? "microovn upgrade finalize"
                                             : absl::StrJoin(members, ", ")}});
}

}  // namespace microovn::agent
