// SPDX-License-Identifier: Apache-2.0
// Matchers for absl::Status and absl::StatusOr, which Abseil 20220623 lacks.
//
//   EXPECT_THAT(store.Open(), IsOk());
//   EXPECT_THAT(Parse("x"), StatusIs(absl::StatusCode::kInvalidArgument));
//   EXPECT_THAT(Join(token), HasReason("TOKEN_EXPIRED"));
#ifndef MICROOVN_BASE_TESTING_STATUS_MATCHERS_H_
#define MICROOVN_BASE_TESTING_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status/error.h"
#include "gmock/gmock.h"

namespace microovn {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

MATCHER_P(StatusIs, code, "has code " + absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message_matcher, "has the code and message") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code &&
         testing::ExplainMatchResult(message_matcher,
                                     std::string(StatusOf(arg).message()),
                                     result_listener);
}

MATCHER_P(HasReason, reason, "has reason " + std::string(reason)) {
  *result_listener << StatusOf(arg) << " with reason "
                   << ReasonOf(StatusOf(arg));
  return ReasonOf(StatusOf(arg)) == reason;
}

MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  return testing::ExplainMatchResult(value_matcher, *arg, result_listener);
}

}  // namespace microovn

#define ASSERT_OK(expression) ASSERT_THAT(expression, ::microovn::IsOk())
#define EXPECT_OK(expression) EXPECT_THAT(expression, ::microovn::IsOk())

#endif  // MICROOVN_BASE_TESTING_STATUS_MATCHERS_H_
