#include "agent/errors/token_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "agent/errors/shown.h"
#include "base/error.h"

namespace microovn::agent {

using absl::StatusCode;
using absl::StrCat;

namespace {

std::string NewToken(absl::string_view member_name) {
  return StrCat("make a new token on a member: \"microovn cluster add ",
                member_name, "\"");
}

}  // namespace

absl::Status TokenUnknown() {
  return MakeError(StatusCode::kPermissionDenied,
                   "the cluster does not know this join token",
                   {"TOKEN_UNKNOWN", NewToken("NAME"), {}});
}

absl::Status TokenUsed(absl::string_view member_name) {
  return MakeError(
      StatusCode::kPermissionDenied,
      StrCat("the join token for \"", member_name, "\" has been used"),
      {"TOKEN_USED", NewToken(member_name), {}});
}

absl::Status TokenLocked(absl::string_view member_name) {
  return MakeError(StatusCode::kPermissionDenied,
                   StrCat("the join token for \"", member_name,
                          "\" is locked after too many wrong attempts"),
                   {"TOKEN_LOCKED", NewToken(member_name), {}});
}

absl::Status TokenExpiredAt(absl::string_view member_name, absl::Time at) {
  return MakeError(
      StatusCode::kPermissionDenied,
      StrCat("the join token for \"", member_name, "\" expired at ",
             absl::FormatTime(absl::RFC3339_sec, at, absl::UTCTimeZone())),
      {"TOKEN_EXPIRED", NewToken(member_name), {}});
}

absl::Status TokenForOtherMember(absl::string_view token_name,
                                 absl::string_view joiner_name) {
  return MakeError(StatusCode::kPermissionDenied,
                   StrCat("the join token is for \"", token_name,
                          "\", not for \"", Shown(joiner_name), "\""),
                   {"TOKEN_NAME_MISMATCH", NewToken(Shown(joiner_name)), {}});
}

absl::Status TokenLifetimeInvalid(absl::Duration limit) {
  return MakeError(
      StatusCode::kInvalidArgument,
      StrCat("a join token lives from one second to ",
             absl::FormatDuration(limit)),
      {"TOKEN_LIFETIME_INVALID", "choose a lifetime in these bounds", {}});
}

absl::Status TooManyTokens(size_t limit) {
  return MakeError(
      StatusCode::kResourceExhausted,
      StrCat("there are ", limit, " join tokens, which is the limit"),
      {"TOO_MANY_TOKENS", "use, revoke or let expire some of them", {}});
}

}  // namespace microovn::agent
