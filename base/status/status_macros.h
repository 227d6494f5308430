// SPDX-License-Identifier: Apache-2.0
// RETURN_IF_ERROR and ASSIGN_OR_RETURN, which Abseil 20220623 lacks.
//
//   RETURN_IF_ERROR(store.Sync());
//   ASSIGN_OR_RETURN(const Certificate certificate, Certificate::Parse(pem));
#ifndef MICROOVN_BASE_STATUS_STATUS_MACROS_H_
#define MICROOVN_BASE_STATUS_STATUS_MACROS_H_

#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define RETURN_IF_ERROR(expression)                                          \
  do {                                                                       \
    absl::Status microovn_status_ = (expression);                            \
    if (ABSL_PREDICT_FALSE(!microovn_status_.ok())) return microovn_status_; \
  } while (false)

#define MICROOVN_CONCAT_INNER_(a, b) a##b
#define MICROOVN_CONCAT_(a, b) MICROOVN_CONCAT_INNER_(a, b)

#define ASSIGN_OR_RETURN(declaration, expression)                          \
  MICROOVN_ASSIGN_OR_RETURN_(MICROOVN_CONCAT_(microovn_result_, __LINE__), \
                             declaration, expression)

// A declaration cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define MICROOVN_ASSIGN_OR_RETURN_(result, declaration, expression)        \
  auto result = (expression);                                              \
  if (ABSL_PREDICT_FALSE(!result.ok())) return std::move(result).status(); \
  declaration = std::move(result).value()
// NOLINTEND(bugprone-macro-parentheses)

#endif  // MICROOVN_BASE_STATUS_STATUS_MACROS_H_
